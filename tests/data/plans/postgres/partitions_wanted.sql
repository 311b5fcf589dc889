-- healthy: every partition is read because all rows are wanted
SELECT region, count(*) FROM parts GROUP BY region
