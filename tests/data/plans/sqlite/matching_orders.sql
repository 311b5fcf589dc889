-- healthy: the latest row per key of one asset
SELECT *, MAX(rowid) FROM orders WHERE give_asset = 'A13' GROUP BY tx_hash
