-- rehearse: where pg_stat_statements lives here, and which columns its version has
SELECT pg_catalog.quote_ident(n.nspname) AS schema, e.extversion,
       pg_catalog.bool_or(a.attname = 'total_exec_time') AS planned,
       pg_catalog.bool_or(a.attname = 'toplevel') AS toplevel
FROM pg_catalog.pg_extension e
JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = 'pg_stat_statements'
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE e.extname = 'pg_stat_statements'
GROUP BY n.nspname, e.extversion
