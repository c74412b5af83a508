# Private modules: shared objects of ours around a heavy library, opened by
# plugin_module().  A module's file is src/FOLDER/module_NAME.{c,cc}.
function(mneme_module name source)
	add_library(mneme-${name} MODULE src/${source})
	set_target_properties(mneme-${name} PROPERTIES PREFIX "")
	target_include_directories(mneme-${name} PRIVATE include src)
	target_link_libraries(mneme-${name} PRIVATE mneme_flags ${ARGN})
	add_dependencies(mneme mneme-${name})
	install(TARGETS mneme-${name} DESTINATION ${CMAKE_INSTALL_LIBDIR}/mneme)
endfunction()
