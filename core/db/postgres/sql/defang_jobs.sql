-- rehearse: tables of job schedulers that are here
SELECT n.nspname, c.relname,
    CASE WHEN n.nspname = 'cron' THEN 'active' ELSE 'jobenabled' END
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
    AND a.attname = CASE WHEN n.nspname = 'cron' THEN 'active' ELSE 'jobenabled' END
WHERE c.relkind = 'r' AND a.atttypid = 'pg_catalog.bool'::pg_catalog.regtype
    AND ((n.nspname = 'cron' AND c.relname = 'job')
         OR (n.nspname = 'pgagent' AND c.relname = 'pga_job'))
