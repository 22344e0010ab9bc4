# How every target of the house is built.

find_program(OCHE_CCACHE ccache)
if(OCHE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${OCHE_CCACHE})
endif()

# Flags that every translation unit shares. -ffp-contract=off is a matter of correctness, not of
# taste: what is fused is written out (docs/decisions/0001-numerics.md).
add_library(oche_flags INTERFACE)
target_include_directories(oche_flags INTERFACE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
target_compile_options(oche_flags INTERFACE
  -ffp-contract=off -fno-fast-math -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  -Wcast-qual -Wimplicit-fallthrough)
option(OCHE_WERROR "Warnings are errors" ON)
if(OCHE_WERROR)
  target_compile_options(oche_flags INTERFACE -Werror)
endif()
if(OCHE_SANITIZE)
  target_compile_options(oche_flags INTERFACE -fsanitize=${OCHE_SANITIZE} -fno-sanitize-recover=all
                         -fno-omit-frame-pointer)
  target_link_options(oche_flags INTERFACE -fsanitize=${OCHE_SANITIZE})
endif()
# Asio 1.22 doesn't recognize the coroutines of clang with libstdc++.
target_compile_definitions(oche_flags INTERFACE
  $<$<CXX_COMPILER_ID:Clang>:ASIO_HAS_CO_AWAIT=1>
  $<$<CXX_COMPILER_ID:Clang>:ASIO_HAS_STD_COROUTINE=1>)
# With clang, libstdc++ 12's own std::stable_sort uses what it declares deprecated.
target_compile_options(oche_flags INTERFACE
  $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>)
# Clang's limit for a constant expression is a thirtieth of g++'s; tables are computed in some.
target_compile_options(oche_flags INTERFACE
  $<$<CXX_COMPILER_ID:Clang>:-fconstexpr-steps=33554432>)
# g++ 12 takes string concatenations that it inlined for overlapping copies (GCC bug 105329).
target_compile_options(oche_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  # There g++ 12 takes a growing vector's copy for one beyond its end.
  target_compile_options(oche_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow>)
endif()
# A library of which nothing is used must not cost the start of the program.
target_link_options(oche_flags INTERFACE -Wl,--as-needed)
# A float must never be computed in extended precision, whatever the default of the compiler.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  target_compile_options(oche_flags INTERFACE -mfpmath=sse)
endif()

# oche_folder(<name> [DEPS <targets>…] [TEST_DEPS <targets>…] [EXTRA <sources>…])
# The static library oche_<name> from this folder's *.cc, and, where there are *_test.cc files,
# the program <name>_test, run by ctest under the label "unit".
function(oche_folder name)
  cmake_parse_arguments(ARG "" "" "DEPS;TEST_DEPS;EXTRA" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  if(sources OR ARG_EXTRA)
    add_library(oche_${name} STATIC ${sources} ${ARG_EXTRA})
    target_link_libraries(oche_${name} PUBLIC oche_flags ${ARG_DEPS})
  else()
    add_library(oche_${name} INTERFACE)
    target_link_libraries(oche_${name} INTERFACE oche_flags ${ARG_DEPS})
  endif()
  if(tests AND OCHE_TESTS AND NOT OCHE_PURE_ONLY)
    oche_test(${name}_test SOURCES ${tests} DEPS oche_${name} ${ARG_TEST_DEPS} LABELS unit)
  endif()
endfunction()

# oche_test(<name> SOURCES … DEPS … LABELS … [ARGS …]): a GoogleTest program and its ctest entry.
function(oche_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPS;LABELS;ARGS" ${ARGN})
  find_package(GTest REQUIRED)
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} oche_flags GTest::gmock GTest::gtest GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE OCHE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  add_test(NAME ${name} COMMAND ${name} ${ARG_ARGS})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 600)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT}
                       ENVIRONMENT OCHE_HOME=${CMAKE_BINARY_DIR}/tests/home_of_${name})
endfunction()

# oche_script_test(<name> SCRIPT <file.py> [ARGS …] LABELS … [TIMEOUT <s>] [SERIAL]): a Python script
# of this folder as a test; it needs nothing but the standard library. SERIAL: nothing runs beside it.
function(oche_script_test name)
  cmake_parse_arguments(ARG "SERIAL" "SCRIPT;TIMEOUT" "ARGS;LABELS" ${ARGN})
  add_test(NAME ${name}
           COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_SCRIPT} ${ARG_ARGS})
  oche_script_properties(${name})
endfunction()

# oche_pytest(<name> FILES <test_….py …> LABELS … [TIMEOUT <s>] [SERIAL]): pytest on files of this
# folder. They find the program under test in the environment variable OCHE, and the program its
# keys in a folder of the test's own.
function(oche_pytest name)
  cmake_parse_arguments(ARG "SERIAL" "TIMEOUT" "FILES;LABELS" ${ARGN})
  list(TRANSFORM ARG_FILES PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  # Where the program has sanitizers in it, it is some ten times slower.
  set(slowness 1)
  if(OCHE_SANITIZE)
    set(slowness 10)
  endif()
  add_test(NAME ${name}
           COMMAND ${CMAKE_COMMAND} -E env OCHE=$<TARGET_FILE:oche> OCHE_SLOWNESS=${slowness}
                   OCHE_HOME=${CMAKE_BINARY_DIR}/tests/home_of_${name}
                   PYTHONDONTWRITEBYTECODE=1
                   ${Python3_EXECUTABLE} -m pytest -q -p no:cacheprovider ${ARG_FILES})
  oche_script_properties(${name})
endfunction()

macro(oche_script_properties name)
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 600)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT}
                       RUN_SERIAL "${ARG_SERIAL}")
endmacro()
