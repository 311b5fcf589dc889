-- no hash table serves an inequality with ALL
SELECT l.id FROM listing l WHERE l.id * 100 > ALL /*<rescanned-subquery*/(SELECT t.amount FROM tx t)/*>*/
