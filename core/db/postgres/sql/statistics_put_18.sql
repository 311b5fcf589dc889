-- rehearse: statistics by the functions of version 18; $1 is a JSON array of lines of either kind
SELECT CASE WHEN l.kind = 'relation'
    THEN pg_catalog.pg_restore_relation_stats(
        'schemaname', l.schema, 'relname', l.name,
        'relpages', CASE WHEN l.relkind IN ('p', 'I') THEN l.relpages ELSE
            (pg_catalog.pg_relation_size(pg_catalog.format('%I.%I', l.schema, l.name)
             ::pg_catalog.regclass) / pg_catalog.current_setting('block_size')::int)::int END,
        'reltuples', l.reltuples)
    ELSE pg_catalog.pg_restore_attribute_stats(
        'schemaname', l.schema, 'relname', l."table",
        'attname', l."column",
        'inherited', l.inherited, 'null_frac', l.null_frac, 'avg_width', l.avg_width,
        'n_distinct', l.n_distinct,
        'most_common_vals', s.mcv, 'most_common_freqs', s.mcf, 'histogram_bounds', s.hist,
        'correlation', s.corr, 'most_common_elems', s.mce, 'most_common_elem_freqs', s.mcef,
        'elem_count_histogram', s.dech, 'range_length_histogram', s.rlen,
        'range_bounds_histogram', s.rbounds) END
FROM pg_catalog.json_to_recordset($1::json) l (
    kind text, schema text, name text, relkind text, relpages int, reltuples real, "table" text,
    "column" text, attnum int, inherited bool, null_frac real, avg_width int, n_distinct real,
    slots json)
LEFT JOIN LATERAL (
    SELECT max(v ->> 'values') FILTER (WHERE v ->> 'kind' = '1') AS mcv,
        max(v ->> 'numbers') FILTER (WHERE v ->> 'kind' = '1')::real[] AS mcf,
        max(v ->> 'values') FILTER (WHERE v ->> 'kind' = '2') AS hist,
        (max(v ->> 'numbers') FILTER (WHERE v ->> 'kind' = '3')::real[])[1] AS corr,
        max(v ->> 'values') FILTER (WHERE v ->> 'kind' = '4') AS mce,
        max(v ->> 'numbers') FILTER (WHERE v ->> 'kind' = '4')::real[] AS mcef,
        max(v ->> 'numbers') FILTER (WHERE v ->> 'kind' = '5')::real[] AS dech,
        max(v ->> 'values') FILTER (WHERE v ->> 'kind' = '6') AS rlen,
        max(v ->> 'values') FILTER (WHERE v ->> 'kind' = '7') AS rbounds
    FROM pg_catalog.json_array_elements(coalesce(l.slots, '[]'::json)) v) s ON true
