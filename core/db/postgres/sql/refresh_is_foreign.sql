-- rehearse: does a materialized view read a foreign table, by whatever views
WITH RECURSIVE part (oid) AS (
    SELECT pg_catalog.format('%I.%I', $1::text, $2::text)::pg_catalog.regclass::oid
    UNION
    SELECT n.oid FROM part p, LATERAL (
        SELECT d.refobjid AS oid FROM pg_catalog.pg_rewrite r
        JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
            AND d.objid = r.oid AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
        WHERE r.ev_class = p.oid
        UNION ALL
        SELECT i.inhrelid FROM pg_catalog.pg_inherits i WHERE i.inhparent = p.oid) n
)
SELECT EXISTS (SELECT FROM part p JOIN pg_catalog.pg_class c ON c.oid = p.oid
               WHERE c.relkind = 'f')
