-- healthy
DELETE FROM assets WHERE asset_id = 350
