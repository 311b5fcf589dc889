-- healthy
SELECT id FROM listing WHERE category = 1 UNION SELECT id FROM tiny
