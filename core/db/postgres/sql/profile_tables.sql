-- rehearse: what the planner knows about the tables of a statement
WITH wanted AS (
    SELECT DISTINCT pg_catalog.to_regclass(
        CASE WHEN w.schema IS NULL THEN pg_catalog.quote_ident(w.name)
             ELSE pg_catalog.quote_ident(w.schema) || '.' || pg_catalog.quote_ident(w.name) END
        )::pg_catalog.oid AS oid
    FROM pg_catalog.json_to_recordset($1::pg_catalog.json) AS w(schema text, name text)
), first_columns AS (
    SELECT i.indrelid, pg_catalog.string_to_array(i.indkey::text, ' ')::pg_catalog.int2[] AS keys
    FROM pg_catalog.pg_index i WHERE i.indisvalid AND i.indpred IS NULL
)
SELECT pg_catalog.json_build_object('tables', coalesce(pg_catalog.json_agg(
    pg_catalog.json_build_object(
        'schema', n.nspname,
        'name', c.relname,
        'kind', c.relkind,
        'root', (SELECT pg_catalog.json_build_object('schema', rn.nspname, 'name', r.relname)
            FROM pg_catalog.pg_class r
            JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
            WHERE r.oid = pg_catalog.pg_partition_root(c.oid) AND r.oid <> c.oid),
        'rows', CASE WHEN c.reltuples >= 0 AND (c.reltuples > 0 OR c.relpages > 0)
                     THEN c.reltuples::pg_catalog.int8 END,
        'pages', c.relpages,
        'bytes', CASE WHEN c.relkind IN ('r', 'm', 't')
                      THEN pg_catalog.pg_relation_size(c.oid) END,
        'analyzed', EXTRACT(EPOCH FROM pg_catalog.now() - greatest(s.last_analyze,
                                                                   s.last_autoanalyze))::pg_catalog.int8,
        'statistics', EXISTS (SELECT FROM pg_catalog.pg_stats t
                              WHERE t.schemaname = n.nspname AND t.tablename = c.relname),
        'modified', s.n_mod_since_analyze,
        'rewritten', s.n_tup_upd + s.n_tup_del,
        'columns', (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
                'name', a.attname,
                'type', pg_catalog.format_type(a.atttypid, NULL),
                'distinct', t.n_distinct,
                'null_fraction', t.null_frac) ORDER BY a.attnum), '[]')
            FROM pg_catalog.pg_attribute a
            LEFT JOIN pg_catalog.pg_stats t ON t.schemaname = n.nspname
                AND t.tablename = c.relname AND t.attname = a.attname
                AND NOT t.inherited
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
        'indexes', (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
                'name', ic.relname,
                'unique', i.indisunique,
                'columns', (SELECT pg_catalog.json_agg(a.attname ORDER BY k.n)
                    FROM pg_catalog.unnest(pg_catalog.string_to_array(i.indkey::text, ' ')
                                           ::pg_catalog.int2[]) WITH ORDINALITY AS k(attnum, n)
                    LEFT JOIN pg_catalog.pg_attribute a
                        ON a.attrelid = c.oid AND a.attnum = k.attnum AND k.attnum > 0
                    WHERE k.n <= i.indnkeyatts),
                'partial', i.indpred IS NOT NULL,
                'method', am.amname,
                'definition', pg_catalog.pg_get_indexdef(i.indexrelid)) ORDER BY ic.relname), '[]')
            FROM pg_catalog.pg_index i
            JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
            JOIN pg_catalog.pg_am am ON am.oid = ic.relam
            WHERE i.indrelid = c.oid AND i.indisvalid),
        'references', (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
                'name', f.conname,
                'schema', rn.nspname,
                'table', r.relname,
                'columns', (SELECT pg_catalog.json_agg(a.attname ORDER BY k.n)
                    FROM pg_catalog.unnest(f.conkey) WITH ORDINALITY AS k(attnum, n)
                    JOIN pg_catalog.pg_attribute a
                        ON a.attrelid = c.oid AND a.attnum = k.attnum)) ORDER BY f.conname), '[]')
            FROM pg_catalog.pg_constraint f
            JOIN pg_catalog.pg_class r ON r.oid = f.confrelid
            JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
            WHERE f.conrelid = c.oid AND f.contype = 'f'),
        'referenced_by', (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
                'name', f.conname,
                'schema', rn.nspname,
                'table', r.relname,
                'rows', CASE WHEN r.reltuples >= 0 THEN r.reltuples::pg_catalog.int8 END,
                'pages', r.relpages,
                'columns', (SELECT pg_catalog.json_agg(a.attname ORDER BY k.n)
                    FROM pg_catalog.unnest(f.conkey) WITH ORDINALITY AS k(attnum, n)
                    JOIN pg_catalog.pg_attribute a
                        ON a.attrelid = r.oid AND a.attnum = k.attnum),
                'indexed', EXISTS (SELECT FROM first_columns l WHERE l.indrelid = r.oid
                    AND l.keys[1:pg_catalog.cardinality(f.conkey)] @> f.conkey
                    AND f.conkey @> l.keys[1:pg_catalog.cardinality(f.conkey)])
                ) ORDER BY f.conname), '[]')
            FROM pg_catalog.pg_constraint f
            JOIN pg_catalog.pg_class r ON r.oid = f.conrelid
            JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
            WHERE f.confrelid = c.oid AND f.contype = 'f')
    ) ORDER BY n.nspname, c.relname), '[]'))
FROM wanted w
JOIN pg_catalog.pg_class c ON c.oid = w.oid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_stat_all_tables s ON s.relid = c.oid
