-- healthy
-- param: 77
SELECT * FROM orders WHERE tx_index = ?
