-- rehearse: owners that the restoring role may not give objects to
SELECT pg_catalog.format('objects cannot be given to role ''%s''', r.name),
    'become a member of it, or use --no-owner', true
FROM pg_catalog.json_array_elements_text($1::json) r (name)
JOIN pg_catalog.pg_roles p ON p.rolname = r.name
WHERE NOT pg_catalog.pg_has_role(p.oid, 'MEMBER')
ORDER BY r.name
