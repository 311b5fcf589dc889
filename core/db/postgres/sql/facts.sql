-- rehearse: the source object of the manifest
WITH planner AS (
    SELECT name FROM pg_catalog.pg_settings
    WHERE category LIKE 'Query Tuning%'
        OR name IN ('work_mem', 'hash_mem_multiplier', 'temp_buffers', 'shared_buffers',
            'effective_io_concurrency', 'default_statistics_target', 'jit', 'jit_above_cost',
            'jit_inline_above_cost', 'jit_optimize_above_cost', 'plan_cache_mode',
            'constraint_exclusion', 'max_parallel_workers', 'max_parallel_workers_per_gather',
            'max_worker_processes', 'parallel_leader_participation', 'from_collapse_limit',
            'join_collapse_limit', 'block_size', 'maintenance_work_mem')
), setting AS (
    SELECT s.setrole, pg_catalog.split_part(u, '=', 1) AS name,
        pg_catalog.substr(u, pg_catalog.strpos(u, '=') + 1) AS value
    FROM pg_catalog.pg_db_role_setting s, LATERAL pg_catalog.unnest(s.setconfig) u
    WHERE s.setdatabase IN (0, (SELECT oid FROM pg_catalog.pg_database
                                WHERE datname = pg_catalog.current_database()))
        AND (s.setdatabase <> 0 OR s.setrole <> 0)
), used AS (
    SELECT s.refobjid AS oid, s.deptype FROM pg_catalog.pg_shdepend s
    LEFT JOIN pg_catalog.pg_depend e
        ON e.classid = s.classid AND e.objid = s.objid AND e.deptype = 'e'
    WHERE (e.objid IS NULL OR s.deptype <> 'o') AND s.dbid = (SELECT oid FROM pg_catalog.pg_database
                  WHERE datname = pg_catalog.current_database())
        AND s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
), member AS (
    SELECT classid, objid FROM pg_catalog.pg_depend WHERE deptype = 'e'
), owner_oid AS (
    SELECT oid FROM used WHERE deptype = 'o'
    UNION SELECT relowner FROM pg_catalog.pg_class c WHERE c.oid >= 16384
        AND (c.tableoid, c.oid) NOT IN (SELECT classid, objid FROM member)
    UNION SELECT proowner FROM pg_catalog.pg_proc p WHERE p.oid >= 16384
        AND (p.tableoid, p.oid) NOT IN (SELECT classid, objid FROM member)
    UNION SELECT typowner FROM pg_catalog.pg_type t WHERE t.oid >= 16384
        AND (t.tableoid, t.oid) NOT IN (SELECT classid, objid FROM member)
    UNION SELECT nspowner FROM pg_catalog.pg_namespace n WHERE n.oid >= 16384
        AND (n.tableoid, n.oid) NOT IN (SELECT classid, objid FROM member)
    UNION SELECT lomowner FROM pg_catalog.pg_largeobject_metadata
), role_oid AS (
    SELECT oid FROM used UNION SELECT oid FROM owner_oid
)
SELECT pg_catalog.json_build_object(
    'engine', 'postgresql',
    'server_version', pg_catalog.current_setting('server_version'),
    'server_version_num', pg_catalog.current_setting('server_version_num')::int,
    'database', d.datname,
    'in_recovery', pg_catalog.pg_is_in_recovery(),
    'timezone', pg_catalog.current_setting('TimeZone'),
    'encoding', pg_catalog.pg_encoding_to_char(d.encoding),
    'collate', d.datcollate,
    'ctype', d.datctype,
    'provider', coalesce(pg_catalog.to_jsonb(d) ->> 'datlocprovider', 'c'),
    'icu_locale', coalesce(pg_catalog.to_jsonb(d) ->> 'datlocale',
                           pg_catalog.to_jsonb(d) ->> 'daticulocale'),
    'settings', (SELECT pg_catalog.json_object_agg(
                     p.name, pg_catalog.current_setting(p.name) ORDER BY p.name) FROM planner p),
    'database_settings', coalesce(
        (SELECT pg_catalog.json_object_agg(s.name, s.value ORDER BY s.name)
         FROM setting s
         WHERE s.setrole = 0 AND (pg_catalog.lower(s.name) IN (SELECT name FROM planner)
            OR pg_catalog.lower(s.name) IN ('search_path', 'timezone', 'datestyle',
                'intervalstyle', 'default_text_search_config', 'lc_messages', 'lc_monetary',
                'lc_numeric', 'lc_time', 'bytea_output', 'extra_float_digits', 'row_security',
                'statement_timeout', 'lock_timeout', 'default_transaction_isolation'))),
        '{}'::json),
    'role_settings', coalesce(
        (SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
             'role', r.rolname, 'name', s.name, 'value', s.value) ORDER BY r.rolname, s.name)
         FROM setting s JOIN planner p ON pg_catalog.lower(s.name) = p.name
         JOIN pg_catalog.pg_roles r ON r.oid = s.setrole), '[]'::json),
    'extensions', coalesce(
        (SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
             'name', e.extname, 'version', e.extversion, 'schema', n.nspname) ORDER BY e.extname)
         FROM pg_catalog.pg_extension e
         JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace), '[]'::json),
    'roles', coalesce(
        (SELECT pg_catalog.json_agg(r.rolname ORDER BY r.rolname) FROM pg_catalog.pg_roles r
         WHERE r.oid IN (SELECT oid FROM role_oid) AND r.rolname !~ '^pg_'), '[]'::json),
    'owners', coalesce(
        (SELECT pg_catalog.json_agg(r.rolname ORDER BY r.rolname) FROM pg_catalog.pg_roles r
         WHERE r.oid IN (SELECT oid FROM owner_oid) AND r.rolname !~ '^pg_'), '[]'::json),
    'policy_roles', coalesce(
        (SELECT pg_catalog.json_agg(DISTINCT r.rolname ORDER BY r.rolname)
         FROM pg_catalog.pg_policy p, LATERAL pg_catalog.unnest(p.polroles) o
         JOIN pg_catalog.pg_roles r ON r.oid = o WHERE r.rolname !~ '^pg_'), '[]'::json),
    'tablespaces', coalesce(
        (SELECT pg_catalog.json_agg(s.spcname ORDER BY s.spcname)
         FROM pg_catalog.pg_tablespace s
         WHERE s.oid IN (SELECT c.reltablespace FROM pg_catalog.pg_class c
                         WHERE c.oid >= 16384)), '[]'::json),
    'large_objects', (SELECT count(*) FROM pg_catalog.pg_largeobject_metadata)
)
FROM pg_catalog.pg_database d
WHERE d.datname = pg_catalog.current_database()
