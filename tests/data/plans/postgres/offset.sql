-- expect: offset-pagination
SELECT id FROM event ORDER BY id LIMIT 10 OFFSET 40000
