-- rehearse: common values of a column, for binding parameters
SELECT pg_catalog.json_build_object(
    'null_fraction', s.null_frac,
    'distinct', s.n_distinct,
    'common', coalesce((SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
            'value', m.value, 'fraction', m.fraction) ORDER BY m.fraction DESC, m.value)
        FROM ROWS FROM (pg_catalog.unnest(s.most_common_vals::text::text[]),
                        pg_catalog.unnest(s.most_common_freqs)) AS m(value, fraction)), '[]'),
    'absent', NULL)
FROM pg_catalog.pg_stats s
JOIN pg_catalog.pg_namespace n ON n.nspname = s.schemaname
JOIN pg_catalog.pg_class c ON c.relname = s.tablename AND c.relnamespace = n.oid
WHERE c.oid = pg_catalog.to_regclass(
        CASE WHEN $1::text IS NULL THEN pg_catalog.quote_ident($2)
             ELSE pg_catalog.quote_ident($1) || '.' || pg_catalog.quote_ident($2) END)
    AND s.attname = $3::pg_catalog.name AND NOT s.inherited
