-- value: user_id; orders; user_id; SELECT min(id) FROM orders WHERE user_id = (SELECT user_id FROM orders GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1)
SELECT * FROM orders WHERE user_id = :'user_id' ORDER BY created_at DESC LIMIT 10;
