-- rehearse: roles that the snapshot needs and the server lacks
SELECT pg_catalog.format('role ''%s'' does not exist', r.name),
    'create it, or leave it out with --no-owner --no-privileges', true
FROM pg_catalog.json_array_elements_text($1::json) r (name)
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = r.name)
ORDER BY r.name
