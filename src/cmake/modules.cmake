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

# FAISS comes as a static library without what it needs.
find_package(OpenMP REQUIRED COMPONENTS CXX)
find_library(FAISS_LIBRARY faiss REQUIRED)
mneme_module(faiss index/module_faiss.cc ${FAISS_LIBRARY} openblas
	OpenMP::OpenMP_CXX)
target_link_options(mneme-faiss PRIVATE -Wl,--exclude-libs,ALL)
