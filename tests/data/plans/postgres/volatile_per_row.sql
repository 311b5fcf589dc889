-- a random row per row: the outer column is there to make the InitPlan run again
SELECT l.id, /*<correlated-subquery*/(SELECT t.id FROM txi t ORDER BY random() + l.id * 0 LIMIT 1)/*>*/ FROM listing l
