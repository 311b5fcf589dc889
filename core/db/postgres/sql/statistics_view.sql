-- rehearse: the same from pg_stats, for roles that may not read pg_statistic
SELECT pg_catalog.json_build_object(
    'kind', 'column', 'schema', s.schemaname, 'table', s.tablename, 'column', s.attname,
    'attnum', CASE WHEN c.relkind IN ('i', 'I') THEN a.attnum END,
    'inherited', s.inherited, 'null_frac', s.null_frac, 'avg_width', s.avg_width,
    'n_distinct', s.n_distinct, 'slots', coalesce((
        SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
            'kind', v.kind, 'op', NULL,
            'coll', CASE WHEN a.attcollation <> 0 AND v.kind <= 4
                         THEN a.attcollation::pg_catalog.regcollation::text END,
            'numbers', v.numbers::text,
            'type', CASE WHEN v.vals IS NULL THEN NULL
                WHEN v.kind <> 4 THEN a.atttypid::pg_catalog.regtype::text
                WHEN b.typelem <> 0 THEN b.typelem::pg_catalog.regtype::text
                ELSE 'text' END,
            'values', v.vals) ORDER BY v.kind)
        FROM (VALUES
            (1, s.most_common_freqs, s.most_common_vals::text),
            (2, NULL::real[], s.histogram_bounds::text),
            (3, CASE WHEN s.correlation IS NOT NULL THEN ARRAY[s.correlation] END, NULL),
            (4, s.most_common_elem_freqs, s.most_common_elems::text),
            (5, s.elem_count_histogram, NULL)
        ) v (kind, numbers, vals)
        WHERE v.numbers IS NOT NULL OR v.vals IS NOT NULL), '[]'::json))
FROM pg_catalog.pg_stats s
JOIN pg_catalog.pg_namespace n ON n.nspname = s.schemaname
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = s.tablename
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = s.attname
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
JOIN pg_catalog.pg_type b
    ON b.oid = CASE WHEN t.typbasetype <> 0 THEN t.typbasetype ELSE t.oid END
WHERE c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY s.schemaname COLLATE "C", s.tablename COLLATE "C", a.attnum, s.inherited
