-- healthy
SELECT * FROM account ORDER BY country, id
