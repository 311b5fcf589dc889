-- healthy: EXISTS looks for one row
SELECT EXISTS (SELECT 1 FROM event WHERE kind <> 3)
