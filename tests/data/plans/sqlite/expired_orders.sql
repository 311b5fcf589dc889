SELECT * FROM /*<selective-seq-scan*/(SELECT *, MAX(rowid) FROM orders WHERE expire_index = 700 GROUP BY tx_hash)/*>*/ WHERE status = 'open'
