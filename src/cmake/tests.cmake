# tests/test_NAME.c is a cmocka program; tests/NAME.sh a script that gets the
# build folder in MNEME_BUILD and the program in MNEME.  Both are one ctest
# test each, in a scratch folder of their own.
pkg_check_modules(CMOCKA REQUIRED cmocka)
file(GLOB support CONFIGURE_DEPENDS tests/support*.c)
add_library(mneme_support STATIC ${support})
target_include_directories(mneme_support PUBLIC tests src)
target_link_libraries(mneme_support PUBLIC mneme_core ${CMOCKA_LINK_LIBRARIES})

# Programs that tests talk to (the stub provider and such).
file(GLOB programs CONFIGURE_DEPENDS tests/programs/*.c)
foreach(source ${programs})
	get_filename_component(name ${source} NAME_WE)
	add_executable(${name} ${source})
	target_link_libraries(${name} PRIVATE mneme_support)
endforeach()

set(environment
	"MNEME=$<TARGET_FILE:mneme>;MNEME_BUILD=${PROJECT_BINARY_DIR}"
	"MNEME_SOURCE=${PROJECT_SOURCE_DIR}"
	"ASAN_OPTIONS=detect_leaks=1:abort_on_error=1"
	"UBSAN_OPTIONS=print_stacktrace=1"
	"LC_ALL=C.UTF-8" "TZ=UTC")

file(GLOB units CONFIGURE_DEPENDS tests/test_*.c)
foreach(source ${units})
	get_filename_component(name ${source} NAME_WE)
	add_executable(${name} ${source})
	target_link_libraries(${name} PRIVATE mneme_support)
	add_test(NAME ${name} COMMAND ${name}
		WORKING_DIRECTORY ${PROJECT_BINARY_DIR})
	set_tests_properties(${name} PROPERTIES
		ENVIRONMENT "${environment}" TIMEOUT 600)
endforeach()

file(GLOB scripts CONFIGURE_DEPENDS tests/*.sh tests/*.py)
# What prepares tests is no test.
list(FILTER scripts EXCLUDE REGEX "/(fetch|make)_[a-z_]+\\.(sh|py)$")
foreach(script ${scripts})
	get_filename_component(name ${script} NAME_WE)
	add_test(NAME ${name} COMMAND ${script}
		WORKING_DIRECTORY ${PROJECT_BINARY_DIR})
	set_tests_properties(${name} PROPERTIES
		ENVIRONMENT "${environment}" TIMEOUT 900)
endforeach()

# Over 20 seconds on one core.
set(slow test_learn_crash api_schemathesis crash providers faults kill serve serve_kill
	cli_recall escapes secrets own_settings)
foreach(name ${slow})
	set_tests_properties(${name} PROPERTIES LABELS slow)
endforeach()

add_test(NAME layers COMMAND tests/layers WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})

# Every public header compiles alone.
file(GLOB headers CONFIGURE_DEPENDS include/mneme/*.h)
set(alone ${PROJECT_BINARY_DIR}/headers)
file(MAKE_DIRECTORY ${alone})
set(stubs)
foreach(header ${headers})
	get_filename_component(name ${header} NAME_WE)
	file(CONFIGURE OUTPUT ${alone}/${name}.c
		CONTENT "#include \"mneme/${name}.h\"\ntypedef int not_empty;\n" @ONLY)
	list(APPEND stubs ${alone}/${name}.c)
endforeach()
add_library(headers_alone OBJECT ${stubs})
target_include_directories(headers_alone PRIVATE include)
target_link_libraries(headers_alone PRIVATE mneme_flags)

# A library to preload into the program (tests/shim/disk.h).
add_library(disk_shim MODULE tests/shim/disk.c)
set_target_properties(disk_shim PROPERTIES PREFIX "")
target_compile_definitions(disk_shim PRIVATE _GNU_SOURCE)
target_link_libraries(disk_shim PRIVATE ${CMAKE_DL_LIBS})

add_library(clock_shim MODULE tests/shim/clock.c)
set_target_properties(clock_shim PROPERTIES PREFIX "")
target_compile_definitions(clock_shim PRIVATE _GNU_SOURCE)
target_link_libraries(clock_shim PRIVATE ${CMAKE_DL_LIBS})
