-- healthy: one partition is left, and its index is used
SELECT * FROM parts WHERE v = 7 AND id BETWEEN 9000 AND 9100
