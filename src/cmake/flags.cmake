# One interface target carries every compiler and linker flag of ours.
add_library(mneme_flags INTERFACE)
target_compile_definitions(mneme_flags INTERFACE _GNU_SOURCE)
target_compile_options(mneme_flags INTERFACE
	-Wall -Wextra -Wshadow -Wundef -Wformat=2 -Wvla -Wwrite-strings
	$<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes -Wmissing-prototypes>
	-fno-common -fstack-protector-strong -fstack-clash-protection)
if(MNEME_WERROR)
	target_compile_options(mneme_flags INTERFACE -Werror)
endif()
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|amd64")
	target_compile_options(mneme_flags INTERFACE -fcf-protection)
endif()
if(MNEME_SANITIZE)
	target_compile_options(mneme_flags INTERFACE
		-fsanitize=${MNEME_SANITIZE} -fno-omit-frame-pointer)
	target_link_options(mneme_flags INTERFACE -fsanitize=${MNEME_SANITIZE})
	# What has no value yet has a bad one, so that its use is seen.
	include(CheckCCompilerFlag)
	check_c_compiler_flag(-ftrivial-auto-var-init=pattern MNEME_HAS_PATTERN)
	if(MNEME_HAS_PATTERN)
		target_compile_options(mneme_flags INTERFACE
			-ftrivial-auto-var-init=pattern)
	endif()
	if(MNEME_SANITIZE MATCHES "thread")
		# Every program of the build knows the options, also one that
		# a test starts with an environment of its own.
		target_sources(mneme_flags INTERFACE
			${PROJECT_SOURCE_DIR}/tests/tsan.c)
		set_source_files_properties(tests/tsan.c PROPERTIES
			COMPILE_DEFINITIONS
			"TSAN_REPORTS=\"${PROJECT_BINARY_DIR}/tsan\";TSAN_SUPPRESSIONS=\"${PROJECT_SOURCE_DIR}/tests/tsan.suppressions\"")
	endif()
	if(MNEME_SANITIZE MATCHES "undefined")
		target_compile_options(mneme_flags INTERFACE
			-fno-sanitize-recover=undefined)
	endif()
else()
	target_compile_definitions(mneme_flags INTERFACE
		$<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=3>)
endif()
if(MNEME_COVERAGE)
	target_compile_options(mneme_flags INTERFACE --coverage)
	target_link_options(mneme_flags INTERFACE --coverage)
endif()
target_link_options(mneme_flags INTERFACE -Wl,-z,relro,-z,now -Wl,--as-needed)
