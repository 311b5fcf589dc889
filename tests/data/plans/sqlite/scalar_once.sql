-- healthy
SELECT * FROM transactions WHERE tx_index = (SELECT MAX(tx_index) FROM orders)
