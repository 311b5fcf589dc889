-- healthy: ANY ends at the first row that fits
SELECT l.id, l.id * 9 > ANY (SELECT t.amount FROM tx t) FROM listing l
