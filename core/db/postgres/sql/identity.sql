-- rehearse: which instance is this
SELECT pg_catalog.pg_is_in_recovery()::text || ' ' || d.oid::text || ' '
    || extract(epoch FROM pg_catalog.pg_postmaster_start_time())::text
FROM pg_catalog.pg_database d
WHERE d.datname = pg_catalog.current_database()
