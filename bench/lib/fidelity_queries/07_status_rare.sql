-- value: status; orders; status; SELECT min(id) FROM orders WHERE status = (SELECT status FROM orders GROUP BY 1 ORDER BY count(*) ASC, 1 LIMIT 1)
SELECT * FROM orders WHERE status = :'status';
