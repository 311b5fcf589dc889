-- rehearse: values of a column for binding parameters: common, rare, and one it hardly has
WITH known AS (
    SELECT s.most_common_vals::text::text[] AS common, s.most_common_freqs AS fractions,
        s.histogram_bounds::text::text[] AS bounds,
        CASE WHEN t.typcategory = 'N' THEN '-1'
             WHEN t.typcategory = 'S' THEN 'rehearse-absent'
             WHEN t.typname = 'uuid' THEN '00000000-0000-0000-0000-000000000000'
             WHEN t.typname IN ('date', 'timestamp', 'timestamptz') THEN '0001-01-01'
        END AS absent
    FROM pg_catalog.pg_stats s
    JOIN pg_catalog.pg_namespace n ON n.nspname = s.schemaname
    JOIN pg_catalog.pg_class c ON c.relname = s.tablename AND c.relnamespace = n.oid
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = s.attname
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    WHERE c.oid = pg_catalog.to_regclass(
            CASE WHEN $1::text IS NULL THEN pg_catalog.quote_ident($2)
                 ELSE pg_catalog.quote_ident($1) || '.' || pg_catalog.quote_ident($2) END)
        AND s.attname = $3::pg_catalog.name
    ORDER BY s.inherited DESC
    LIMIT 1
), middle AS (
    SELECT k.bounds[(1 + pg_catalog.array_length(k.bounds, 1)) / 2] AS value FROM known k
)
SELECT pg_catalog.json_build_object(
    'common', CASE
        WHEN k.common IS NOT NULL THEN pg_catalog.json_build_array(pg_catalog.json_build_object(
            'value', k.common[1], 'fraction', k.fractions[1]))
        WHEN m.value IS NOT NULL THEN pg_catalog.json_build_array(pg_catalog.json_build_object(
            'value', m.value))
        ELSE '[]' END,
    'rare', CASE WHEN k.common IS NOT NULL THEN m.value END,
    'absent', CASE WHEN k.absent = ANY (k.common) THEN NULL ELSE k.absent END)
FROM known k, middle m
