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
