-- healthy
UPDATE account SET country = country + 1 WHERE id = 10
