install(TARGETS mneme DESTINATION ${CMAKE_INSTALL_BINDIR})

# The manual pages are completed from the program's own tables.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(writer ${PROJECT_SOURCE_DIR}/tests/tools/man_page.py)
set(pages)
foreach(page mneme.1 mneme-api.7 mneme-memory.7 mneme-reliability.7)
	add_custom_command(OUTPUT ${page}
		COMMAND Python3::Interpreter ${writer} $<TARGET_FILE:mneme>
			${PROJECT_SOURCE_DIR}/man/${page} > ${page}.new
		COMMAND ${CMAKE_COMMAND} -E rename ${page}.new ${page}
		DEPENDS mneme ${PROJECT_SOURCE_DIR}/man/${page} ${writer}
		VERBATIM)
	list(APPEND pages ${page})
	string(REGEX REPLACE ".*\\." "" section ${page})
	install(FILES ${PROJECT_BINARY_DIR}/${page}
		DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()
add_custom_target(manual ALL DEPENDS ${pages})
if(EXISTS ${PROJECT_SOURCE_DIR}/share)
	install(DIRECTORY share/ DESTINATION ${CMAKE_INSTALL_DATADIR}/mneme)
endif()
