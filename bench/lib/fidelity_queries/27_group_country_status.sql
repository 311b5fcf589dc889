SELECT u.country, o.status, count(*) FROM users u JOIN orders o ON o.user_id = u.id GROUP BY 1, 2;
