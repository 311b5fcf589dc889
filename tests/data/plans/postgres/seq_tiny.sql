-- healthy: no index helps on 20 rows
SELECT * FROM tiny WHERE v = 9
