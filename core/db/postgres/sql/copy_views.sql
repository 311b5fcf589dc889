-- rehearse: views without a copy through which a statement ($3) may read a table ($1, $2), one of another included
WITH RECURSIVE readers(oid) AS (
    SELECT c.oid
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relname = $2
    UNION
    SELECT r.ev_class
    FROM readers
    JOIN pg_catalog.pg_depend d ON d.refobjid = readers.oid
        AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
        AND d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
    JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid)
SELECT pg_catalog.string_agg(pg_catalog.format('''%s.%s''', n.nspname, c.relname), ', ' ORDER BY n.nspname, c.relname)
FROM readers
JOIN pg_catalog.pg_class c USING (oid)
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'v' AND NOT EXISTS (SELECT FROM pg_catalog.pg_class t WHERE t.relnamespace = pg_catalog.pg_my_temp_schema() AND t.relname = c.relname)
    AND pg_catalog.strpos(pg_catalog.lower($3), pg_catalog.lower(pg_catalog.replace(c.relname, '"', '""'))) > 0
