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
# So is the example of a configuration file.
set(lister ${PROJECT_SOURCE_DIR}/tests/tools/example_settings.py)
add_custom_command(OUTPUT config.example
	COMMAND Python3::Interpreter ${lister} $<TARGET_FILE:mneme>
		> config.example.new
	COMMAND ${CMAKE_COMMAND} -E rename config.example.new config.example
	DEPENDS mneme ${lister} ${writer}
	VERBATIM)
add_custom_target(manual ALL DEPENDS ${pages} config.example)
install(DIRECTORY share/ DESTINATION ${CMAKE_INSTALL_DATADIR}/mneme)
install(FILES ${PROJECT_BINARY_DIR}/config.example
	DESTINATION ${CMAKE_INSTALL_DATADIR}/mneme)
