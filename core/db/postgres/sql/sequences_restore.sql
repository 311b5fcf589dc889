-- rehearse: the state of sequences; $1 is the facts' "sequences". Those that follow the values of
-- a column have none of their own.
SELECT pg_catalog.setval(
    pg_catalog.format('%I.%I', s ->> 'schema', s ->> 'name')::pg_catalog.regclass,
    (s ->> 'last_value')::bigint, (s ->> 'is_called')::boolean)
FROM pg_catalog.json_array_elements($1::json) s
WHERE s -> 'follows' IS NULL
