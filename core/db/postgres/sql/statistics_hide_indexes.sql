-- rehearse: the planner leaves out what is not valid; $1 is a JSON array of the indexes that stay
UPDATE pg_catalog.pg_index i
SET indisvalid = false
FROM pg_catalog.pg_class c, pg_catalog.pg_namespace n
WHERE c.oid = i.indexrelid AND n.oid = c.relnamespace
    AND i.indisvalid AND c.relpersistence <> 't'
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (
        SELECT FROM pg_catalog.json_to_recordset($1::json) k (schema text, name text)
        WHERE k.schema = n.nspname AND k.name = c.relname)
