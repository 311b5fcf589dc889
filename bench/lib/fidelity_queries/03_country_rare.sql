-- value: country; users; country; SELECT min(id) FROM users WHERE country = (SELECT country FROM users GROUP BY 1 ORDER BY count(*) ASC, 1 LIMIT 1)
SELECT * FROM users WHERE country = :'country';
