-- healthy: it stops at the first row
SELECT * FROM event WHERE kind <> 3 LIMIT 1
