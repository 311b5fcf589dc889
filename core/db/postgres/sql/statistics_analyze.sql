-- rehearse: what to analyze: tables before their partitioned parents, nothing with foreign parts
SELECT n.nspname, c.relname, c.relkind = 'p',
    CASE WHEN c.relkind = 'p' THEN 0 ELSE pg_catalog.pg_relation_size(c.oid) END,
    EXISTS (SELECT FROM pg_catalog.pg_statistic_ext e WHERE e.stxrelid = c.oid)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm', 'p') AND c.relpersistence <> 't'
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND CASE WHEN c.relkind = 'p' THEN NOT EXISTS (
            SELECT FROM pg_catalog.pg_partition_tree(c.oid) t
            JOIN pg_catalog.pg_class f ON f.oid = t.relid WHERE f.relkind = 'f')
        WHEN c.relkind = 'm' THEN c.relispopulated
        ELSE NOT EXISTS (
            SELECT FROM pg_catalog.pg_inherits i
            JOIN pg_catalog.pg_class f ON f.oid = i.inhrelid
            WHERE i.inhparent = c.oid AND f.relkind = 'f') END
ORDER BY 3, 4 DESC
