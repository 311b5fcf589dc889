# rh_flags(target): C11, hidden visibility, warnings, sanitizers, coverage. Per target, never global.
function(rh_flags target)
  target_compile_definitions(${target} PRIVATE _POSIX_C_SOURCE=200809L)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual
    -Wformat=2 -Wvla -Wundef -Wwrite-strings -Wpointer-arith -fno-common -fvisibility=hidden)
  if(RH_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(RH_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${RH_SANITIZE} -fno-sanitize-recover=all
      -fno-omit-frame-pointer)
    target_link_options(${target} PRIVATE -fsanitize=${RH_SANITIZE})
  endif()
  if(RH_COVERAGE)
    target_compile_options(${target} PRIVATE --coverage)
    target_link_options(${target} PRIVATE --coverage)
  endif()
endfunction()

# rh_module(name SOURCES ... DEPENDS ... EXTERNAL ...)
# DEPENDS is the whole dependency rule: a folder sees its own files, its own include/, and the
# include/ of the folders listed there (paths from the root), nothing else. The target is
# rh_<name>, an OBJECT library; rh_objects collects all of them for the installed library.
function(rh_module name)
  cmake_parse_arguments(M "" "" "SOURCES;DEPENDS;EXTERNAL" ${ARGN})
  set(t rh_${name})
  add_library(${t} OBJECT ${M_SOURCES})
  target_include_directories(${t} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/include
                                  PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  foreach(d IN LISTS M_DEPENDS)
    target_include_directories(${t} PUBLIC ${PROJECT_SOURCE_DIR}/${d}/include)
  endforeach()
  target_link_libraries(${t} PUBLIC PkgConfig::JANSSON PRIVATE ${M_EXTERNAL})
  rh_flags(${t})
  set_property(GLOBAL APPEND PROPERTY RH_MODULES ${t})
  set_property(GLOBAL APPEND PROPERTY RH_EXTERNALS ${M_EXTERNAL})
endfunction()
