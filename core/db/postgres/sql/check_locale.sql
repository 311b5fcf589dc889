-- rehearse: does the server know this locale (codesets are spelled in many ways)
SELECT $1 IN ('C', 'POSIX')
    OR EXISTS (SELECT FROM pg_catalog.pg_database WHERE datcollate = $1)
    OR EXISTS (SELECT FROM pg_catalog.pg_collation
               WHERE pg_catalog.lower(pg_catalog.replace(collcollate, '-', ''))
                   = pg_catalog.lower(pg_catalog.replace($1, '-', '')))
