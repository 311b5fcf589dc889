-- healthy: three rows
SELECT * FROM small WHERE v = 4
