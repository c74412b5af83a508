install(TARGETS mneme DESTINATION ${CMAKE_INSTALL_BINDIR})

# The manual page is completed from the program's own tables.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(page ${PROJECT_SOURCE_DIR}/man/mneme.1)
set(writer ${PROJECT_SOURCE_DIR}/tests/tools/man_page.py)
add_custom_command(OUTPUT mneme.1
	COMMAND Python3::Interpreter ${writer} $<TARGET_FILE:mneme> ${page}
		> mneme.1.new
	COMMAND ${CMAKE_COMMAND} -E rename mneme.1.new mneme.1
	DEPENDS mneme ${page} ${writer} VERBATIM)
add_custom_target(manual ALL DEPENDS mneme.1)
install(FILES ${PROJECT_BINARY_DIR}/mneme.1
	DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
if(EXISTS ${PROJECT_SOURCE_DIR}/share)
	install(DIRECTORY share/ DESTINATION ${CMAKE_INSTALL_DATADIR}/mneme)
endif()
