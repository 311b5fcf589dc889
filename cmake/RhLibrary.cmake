# The installed library, out of the objects of every module. BUILD_SHARED_LIBS decides its kind; the
# shared one exports what the public headers mark with RH_API and nothing else.
get_property(modules GLOBAL PROPERTY RH_MODULES)
get_property(externals GLOBAL PROPERTY RH_EXTERNALS)
list(REMOVE_DUPLICATES externals)
if(NOT modules)
  return()
endif()

add_library(rehearse)
set_target_properties(rehearse PROPERTIES
  VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}
  LINKER_LANGUAGE C
  ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib
  LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
foreach(module IN LISTS modules)
  target_sources(rehearse PRIVATE $<TARGET_OBJECTS:${module}>)
endforeach()
target_link_libraries(rehearse PRIVATE ${externals})
rh_flags(rehearse)
