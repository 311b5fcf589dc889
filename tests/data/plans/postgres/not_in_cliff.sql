-- too large to be hashed: gone through for each outer row
-- set: work_mem = '64kB'
SELECT count(*) FROM listing l WHERE l.id + 2000 NOT IN /*<lost-hash-subplan*/(SELECT t.amount FROM tx t)/*>*/
