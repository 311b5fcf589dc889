-- rehearse: sequences whose state is copied
-- and the columns that each feeds: by ownership (serial, identity), by a default
SELECT n.nspname, c.relname, (
    SELECT pg_catalog.json_agg(DISTINCT pg_catalog.jsonb_build_object(
        'schema', fn.nspname, 'table', f.relname, 'column', a.attname))
    FROM (
        SELECT o.refobjid, o.refobjsubid
        FROM pg_catalog.pg_depend o
        WHERE o.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND o.objid = c.oid
            AND o.refclassid = o.classid AND o.refobjsubid > 0 AND o.deptype IN ('a', 'i')
        UNION
        SELECT v.adrelid, v.adnum
        FROM pg_catalog.pg_depend o
        JOIN pg_catalog.pg_attrdef v ON v.oid = o.objid
        WHERE o.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
            AND o.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND o.refobjid = c.oid
    ) fed (relid, num)
    JOIN pg_catalog.pg_class f ON f.oid = fed.relid
    JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = fed.relid AND a.attnum = fed.num)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_depend d
    ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
    AND d.objsubid = 0 AND d.deptype = 'e'
LEFT JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
WHERE c.relkind = 'S' AND c.relpersistence <> 't'
    AND (c.relpersistence = 'p' OR NOT pg_catalog.pg_is_in_recovery())
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND (e.oid IS NULL OR c.oid = ANY (e.extconfig))
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
