-- rehearse: row counts as they were before a trial; $1 is what trial_save gave
UPDATE pg_catalog.pg_class c
SET relpages = r.relpages, reltuples = r.reltuples, relallvisible = r.relallvisible
FROM pg_catalog.json_to_recordset($1::json) r (
    oid int8, relpages int, reltuples real, relallvisible int)
WHERE c.oid = r.oid::oid AND (c.relpages, c.reltuples, c.relallvisible)
    IS DISTINCT FROM (r.relpages, r.reltuples, r.relallvisible)
