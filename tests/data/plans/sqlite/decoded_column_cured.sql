-- healthy: the look-up the other way round
SELECT COUNT(*) FROM orders o WHERE o.give_asset = (SELECT a.asset_name FROM assets a WHERE a.asset_id = 7)
