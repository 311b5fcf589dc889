# Libraries through pkg-config, each with the version of Debian 12 or older that we tried.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson>=2.13)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1>=0.2.2)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium>=1.0.18)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto>=3.0)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd>=1.4.8)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash>=0.8)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib>=1.2.11)
find_package(BZip2 REQUIRED) # comes without a .pc file
pkg_check_modules(PQ REQUIRED IMPORTED_TARGET libpq>=14)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3>=3.31)

# libpg_query comes without a .pc file. It is optional, and linked statically where it can be: its
# names are those of PostgreSQL's server, which must not leak into the program's dynamic symbols.
find_path(RH_PG_QUERY_INCLUDE pg_query.h)
find_library(RH_PG_QUERY_LIBRARY NAMES libpg_query.a pg_query)
if(RH_PG_QUERY_INCLUDE AND RH_PG_QUERY_LIBRARY)
  add_library(PgQuery::PgQuery UNKNOWN IMPORTED)
  set_target_properties(PgQuery::PgQuery PROPERTIES
    IMPORTED_LOCATION ${RH_PG_QUERY_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${RH_PG_QUERY_INCLUDE}
    INTERFACE_COMPILE_DEFINITIONS RH_HAVE_PG_QUERY
    INTERFACE_LINK_OPTIONS LINKER:--exclude-libs,libpg_query.a)
else()
  message(NOTICE "libpg_query was not found (Debian: libpg-query-dev): fingerprints come from our \
own scanner and are marked so, and places of subqueries are not checked against PostgreSQL's parser")
endif()
if(RH_BUILD_TESTS)
  pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka>=1.1.5)
endif()
