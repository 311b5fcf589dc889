-- healthy
-- param: 'addr77'
-- param: 'XCP'
SELECT * FROM balances WHERE address = ? AND asset = ? ORDER BY rowid DESC LIMIT 1
