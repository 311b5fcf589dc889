# What `cmake --install` puts where. Only include/rehearse leaves the tree: include/core is ours.
get_property(modules GLOBAL PROPERTY RH_MODULES)
get_property(programs GLOBAL PROPERTY RH_PROGRAMS)
if(NOT TARGET rehearse)
  return()
endif()

install(TARGETS rehearse ${programs}
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})

foreach(module IN LISTS modules)
  get_target_property(folder ${module} SOURCE_DIR)
  if(EXISTS ${folder}/include/rehearse)
    install(DIRECTORY ${folder}/include/rehearse DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
      FILES_MATCHING PATTERN "*.h")
  endif()
endforeach()

file(GLOB man_pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/man/*.[1-8])
foreach(page IN LISTS man_pages)
  string(REGEX REPLACE ".*\\." "" section ${page})
  install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()

# The .pc file finds its prefix from its own place, so the prefix may also be given at install time.
# A static library drags its dependencies into every link; a shared one keeps them to itself.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_INCLUDEDIR
  BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig OUTPUT_VARIABLE RH_PC_INCLUDEDIR)
if(BUILD_SHARED_LIBS)
  set(RH_PC_REQUIRES Requires.private)
  set(RH_PC_THREADS "")
else()
  set(RH_PC_REQUIRES Requires)
  set(RH_PC_THREADS " -lpthread -lbz2")
  if(TARGET PgQuery::PgQuery)
    string(APPEND RH_PC_THREADS " -lpg_query")
  endif()
endif()
configure_file(${PROJECT_SOURCE_DIR}/cmake/rehearse.pc.in ${PROJECT_BINARY_DIR}/rehearse.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/rehearse.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
