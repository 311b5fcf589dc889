-- rehearse: tablespaces that the server lacks
SELECT pg_catalog.format('tablespace ''%s'' does not exist', t.name), 'create it', true
FROM pg_catalog.json_array_elements_text($1::json) t (name)
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_tablespace WHERE spcname = t.name)
ORDER BY t.name
