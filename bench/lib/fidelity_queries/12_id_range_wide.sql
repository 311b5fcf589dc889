-- value: low; orders; id; SELECT (max(id) * 0.2)::bigint FROM orders
-- value: high; orders; id; SELECT (max(id) * 0.8)::bigint FROM orders
SELECT * FROM orders WHERE id BETWEEN :'low' AND :'high';
