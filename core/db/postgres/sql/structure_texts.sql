-- rehearse: SQL texts that belong to no column of a table, as JSON objects (docs/format.md 11), one
-- per row. What extensions brought is theirs, not a person's.
WITH texts (classid, oid, kind, name, text) AS (
    SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass, p.oid,
        CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END,
        pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(p.proname) || '('
            || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')',
        pg_catalog.pg_get_functiondef(p.oid)
    FROM pg_catalog.pg_proc p
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    JOIN pg_catalog.pg_language l ON l.oid = p.prolang
    WHERE p.prokind <> 'a' AND l.lanname NOT IN ('c', 'internal')
        AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    UNION ALL
    SELECT 'pg_catalog.pg_trigger'::pg_catalog.regclass, t.oid, 'trigger',
        t.tgrelid::pg_catalog.regclass::text || '.' || pg_catalog.quote_ident(t.tgname),
        pg_catalog.pg_get_triggerdef(t.oid)
    FROM pg_catalog.pg_trigger t
    WHERE NOT t.tgisinternal
    UNION ALL
    -- the rule of a view is its text, which stands with the view
    SELECT 'pg_catalog.pg_rewrite'::pg_catalog.regclass, r.oid, 'rule',
        r.ev_class::pg_catalog.regclass::text || '.' || pg_catalog.quote_ident(r.rulename),
        pg_catalog.pg_get_ruledef(r.oid)
    FROM pg_catalog.pg_rewrite r
    JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE r.rulename <> '_RETURN' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    UNION ALL
    SELECT 'pg_catalog.pg_policy'::pg_catalog.regclass, p.oid, 'policy',
        p.polrelid::pg_catalog.regclass::text || '.' || pg_catalog.quote_ident(p.polname),
        'CREATE POLICY ' || pg_catalog.quote_ident(p.polname) || ' ON '
            || p.polrelid::pg_catalog.regclass::text
            || coalesce(' USING (' || pg_catalog.pg_get_expr(p.polqual, p.polrelid) || ')', '')
            || coalesce(' WITH CHECK (' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) || ')',
                        '')
    FROM pg_catalog.pg_policy p
    UNION ALL
    SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid, 'domain type',
        pg_catalog.format_type(t.oid, NULL),
        pg_catalog.concat_ws(' ', pg_catalog.pg_get_expr(t.typdefaultbin, 0), (
            SELECT pg_catalog.string_agg(pg_catalog.pg_get_constraintdef(x.oid), ' '
                                         ORDER BY x.conname COLLATE "C")
            FROM pg_catalog.pg_constraint x WHERE x.contypid = t.oid AND x.contype = 'c'))
    FROM pg_catalog.pg_type t
    JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    WHERE t.typtype = 'd' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    UNION ALL
    SELECT 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass, s.oid, 'statistics',
        pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(s.stxname),
        pg_catalog.pg_get_statisticsobjdef(s.oid)
    FROM pg_catalog.pg_statistic_ext s
    JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
)
SELECT pg_catalog.json_build_object('kind', x.kind, 'name', x.name, 'text', x.text) || ','
FROM texts x
WHERE x.text <> '' AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend d
    WHERE d.classid = x.classid AND d.objid = x.oid AND d.objsubid = 0 AND d.deptype = 'e')
ORDER BY x.kind COLLATE "C", x.name COLLATE "C"
