-- rehearse: tables whose rows are copied
SELECT c.oid, n.nspname, c.relname, c.relpersistence, greatest(c.reltuples, 0)::bigint,
    pg_catalog.pg_relation_size(c.oid),
    CASE WHEN c.reltoastrelid = 0 THEN 0
         ELSE coalesce(pg_catalog.pg_relation_size(c.reltoastrelid), 0) END,
    coalesce(pg_catalog.pg_indexes_size(c.oid), 0),
    coalesce(am.amname, 'heap') = 'heap',
    e.extname,
    (SELECT e.extcondition[i] FROM pg_catalog.generate_subscripts(e.extconfig, 1) i
     WHERE e.extconfig[i] = c.oid),
    pg_catalog.current_setting('block_size')
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam
LEFT JOIN pg_catalog.pg_depend d
    ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
    AND d.objsubid = 0 AND d.deptype = 'e'
LEFT JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
WHERE c.relkind = 'r' AND c.relpersistence <> 't'
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND (e.oid IS NULL OR c.oid = ANY (e.extconfig))
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
