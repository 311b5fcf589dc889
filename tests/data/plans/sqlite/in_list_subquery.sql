-- healthy: an uncorrelated list is made once
SELECT COUNT(*) FROM orders WHERE give_asset IN (SELECT asset_name FROM assets WHERE asset_id < 5)
