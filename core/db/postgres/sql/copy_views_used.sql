-- rehearse: views that the statements ($1) may name and views of these, the innermost first: their
-- options, and whether they have rules, triggers or defaults of their own
WITH RECURSIVE used(oid, depth) AS (
    SELECT c.oid, 0
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'v' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
        AND pg_catalog.strpos(pg_catalog.lower($1), pg_catalog.lower(pg_catalog.replace(c.relname, '"', '""'))) > 0
        AND (pg_catalog.pg_table_is_visible(c.oid)
            OR pg_catalog.strpos(pg_catalog.lower($1), pg_catalog.lower(pg_catalog.replace(n.nspname, '"', '""'))) > 0)
    UNION
    SELECT inner_view.oid, used.depth + 1
    FROM used
    JOIN pg_catalog.pg_rewrite r ON r.ev_class = used.oid
    JOIN pg_catalog.pg_depend d ON d.objid = r.oid
        AND d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
        AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
    JOIN pg_catalog.pg_class inner_view ON inner_view.oid = d.refobjid
    WHERE inner_view.relkind = 'v' AND inner_view.oid <> used.oid AND used.depth < 50)
SELECT c.oid, n.nspname, c.relname, pg_catalog.array_to_string(c.reloptions, ', '),
    EXISTS (SELECT FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid AND r.rulename <> '_RETURN')
        OR EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid)
        OR EXISTS (SELECT FROM pg_catalog.pg_attrdef a WHERE a.adrelid = c.oid)
FROM (SELECT oid, max(depth) AS depth FROM used GROUP BY oid) u
JOIN pg_catalog.pg_class c USING (oid)
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
ORDER BY u.depth DESC, n.nspname, c.relname
