-- healthy
-- param: 'addr77'
SELECT address, asset, quantity, MAX(rowid) FROM balances WHERE address = ? GROUP BY address, asset
