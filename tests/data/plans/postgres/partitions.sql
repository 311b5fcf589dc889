-- healthy: one partition is read, by its index
SELECT * FROM part WHERE id = 12345
