# rh_add_folders(name ...): add_subdirectory() for those that have a CMakeLists.txt by now, so that
# a feature folder that is still to come does not stop the build.
function(rh_add_folders)
  foreach(folder IN LISTS ARGN)
    if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/CMakeLists.txt)
      add_subdirectory(${folder})
    endif()
  endforeach()
endfunction()

# rh_flags(target): C11, hidden visibility, warnings, sanitizers, coverage. Per target, never global.
function(rh_flags target)
  target_compile_definitions(${target} PRIVATE _POSIX_C_SOURCE=200809L)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual
    -Wformat=2 -Wvla -Wundef -Wwrite-strings -Wpointer-arith -fno-common -fvisibility=hidden)
  if(CMAKE_C_COMPILER_ID MATCHES Clang)
    # Two of clang's own that only ever met assert(!"text") and long SQL literals in arrays.
    target_compile_options(${target} PRIVATE -Wno-string-conversion -Wno-string-concatenation)
  endif()
  if(RH_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(RH_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${RH_SANITIZE} -fno-sanitize-recover=all
      -fno-omit-frame-pointer)
    target_link_options(${target} PRIVATE -fsanitize=${RH_SANITIZE})
  endif()
  if(RH_FUZZ)
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
  if(RH_COVERAGE)
    target_compile_options(${target} PRIVATE --coverage)
    target_link_options(${target} PRIVATE --coverage)
  endif()
endfunction()

# rh_present_sources(variable): drop listed sources that are still to be written, and say so; the
# glob makes the build configure itself again when one appears.
function(rh_present_sources variable)
  set(present)
  set(missing)
  foreach(source IN LISTS ${variable})
    cmake_path(ABSOLUTE_PATH source OUTPUT_VARIABLE path)
    file(GLOB found CONFIGURE_DEPENDS ${path})
    get_source_file_property(generated ${path} GENERATED)
    if(found OR generated)
      list(APPEND present ${source})
    else()
      list(APPEND missing ${source})
    endif()
  endforeach()
  if(missing)
    list(JOIN missing " " missing)
    if(RH_COMPLETE)
      message(FATAL_ERROR "${CMAKE_CURRENT_SOURCE_DIR}: listed but missing: ${missing}")
    endif()
    message(NOTICE "${CMAKE_CURRENT_SOURCE_DIR}: built without what is still missing: ${missing}")
  endif()
  set(${variable} ${present} PARENT_SCOPE)
endfunction()

# rh_module(name SOURCES ... DEPENDS ... EXTERNAL ...)
# DEPENDS is the whole dependency rule: a folder sees its own files, its own include/, and the
# include/ of the folders listed there (paths from the root), nothing else. The target is
# rh_<name>, an OBJECT library; RH_MODULES collects all of them for the installed library.
# RH_EXTERNAL on the target names what a program made of its objects has to link.
function(rh_module name)
  cmake_parse_arguments(M "" "" "SOURCES;DEPENDS;EXTERNAL" ${ARGN})
  set(t rh_${name})
  rh_present_sources(M_SOURCES)
  if(NOT M_SOURCES)
    return()
  endif()
  add_library(${t} OBJECT ${M_SOURCES})
  target_include_directories(${t} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/include
                                  PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  foreach(d IN LISTS M_DEPENDS)
    target_include_directories(${t} PUBLIC ${PROJECT_SOURCE_DIR}/${d}/include)
  endforeach()
  target_link_libraries(${t} PUBLIC PkgConfig::JANSSON PRIVATE ${M_EXTERNAL})
  rh_flags(${t})
  set_property(TARGET ${t} PROPERTY RH_EXTERNAL PkgConfig::JANSSON ${M_EXTERNAL})
  set_property(GLOBAL APPEND PROPERTY RH_MODULES ${t})
  set_property(GLOBAL APPEND PROPERTY RH_EXTERNALS PkgConfig::JANSSON ${M_EXTERNAL})
endfunction()

# rh_link_modules(target module ...): put the objects of the modules (without the rh_ prefix) into
# the target, with their headers, the private ones too when PRIVATE_HEADERS comes first.
function(rh_link_modules target)
  cmake_parse_arguments(L "PRIVATE_HEADERS" "" "" ${ARGN})
  foreach(module IN LISTS L_UNPARSED_ARGUMENTS)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:rh_${module}>)
    target_include_directories(${target} PRIVATE
      $<TARGET_PROPERTY:rh_${module},INTERFACE_INCLUDE_DIRECTORIES>)
    if(L_PRIVATE_HEADERS)
      get_target_property(folder rh_${module} SOURCE_DIR)
      target_include_directories(${target} PRIVATE ${folder})
    endif()
    get_target_property(external rh_${module} RH_EXTERNAL)
    target_link_libraries(${target} PRIVATE ${external})
  endforeach()
endfunction()

# rh_program(target OUTPUT name SOURCES ... DEPENDS ... EXTERNAL ...)
# A program out of its own sources and the objects of every module known so far. It takes the
# objects, never the shared library: that one exports the installed API only (hidden visibility),
# while the program needs core as well. So one file runs from any prefix and needs no run path.
function(rh_program target)
  cmake_parse_arguments(P "" "OUTPUT" "SOURCES;DEPENDS;EXTERNAL" ${ARGN})
  add_executable(${target} ${P_SOURCES})
  get_property(modules GLOBAL PROPERTY RH_MODULES)
  get_property(externals GLOBAL PROPERTY RH_EXTERNALS)
  list(REMOVE_DUPLICATES externals)
  foreach(module IN LISTS modules)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${module}>)
  endforeach()
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  foreach(d IN LISTS P_DEPENDS)
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/${d}/include)
  endforeach()
  target_link_libraries(${target} PRIVATE ${externals} ${P_EXTERNAL})
  rh_flags(${target})
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME ${P_OUTPUT}
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  set_property(GLOBAL APPEND PROPERTY RH_PROGRAMS ${target})
endfunction()
