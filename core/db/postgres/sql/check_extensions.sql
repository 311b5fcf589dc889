-- rehearse: extensions that the server lacks, or has in another version
SELECT CASE WHEN a.name IS NULL
            THEN pg_catalog.format('extension ''%s'' is not available on the server', e ->> 'name')
            ELSE pg_catalog.format('extension ''%s'' will be of version %s, production has %s',
                                   e ->> 'name', a.default_version, e ->> 'version') END,
    CASE WHEN a.name IS NULL THEN 'install its package' END,
    a.name IS NULL
FROM pg_catalog.json_array_elements($1::json) e
LEFT JOIN pg_catalog.pg_available_extensions a ON a.name = e ->> 'name'
WHERE a.name IS NULL OR a.default_version <> e ->> 'version'
ORDER BY e ->> 'name'
