-- rehearse: tables and views as JSON objects (docs/format.md 11), one per row; $1: with comments?
-- Everything below a table is a correlated subquery along an index: no plan can be quadratic.
WITH RECURSIVE chain (root, depth, oid, typtype, next, inside, typmod, not_null, default_text) AS (
    -- from the type of a column through domains and arrays down to what values are made of
    SELECT t.oid, 0, t.oid, t.typtype,
        CASE WHEN t.typtype = 'd' THEN t.typbasetype WHEN t.typcategory = 'A' THEN t.typelem END,
        false, t.typtypmod, t.typnotnull, t.typdefault
    FROM pg_catalog.pg_type t
    WHERE t.oid IN (SELECT a.atttypid FROM pg_catalog.pg_attribute a)
    UNION ALL
    SELECT h.root, h.depth + 1, t.oid, t.typtype,
        CASE WHEN t.typtype = 'd' THEN t.typbasetype WHEN t.typcategory = 'A' THEN t.typelem END,
        h.inside OR h.typtype <> 'd', t.typtypmod, t.typnotnull, t.typdefault
    FROM chain h
    JOIN pg_catalog.pg_type t ON t.oid = h.next
), facts AS MATERIALIZED (
    SELECT h.root,
        (pg_catalog.array_agg(h.oid ORDER BY h.depth DESC) FILTER (WHERE NOT h.inside))[1] AS base,
        (pg_catalog.array_agg(h.oid ORDER BY h.depth DESC) FILTER (WHERE h.inside))[1] AS element,
        (pg_catalog.array_agg(h.oid ORDER BY h.depth DESC))[1] AS last,
        max(h.typmod) AS typmod,
        pg_catalog.bool_or(h.not_null) FILTER (WHERE NOT h.inside) AS not_null,
        (pg_catalog.array_agg(h.default_text ORDER BY h.depth)
         FILTER (WHERE h.typtype = 'd' AND NOT h.inside AND h.default_text IS NOT NULL))[1]
            AS default_text
    FROM chain h
    GROUP BY h.root
), promises AS MATERIALIZED (
    SELECT DISTINCT h.root, x.conname, pg_catalog.pg_get_constraintdef(x.oid) AS condition
    FROM chain h
    JOIN pg_catalog.pg_constraint x ON x.contypid = h.oid
    WHERE x.contype = 'c'
), spelled AS MATERIALIZED (
    -- the full name as everywhere else: a part with a dot or a quote is quoted
    SELECT n.oid, n.nspname, CASE WHEN n.nspname ~ '[."]'
        THEN '"' || pg_catalog.replace(n.nspname::text, '"', '""') || '"'
        ELSE n.nspname::text END AS name
    FROM pg_catalog.pg_namespace n
)
SELECT pg_catalog.json_strip_nulls(pg_catalog.json_build_object(
    'schema', n.nspname,
    'name', c.relname,
    'full_name', CASE WHEN n.nspname ~ '[."]' OR c.relname ~ '[."]' THEN n.name || '.' || CASE
        WHEN c.relname ~ '[."]' THEN '"' || pg_catalog.replace(c.relname::text, '"', '""') || '"'
        ELSE c.relname::text END END,
    'kind', CASE c.relkind WHEN 'p' THEN 'partitioned' WHEN 'f' THEN 'foreign' WHEN 'v' THEN 'view'
        WHEN 'm' THEN 'matview' ELSE CASE WHEN c.relispartition THEN 'partition'
                                          ELSE 'table' END END,
    'parent', (
        SELECT pn.name || '.' || CASE WHEN p.relname ~ '[."]'
            THEN '"' || pg_catalog.replace(p.relname::text, '"', '""') || '"'
            ELSE p.relname::text END
        FROM pg_catalog.pg_inherits h
        JOIN pg_catalog.pg_class p ON p.oid = h.inhparent
        JOIN spelled pn ON pn.oid = p.relnamespace
        WHERE h.inhrelid = c.oid
        ORDER BY h.inhseqno LIMIT 1),
    'comment', CASE WHEN $1::bool THEN pg_catalog.obj_description(c.oid, 'pg_class') END,
    'view_text', CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) END,
    'partition_key', pg_catalog.pg_get_partkeydef(c.oid),
    'partition_columns', CASE WHEN c.relkind = 'p' THEN (
        SELECT pg_catalog.json_agg(m.place ORDER BY m.place)
        FROM (
            SELECT pg_catalog.array_position(live.nums, k.num) - 1
            FROM pg_catalog.pg_partitioned_table p, pg_catalog.unnest(p.partattrs::int2[]) k (num)
            WHERE p.partrelid = c.oid
            UNION
            -- columns of its expressions stand as parts of the whole, before version 13 the other way
            SELECT pg_catalog.array_position(live.nums,
                                             greatest(d.objsubid, d.refobjsubid)::int2) - 1
            FROM pg_catalog.pg_depend d
            WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
                AND d.refclassid = d.classid AND d.refobjid = c.oid
                AND (d.objsubid = 0 OR d.refobjsubid = 0 AND d.deptype = 'i')
        ) m (place)
        WHERE m.place IS NOT NULL) END,
    'partition_bound', CASE WHEN c.relispartition
        THEN pg_catalog.pg_get_expr(c.relpartbound, c.oid) END,
    'columns', (
        SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
            'name', a.attname,
            'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
            'base_type', pg_catalog.format_type(f.base, NULL),
            'element_type', CASE WHEN f.element IS NOT NULL
                THEN pg_catalog.format_type(f.element, NULL) END,
            'domain', CASE WHEN t.typtype = 'd' THEN pg_catalog.format_type(t.oid, NULL) END,
            'labels', CASE WHEN l.typtype = 'e' THEN (
                SELECT pg_catalog.json_agg(e.enumlabel ORDER BY e.enumsortorder)
                FROM pg_catalog.pg_enum e WHERE e.enumtypid = l.oid) END,
            'max_chars', CASE
                WHEN l.oid IN (1042, 1043) AND m.typmod > 4 THEN m.typmod - 4
                WHEN l.oid IN (1560, 1562) AND m.typmod > 0 THEN m.typmod END,
            'precision', CASE WHEN l.oid = 1700 AND m.typmod > 4
                THEN ((m.typmod - 4) >> 16) & 65535 END,
            'scale', CASE WHEN l.oid = 1700 AND m.typmod > 4
                THEN (((m.typmod - 4) & 2047) # 1024) - 1024 END,
            'padded', nullif(l.oid = 1042, false),
            'not_null', nullif(a.attnotnull OR f.not_null, false),
            'generated', nullif(a.attgenerated <> '', false),
            'identity', nullif(a.attidentity <> '', false),
            'generated_from', CASE WHEN a.attgenerated <> ''
                THEN pg_catalog.pg_get_expr(v.adbin, v.adrelid) END,
            'default_text', CASE WHEN a.attgenerated = ''
                THEN coalesce(pg_catalog.pg_get_expr(v.adbin, v.adrelid), f.default_text) END,
            'collation', CASE WHEN a.attcollation <> l.typcollation THEN (
                SELECT pg_catalog.quote_ident(cn.nspname) || '.'
                    || pg_catalog.quote_ident(co.collname)
                FROM pg_catalog.pg_collation co
                JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
                WHERE co.oid = a.attcollation) END,
            'comment', CASE WHEN $1::bool
                THEN pg_catalog.col_description(c.oid, a.attnum) END) ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute a
        JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
        JOIN facts f ON f.root = a.atttypid
        JOIN pg_catalog.pg_type l ON l.oid = f.last
        CROSS JOIN LATERAL (SELECT greatest(a.atttypmod, f.typmod)) m (typmod)
        LEFT JOIN pg_catalog.pg_attrdef v ON v.adrelid = a.attrelid AND v.adnum = a.attnum
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
    'indexes', (
        SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
            'name', ic.relname,
            'unique', nullif(i.indisunique, false),
            'primary', nullif(i.indisprimary, false),
            'exclusion', nullif(i.indisexclusion, false),
            'method', am.amname,
            'columns', (
                SELECT pg_catalog.json_agg(pg_catalog.array_position(live.nums, k.num) - 1
                                           ORDER BY k.place)
                FROM pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY k (num, place)
                WHERE k.place <= i.indnkeyatts AND k.num > 0),
            'expressions', nullif(i.indexprs IS NOT NULL, false),
            'partial', nullif(i.indpred IS NOT NULL, false),
            'text', CASE WHEN i.indisexclusion THEN (
                    SELECT pg_catalog.pg_get_constraintdef(x.oid)
                    FROM pg_catalog.pg_constraint x
                    WHERE x.conrelid = c.oid AND x.conindid = i.indexrelid AND x.contype = 'x')
                ELSE pg_catalog.pg_get_indexdef(i.indexrelid) END,
            'mentions', (
                SELECT pg_catalog.json_agg(m.place ORDER BY m.place)
                FROM (
                    SELECT pg_catalog.array_position(live.nums, k.num) - 1
                    FROM pg_catalog.unnest(i.indkey::int2[]) k (num)
                    UNION
                    SELECT pg_catalog.array_position(live.nums, d.refobjsubid::int2) - 1
                    FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                        AND d.objid = i.indexrelid AND d.refclassid = d.classid
                        AND d.refobjid = c.oid
                    UNION
                    -- a whole row inside an expression means every column
                    SELECT pg_catalog.array_position(live.nums, w.num) - 1
                    FROM pg_catalog.unnest(live.nums) w (num)
                    WHERE i.indexprs::text LIKE '%:varattno 0 %'
                        OR i.indpred::text LIKE '%:varattno 0 %'
                ) m (place)
                WHERE m.place IS NOT NULL),
            'rank', i.rank) ORDER BY ic.relname COLLATE "C")
        FROM (
            SELECT x.*, pg_catalog.row_number() OVER (ORDER BY x.indexrelid) AS rank
            FROM pg_catalog.pg_index x
            WHERE x.indrelid = c.oid) i
        JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
        JOIN pg_catalog.pg_am am ON am.oid = ic.relam
        WHERE i.indisready AND (i.indisvalid OR c.relkind = 'p')),
    'checks', (
        SELECT pg_catalog.json_agg(k.item ORDER BY k.num, k.conname COLLATE "C")
        FROM (
            SELECT 0, x.conname, pg_catalog.json_build_object(
                'name', x.conname,
                'text', pg_catalog.pg_get_constraintdef(x.oid),
                'mentions', (
                    SELECT pg_catalog.json_agg(pg_catalog.array_position(live.nums, w.num) - 1
                                               ORDER BY w.num)
                    FROM pg_catalog.unnest(live.nums) w (num)
                    WHERE w.num = ANY (x.conkey) OR 0 = ANY (x.conkey)))
            FROM pg_catalog.pg_constraint x
            WHERE x.conrelid = c.oid AND x.contype = 'c'
            UNION ALL
            SELECT a.attnum, p.conname, pg_catalog.json_build_object(
                'name', p.conname,
                'text', p.condition,
                'mentions', pg_catalog.json_build_array(
                    pg_catalog.array_position(live.nums, a.attnum) - 1))
            FROM pg_catalog.pg_attribute a
            JOIN promises p ON p.root = a.atttypid
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        ) k (num, conname, item)),
    'foreign_keys', (
        SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
            'name', x.conname,
            'columns', (
                SELECT pg_catalog.json_agg(pg_catalog.array_position(live.nums, k.num) - 1
                                           ORDER BY k.place)
                FROM pg_catalog.unnest(x.conkey) WITH ORDINALITY k (num, place)),
            'target', tn.name || '.' || CASE WHEN tc.relname ~ '[."]'
                THEN '"' || pg_catalog.replace(tc.relname::text, '"', '""') || '"'
                ELSE tc.relname::text END,
            'target_columns', (
                SELECT pg_catalog.json_agg(a.attname ORDER BY k.place)
                FROM pg_catalog.unnest(x.confkey) WITH ORDINALITY k (num, place)
                JOIN pg_catalog.pg_attribute a ON a.attrelid = x.confrelid AND a.attnum = k.num
                )) ORDER BY x.conname COLLATE "C")
        FROM pg_catalog.pg_constraint x
        JOIN pg_catalog.pg_class tc ON tc.oid = x.confrelid
        JOIN spelled tn ON tn.oid = tc.relnamespace
        -- not the copies of a key to a partitioned table, one for each of its partitions
        LEFT JOIN pg_catalog.pg_constraint up ON up.oid = x.conparentid
        WHERE x.conrelid = c.oid AND x.contype = 'f'
            AND (up.oid IS NULL OR up.conrelid <> x.conrelid))
    )) || ','
FROM pg_catalog.pg_class c
JOIN spelled n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
    SELECT pg_catalog.array_agg(a.attnum ORDER BY a.attnum)
    FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) live (nums)
LEFT JOIN pg_catalog.pg_depend d
    ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
    AND d.objsubid = 0 AND d.deptype = 'e'
LEFT JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND c.relpersistence <> 't'
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND (e.oid IS NULL OR c.oid = ANY (e.extconfig))
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
