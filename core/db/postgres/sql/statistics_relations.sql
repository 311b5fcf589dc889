-- rehearse: sizes that the planner uses, per table and index
SELECT pg_catalog.json_build_object(
    'kind', 'relation', 'schema', n.nspname, 'name', c.relname, 'relkind', c.relkind,
    'table', (SELECT t.relname FROM pg_catalog.pg_index i
              JOIN pg_catalog.pg_class t ON t.oid = i.indrelid WHERE i.indexrelid = c.oid),
    'relpages', c.relpages, 'reltuples', c.reltuples, 'relallvisible', c.relallvisible)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm', 'i', 'I') AND c.relpersistence <> 't'
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
