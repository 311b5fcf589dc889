-- rehearse: what a logical copy leaves behind
SELECT
    (SELECT count(*) FROM pg_catalog.pg_foreign_table),
    (SELECT count(*) FROM pg_catalog.pg_class c
     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'S') AND c.relpersistence = 'u' AND n.nspname !~ '^pg_'),
    (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user),
    pg_catalog.pg_is_in_recovery(),
    (SELECT count(*) FROM pg_catalog.pg_prepared_xacts
     WHERE database = pg_catalog.current_database())
