-- healthy
SELECT id FROM event WHERE id > 40000 ORDER BY id LIMIT 10
