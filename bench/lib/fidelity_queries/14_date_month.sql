-- value: low; orders; created_at; SELECT (max(id) * 0.6)::bigint FROM orders
-- value: high; orders; created_at; SELECT (max(id) * 0.65)::bigint FROM orders
SELECT sum(amount) FROM orders WHERE created_at >= :'low' AND created_at < :'high';
