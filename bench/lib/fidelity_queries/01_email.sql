-- value: email; users; email; SELECT (max(id) * 0.37)::bigint FROM users
SELECT * FROM users WHERE email = :'email';
