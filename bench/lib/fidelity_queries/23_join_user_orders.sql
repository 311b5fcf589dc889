-- value: email; users; email; SELECT (max(id) * 0.11)::bigint FROM users
SELECT o.* FROM users u JOIN orders o ON o.user_id = u.id WHERE u.email = :'email';
