-- value: name; users; name; SELECT min(id) FROM users WHERE name = (SELECT name FROM users GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1)
SELECT id, email FROM users WHERE name = :'name';
