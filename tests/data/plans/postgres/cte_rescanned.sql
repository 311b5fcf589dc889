-- the part of the text that is read again and again is the CTE's
WITH recent AS MATERIALIZED /*<rescanned-cte*/(SELECT t.acct, t.amount FROM tx t WHERE t.height > 4900)/*>*/
SELECT l.id, (SELECT max(r.amount) FROM recent r WHERE r.acct > l.id) FROM listing l
