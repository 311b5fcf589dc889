-- value: low; orders; created_at; SELECT (max(id) * 0.5)::bigint FROM orders
-- value: high; orders; created_at; SELECT (max(id) * 0.502)::bigint FROM orders
SELECT * FROM orders WHERE created_at >= :'low' AND created_at < :'high';
