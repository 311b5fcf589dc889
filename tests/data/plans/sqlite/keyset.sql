-- healthy
SELECT tx_index FROM orders WHERE tx_index > 15000 ORDER BY tx_index LIMIT 10
