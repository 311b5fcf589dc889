# The switches that the presets set. Nothing here touches global flags: see rh_flags().
option(RH_BUILD_TESTS "Build the tests" ON)
option(RH_BUILD_BENCH "Build the benchmark helpers" ON)
option(RH_WERROR "Warnings are errors" ON)
option(RH_COMPLETE "A listed source that does not exist is an error (the presets say so)" OFF)
option(RH_COVERAGE "Instrument for coverage" OFF)
option(RH_FUZZ "Build libFuzzer targets (clang)" OFF)
set(RH_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, e.g. address,undefined or thread")

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
