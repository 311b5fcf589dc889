-- rehearse: is this database staging, is it production
SELECT EXISTS (SELECT FROM pg_catalog.pg_db_role_setting s, pg_catalog.unnest(s.setconfig) u
               WHERE s.setdatabase = d.oid AND s.setrole = 0
                   AND pg_catalog.starts_with(u, 'rehearse.staging='))
        OR coalesce(pg_catalog.starts_with(
            pg_catalog.shobj_description(d.oid, 'pg_database'), 'rehearse.staging='), false),
    EXISTS (SELECT FROM pg_catalog.pg_db_role_setting s, pg_catalog.unnest(s.setconfig) u
            WHERE s.setdatabase IN (d.oid, 0)
                AND pg_catalog.starts_with(u, 'rehearse.production=')
                AND u NOT IN ('rehearse.production=', 'rehearse.production=off')),
    pg_catalog.current_database(),
    pg_catalog.current_setting('server_version')
FROM pg_catalog.pg_database d
WHERE d.datname = pg_catalog.current_database()
