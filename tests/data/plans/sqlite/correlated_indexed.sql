-- healthy: an index serves each run
SELECT a.asset_name, (SELECT COUNT(*) FROM orders o WHERE o.give_asset = a.asset_name) FROM assets a WHERE a.asset_id < 20
