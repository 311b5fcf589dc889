# rh_embed_sql(OUTPUT file.c HEADER header.h PREFIX rh_pg_sql_ SOURCES sql/a.sql ...)
# One C file with the text of each source as `const char <prefix><name>[]`, NUL-terminated, made at
# build time by cmake itself. The header, written by hand, declares the arrays. Comment lines of the
# SQL stay in: they show up in the server's log beside the query.
set(RH_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

function(rh_embed_sql)
  cmake_parse_arguments(E "" "OUTPUT;HEADER;PREFIX" "SOURCES" ${ARGN})
  set(paths)
  foreach(source IN LISTS E_SOURCES)
    cmake_path(ABSOLUTE_PATH source OUTPUT_VARIABLE path)
    list(APPEND paths ${path})
  endforeach()
  string(REPLACE ";" "|" joined "${paths}")
  add_custom_command(OUTPUT ${E_OUTPUT}
    COMMAND ${CMAKE_COMMAND} -DRH_EMBED_OUTPUT=${E_OUTPUT} -DRH_EMBED_HEADER=${E_HEADER}
      -DRH_EMBED_PREFIX=${E_PREFIX} "-DRH_EMBED_SOURCES=${joined}" -P ${RH_EMBED_SCRIPT}
    DEPENDS ${paths} ${RH_EMBED_SCRIPT}
    COMMENT "Embedding SQL into ${E_OUTPUT}"
    VERBATIM)
  set_source_files_properties(${E_OUTPUT} PROPERTIES GENERATED TRUE)
endfunction()

# As a script: hexadecimal is the one form that no quoting rule of C or CMake can spoil.
if(CMAKE_SCRIPT_MODE_FILE AND RH_EMBED_OUTPUT)
  set(text "#include \"${RH_EMBED_HEADER}\"\n")
  string(REPLACE "|" ";" sources "${RH_EMBED_SOURCES}")
  foreach(source IN LISTS sources)
    cmake_path(GET source STEM name)
    file(READ ${source} hex HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1, " bytes "${hex}")
    string(APPEND text "\nconst char ${RH_EMBED_PREFIX}${name}[] = {${bytes}0x00};\n")
  endforeach()
  file(WRITE ${RH_EMBED_OUTPUT} "${text}")
endif()
