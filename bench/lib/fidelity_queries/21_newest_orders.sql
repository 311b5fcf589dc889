SELECT * FROM orders ORDER BY created_at DESC LIMIT 20;
