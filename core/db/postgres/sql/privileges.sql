-- rehearse: rights that a complete copy needs and the role lacks
WITH rel AS (
    SELECT c.oid, c.relkind, n.oid AS nsp, n.nspname, c.relname
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_depend d
        ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
        AND d.objsubid = 0 AND d.deptype = 'e'
    LEFT JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
    WHERE c.relkind IN ('r', 'p', 'S') AND c.relpersistence <> 't'
        AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND (e.oid IS NULL OR c.oid = ANY (e.extconfig))
), me AS (
    SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user
)
SELECT 'schema' AS what, nspname, '' AS name, 'USAGE' AS lacking
FROM (SELECT DISTINCT nsp, nspname FROM rel) s
WHERE NOT pg_catalog.has_schema_privilege(nsp, 'USAGE')
UNION ALL
SELECT 'table', nspname, relname, 'SELECT' FROM rel
WHERE CASE WHEN relkind <> 'S' THEN NOT pg_catalog.has_table_privilege(oid, 'SELECT') END
UNION ALL
SELECT 'sequence', nspname, relname, 'SELECT' FROM rel
WHERE CASE relkind WHEN 'S' THEN NOT pg_catalog.has_sequence_privilege(oid, 'SELECT') END
UNION ALL
SELECT 'rows', nspname, relname, 'BYPASSRLS' FROM rel
WHERE relkind <> 'S' AND pg_catalog.row_security_active(oid)
UNION ALL
SELECT 'large object', '', m.oid::text, 'SELECT'
FROM pg_catalog.pg_largeobject_metadata m, me
WHERE NOT me.rolsuper AND pg_catalog.current_setting('lo_compat_privileges') <> 'on'
    AND NOT EXISTS (
        SELECT FROM pg_catalog.aclexplode(
            coalesce(m.lomacl, pg_catalog.acldefault('L', m.lomowner))) a
        WHERE a.privilege_type = 'SELECT'
            AND CASE WHEN a.grantee = 0 THEN true
                     ELSE pg_catalog.pg_has_role(a.grantee, 'USAGE') END)
UNION ALL
SELECT 'function', 'pg_catalog', p.oid::pg_catalog.regprocedure::text, 'EXECUTE'
FROM pg_catalog.pg_proc p
WHERE p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace
    AND p.proname IN ('pg_export_snapshot', 'lo_get', 'pg_relation_size', 'pg_indexes_size')
    AND NOT pg_catalog.has_function_privilege(p.oid, 'EXECUTE')
ORDER BY 1 DESC, 2, 3
