-- rehearse: extended statistics as the server shows them
SELECT pg_catalog.jsonb_build_object('kind', 'extended') || pg_catalog.to_jsonb(s)
FROM pg_catalog.pg_stats_ext s
WHERE s.schemaname !~ '^pg_'
ORDER BY s.statistics_schemaname COLLATE "C", s.statistics_name COLLATE "C"
