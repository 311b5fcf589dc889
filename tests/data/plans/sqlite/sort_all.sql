-- expect: temp-btree
SELECT tx_hash, source FROM orders ORDER BY source, tx_hash
