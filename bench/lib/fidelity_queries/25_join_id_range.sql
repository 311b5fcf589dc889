-- value: low; users; id; SELECT (max(id) * 0.5)::bigint FROM users
-- value: high; users; id; SELECT (max(id) * 0.505)::bigint FROM users
SELECT u.id, count(*) FROM users u JOIN orders o ON o.user_id = u.id
WHERE u.id BETWEEN :'low' AND :'high' GROUP BY u.id;
