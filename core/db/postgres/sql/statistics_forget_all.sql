-- rehearse: no statistics of users' tables
DELETE FROM pg_catalog.pg_statistic s
USING pg_catalog.pg_class c, pg_catalog.pg_namespace n
WHERE c.oid = s.starelid AND n.oid = c.relnamespace
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
