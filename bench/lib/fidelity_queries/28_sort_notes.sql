SELECT * FROM orders WHERE note IS NOT NULL ORDER BY note, amount;
