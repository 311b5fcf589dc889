-- rehearse: options of foreign servers and user mappings that look like credentials
SELECT 'mapping', um.srvname, um.usename,
    pg_catalog.split_part(o, '=', 1)
FROM pg_catalog.pg_user_mappings um, pg_catalog.unnest(um.umoptions) o
WHERE pg_catalog.lower(pg_catalog.split_part(o, '=', 1))
        ~ '(passw(or)?d|passwd|passphrase|passfile|secret|token|credentials?|key|cert)$'
UNION ALL
SELECT 'server', s.srvname, '', pg_catalog.split_part(o, '=', 1)
FROM pg_catalog.pg_foreign_server s, pg_catalog.unnest(s.srvoptions) o
WHERE pg_catalog.lower(pg_catalog.split_part(o, '=', 1))
        ~ '(passw(or)?d|passwd|passphrase|passfile|secret|token|credentials?|key|cert)$'
