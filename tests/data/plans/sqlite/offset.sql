SELECT tx_index FROM orders ORDER BY tx_index LIMIT 10 /*<offset-pagination*/OFFSET 15000/*>*/
