-- rehearse: pg_statistic as text
SELECT pg_catalog.json_build_object(
    'kind', 'column', 'schema', n.nspname, 'table', c.relname, 'column', a.attname,
    'attnum', CASE WHEN c.relkind IN ('i', 'I') THEN a.attnum END,
    'inherited', s.stainherit, 'null_frac', s.stanullfrac, 'avg_width', s.stawidth,
    'n_distinct', s.stadistinct, 'slots', coalesce((
        SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
            'kind', v.kind,
            'op', v.op::pg_catalog.regoperator::text,
            'coll', CASE WHEN v.coll <> 0 THEN v.coll::pg_catalog.regcollation::text END,
            'numbers', v.numbers::text,
            'type', CASE WHEN v.vals IS NULL THEN NULL
                WHEN v.kind IN (1, 2) THEN a.atttypid::pg_catalog.regtype::text
                WHEN v.kind = 4 AND b.typelem <> 0 THEN b.typelem::pg_catalog.regtype::text
                WHEN v.kind = 4 THEN 'text'
                WHEN v.kind = 6 THEN 'double precision'
                WHEN v.kind = 7 AND b.typtype = 'm'
                    THEN (SELECT r.rngtypid::pg_catalog.regtype::text
                          FROM pg_catalog.pg_range r
                          WHERE pg_catalog.to_jsonb(r) ->> 'rngmultitypid' = b.oid::text)
                WHEN v.kind = 7 THEN b.oid::pg_catalog.regtype::text END,
            'values', v.vals) ORDER BY v.slot)
        FROM (VALUES
            (1, s.stakind1, s.staop1, s.stacoll1, s.stanumbers1, s.stavalues1::text),
            (2, s.stakind2, s.staop2, s.stacoll2, s.stanumbers2, s.stavalues2::text),
            (3, s.stakind3, s.staop3, s.stacoll3, s.stanumbers3, s.stavalues3::text),
            (4, s.stakind4, s.staop4, s.stacoll4, s.stanumbers4, s.stavalues4::text),
            (5, s.stakind5, s.staop5, s.stacoll5, s.stanumbers5, s.stavalues5::text)
        ) v (slot, kind, op, coll, numbers, vals)
        WHERE v.kind <> 0), '[]'::json))
FROM pg_catalog.pg_statistic s
JOIN pg_catalog.pg_class c ON c.oid = s.starelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = s.staattnum
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
JOIN pg_catalog.pg_type b
    ON b.oid = CASE WHEN t.typbasetype <> 0 THEN t.typbasetype ELSE t.oid END
WHERE NOT a.attisdropped AND c.relpersistence <> 't'
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", a.attnum, s.stainherit
