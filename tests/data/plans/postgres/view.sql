-- healthy: the view's subquery runs once
SELECT * FROM totals WHERE id = 5
