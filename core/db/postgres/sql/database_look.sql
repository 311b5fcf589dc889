-- rehearse: an existing database and whether this program made it
SELECT d.oid,
    EXISTS (SELECT FROM pg_catalog.pg_db_role_setting s, pg_catalog.unnest(s.setconfig) u
            WHERE s.setdatabase = d.oid AND s.setrole = 0
                AND pg_catalog.starts_with(u, 'rehearse.staging='))
        OR coalesce(pg_catalog.starts_with(
            pg_catalog.shobj_description(d.oid, 'pg_database'), 'rehearse.staging='), false),
    pg_catalog.pg_has_role(d.datdba, 'USAGE'),
    d.datallowconn,
    d.datistemplate
FROM pg_catalog.pg_database d
WHERE d.datname = $1
