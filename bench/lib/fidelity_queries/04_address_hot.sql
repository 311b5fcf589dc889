-- value: address; orders; address; SELECT min(id) FROM orders WHERE address = (SELECT address FROM orders GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1)
SELECT * FROM orders WHERE address = :'address';
