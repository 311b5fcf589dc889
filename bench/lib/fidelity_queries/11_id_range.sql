-- value: low; orders; id; SELECT (max(id) * 0.3)::bigint FROM orders
-- value: high; orders; id; SELECT (max(id) * 0.31)::bigint FROM orders
SELECT * FROM orders WHERE id BETWEEN :'low' AND :'high';
