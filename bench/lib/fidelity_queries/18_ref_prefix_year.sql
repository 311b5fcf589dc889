-- value: prefix; orders; left(ref, 8) || '%'; SELECT (max(id) * 0.45)::bigint FROM orders
SELECT count(*) FROM orders WHERE ref LIKE :'prefix';
