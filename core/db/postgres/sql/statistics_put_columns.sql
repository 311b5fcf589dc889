-- rehearse: rows of pg_statistic from text; $1 is a JSON array of column lines
WITH line AS (
    SELECT c.oid AS relid, a.attnum AS attno, a.atttypid, l.*
    FROM pg_catalog.json_to_recordset($1::json) l (
        schema text, "table" text, "column" text, attnum int, inherited bool, null_frac real,
        avg_width int, n_distinct real, slots json)
    JOIN pg_catalog.pg_namespace n ON n.nspname = l.schema
    JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = l."table"
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
        AND CASE WHEN l.attnum IS NULL THEN a.attname = l."column" ELSE a.attnum = l.attnum END
), base AS (
    SELECT l.*, b.oid AS basetype, b.typelem,
        CASE WHEN b.typcategory = 'A' THEN 'anyarray'::pg_catalog.regtype
             WHEN b.typtype = 'e' THEN 'anyenum'::pg_catalog.regtype
             WHEN b.typtype = 'r' THEN 'anyrange'::pg_catalog.regtype
             WHEN b.typtype = 'c' THEN 'record'::pg_catalog.regtype
             WHEN b.typname = 'varchar' THEN 'text'::pg_catalog.regtype
             ELSE b.oid::pg_catalog.regtype END AS optype,
        (SELECT CASE WHEN e.typtype = 'e' THEN 'anyenum'::pg_catalog.regtype
                     WHEN e.typname = 'varchar' THEN 'text'::pg_catalog.regtype
                     ELSE e.oid::pg_catalog.regtype END
         FROM pg_catalog.pg_type e WHERE e.oid = b.typelem) AS elemtype
    FROM line l
    JOIN pg_catalog.pg_type t ON t.oid = l.atttypid
    JOIN pg_catalog.pg_type b
        ON b.oid = CASE WHEN t.typbasetype <> 0 THEN t.typbasetype ELSE t.oid END
), slot AS (
    SELECT l.relid, l.attno, l.inherited, s.ordinality AS n,
        (s.value ->> 'kind')::int2 AS kind,
        CASE WHEN s.value ->> 'op' IS NOT NULL
             THEN (s.value ->> 'op')::pg_catalog.regoperator::oid
             ELSE coalesce((
                SELECT o.amopopr FROM pg_catalog.pg_opclass k
                JOIN pg_catalog.pg_amop o ON o.amopfamily = k.opcfamily
                    AND o.amoplefttype = k.opcintype AND o.amoprighttype = k.opcintype
                WHERE k.opcmethod = 403 AND k.opcdefault
                    AND k.opcintype = CASE WHEN (s.value ->> 'kind') IN ('4', '5')
                                           THEN l.elemtype ELSE l.optype END
                    AND o.amopstrategy = CASE WHEN (s.value ->> 'kind') IN ('2', '3')
                                              THEN 1 ELSE 3 END), 0) END AS op,
        CASE WHEN s.value ->> 'coll' IS NOT NULL
             THEN (s.value ->> 'coll')::pg_catalog.regcollation::oid ELSE 0 END AS coll,
        (s.value ->> 'numbers')::real[] AS numbers,
        (s.value ->> 'type')::pg_catalog.regtype::oid AS type,
        (s.value ->> 'values') AS vals
    FROM base l, pg_catalog.json_array_elements(l.slots) WITH ORDINALITY s (value, ordinality)
)
INSERT INTO pg_catalog.pg_statistic
SELECT l.relid, l.attno, l.inherited, l.null_frac, l.avg_width, l.n_distinct,
    coalesce(s1.kind, 0), coalesce(s2.kind, 0), coalesce(s3.kind, 0), coalesce(s4.kind, 0),
    coalesce(s5.kind, 0),
    coalesce(s1.op, 0), coalesce(s2.op, 0), coalesce(s3.op, 0), coalesce(s4.op, 0),
    coalesce(s5.op, 0),
    coalesce(s1.coll, 0), coalesce(s2.coll, 0), coalesce(s3.coll, 0), coalesce(s4.coll, 0),
    coalesce(s5.coll, 0),
    s1.numbers, s2.numbers, s3.numbers, s4.numbers, s5.numbers,
    pg_catalog.array_in(pg_catalog.textout(s1.vals), s1.type, -1),
    pg_catalog.array_in(pg_catalog.textout(s2.vals), s2.type, -1),
    pg_catalog.array_in(pg_catalog.textout(s3.vals), s3.type, -1),
    pg_catalog.array_in(pg_catalog.textout(s4.vals), s4.type, -1),
    pg_catalog.array_in(pg_catalog.textout(s5.vals), s5.type, -1)
FROM line l
LEFT JOIN slot s1 ON s1.relid = l.relid AND s1.attno = l.attno
    AND s1.inherited = l.inherited AND s1.n = 1
LEFT JOIN slot s2 ON s2.relid = l.relid AND s2.attno = l.attno
    AND s2.inherited = l.inherited AND s2.n = 2
LEFT JOIN slot s3 ON s3.relid = l.relid AND s3.attno = l.attno
    AND s3.inherited = l.inherited AND s3.n = 3
LEFT JOIN slot s4 ON s4.relid = l.relid AND s4.attno = l.attno
    AND s4.inherited = l.inherited AND s4.n = 4
LEFT JOIN slot s5 ON s5.relid = l.relid AND s5.attno = l.attno
    AND s5.inherited = l.inherited AND s5.n = 5
