# tests/fuzz/fuzz_NAME.c defines LLVMFuzzerTestOneInput.  With MNEME_FUZZ it is
# linked with libFuzzer; otherwise with a driver that replays the corpus in
# tests/fuzz/corpus/NAME, as one ctest test.
file(GLOB targets CONFIGURE_DEPENDS tests/fuzz/fuzz_*.c)
foreach(source ${targets})
	get_filename_component(name ${source} NAME_WE)
	string(REPLACE "fuzz_" "" short ${name})
	if(MNEME_FUZZ)
		add_executable(${name} ${source})
		target_link_options(${name} PRIVATE -fsanitize=fuzzer)
		target_link_libraries(${name} PRIVATE mneme_core)
	else()
		add_executable(${name} ${source} tests/fuzz/replay.c)
		target_link_libraries(${name} PRIVATE mneme_core)
		add_test(NAME ${name} COMMAND ${name}
			${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${short})
	endif()
	target_include_directories(${name} PRIVATE src tests)
endforeach()
if(MNEME_FUZZ)
	# What a target expects it says with assert(), which an optimised build
	# would leave out.
	target_compile_options(mneme_flags INTERFACE
		-fsanitize=fuzzer-no-link -UNDEBUG)
	target_link_options(mneme_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
