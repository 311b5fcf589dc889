-- value: prefix; orders; left(ref, 15) || '%'; SELECT (max(id) * 0.45)::bigint FROM orders
SELECT * FROM orders WHERE ref LIKE :'prefix';
