-- value: country; users; country; SELECT min(id) FROM users WHERE country = (SELECT country FROM users GROUP BY 1 ORDER BY count(*) ASC, 1 LIMIT 1)
-- value: low; orders; created_at; SELECT (max(id) * 0.9)::bigint FROM orders
SELECT u.name, o.amount FROM users u JOIN orders o ON o.user_id = u.id
WHERE u.country = :'country' AND o.created_at >= :'low';
