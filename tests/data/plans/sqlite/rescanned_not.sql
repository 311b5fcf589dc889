-- healthy: an automatic index over the few grouped rows
SELECT COUNT(*) FROM dispensers d LEFT JOIN (SELECT give_asset, COUNT(*) AS n FROM orders GROUP BY give_asset) x ON x.give_asset = d.asset
