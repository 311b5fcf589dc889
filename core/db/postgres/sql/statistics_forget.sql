-- rehearse: fresh figures that others take the place of; $1 is a JSON array of column lines
DELETE FROM pg_catalog.pg_statistic s
USING pg_catalog.json_to_recordset($1::json) l (
        schema text, "table" text, "column" text, attnum int, inherited bool)
JOIN pg_catalog.pg_namespace n ON n.nspname = l.schema
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = l."table"
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
    AND CASE WHEN l.attnum IS NULL THEN a.attname = l."column" ELSE a.attnum = l.attnum END
WHERE s.starelid = c.oid AND s.staattnum = a.attnum AND s.stainherit = l.inherited
