-- rehearse: full scans of users' tables, and their rows, that this session has counted and not yet
-- handed on; within a transaction they only grow, whoever scans: statement, trigger or function
SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
    'oid', c.oid::pg_catalog.int8, 'schema', n.nspname, 'table', c.relname,
    'scans', pg_catalog.pg_stat_get_xact_numscans(c.oid),
    'rows', pg_catalog.pg_stat_get_xact_tuples_returned(c.oid)) ORDER BY n.nspname, c.relname)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND c.oid >= 16384
    AND pg_catalog.pg_stat_get_xact_numscans(c.oid) > 0
