-- rehearse: row counts that ANALYZE overwrites in place, outside of its transaction
SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
    'oid', c.oid::int8, 'relpages', c.relpages, 'reltuples', c.reltuples,
    'relallvisible', c.relallvisible))
FROM pg_catalog.pg_class c
WHERE c.relkind IN ('r', 'p', 'm', 'i', 'I') AND c.relpersistence <> 't' AND c.oid >= 16384
