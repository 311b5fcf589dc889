-- healthy: volatile, and yet an InitPlan that runs once
SELECT l.id, (SELECT t.id FROM txi t ORDER BY random() LIMIT 1) FROM listing l
