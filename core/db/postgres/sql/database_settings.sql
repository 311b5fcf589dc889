-- rehearse: what belongs to a database but not to its content: settings, rights, owner, limit
SELECT 'setting', r.rolname, pg_catalog.split_part(u, '=', 1),
    pg_catalog.substr(u, pg_catalog.strpos(u, '=') + 1)
FROM pg_catalog.pg_database d
JOIN pg_catalog.pg_db_role_setting s ON s.setdatabase = d.oid
LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole, pg_catalog.unnest(s.setconfig) u
WHERE d.datname = $1 AND NOT pg_catalog.starts_with(u, 'rehearse.')
UNION ALL
SELECT 'grant', CASE WHEN a.grantee <> 0 THEN pg_catalog.pg_get_userbyid(a.grantee)::text END,
    a.privilege_type, CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
FROM pg_catalog.pg_database d, pg_catalog.aclexplode(d.datacl) a
WHERE d.datname = $1
UNION ALL
SELECT 'limit', NULL, '', d.datconnlimit::text
FROM pg_catalog.pg_database d WHERE d.datname = $1 AND d.datconnlimit <> -1
UNION ALL
SELECT 'owner', pg_catalog.pg_get_userbyid(d.datdba), '', ''
FROM pg_catalog.pg_database d
WHERE d.datname = $1 AND d.datdba <> (SELECT oid FROM pg_catalog.pg_roles
                                      WHERE rolname = current_user)
