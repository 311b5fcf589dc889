-- healthy
SELECT id, rank() OVER (PARTITION BY country ORDER BY id) FROM account
