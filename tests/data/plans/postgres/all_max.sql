-- healthy: the same question, asked of one value
SELECT l.id FROM listing l WHERE l.id * 100 > (SELECT max(t.amount) FROM tx t)
