-- healthy
SELECT asset_name FROM assets ORDER BY divisible, asset_name
