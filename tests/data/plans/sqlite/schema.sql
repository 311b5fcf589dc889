-- The ledger of block 866,000 in small, and the smells of plans.
CREATE TABLE balances (address TEXT, asset TEXT, quantity INTEGER, block_index INTEGER, tx_index INTEGER, utxo TEXT, utxo_address TEXT);
WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 30000)
INSERT INTO balances SELECT 'addr' || (n * 7919 % 3000), CASE WHEN n % 7 = 0 THEN 'XCP' ELSE 'A' || (n * 31 % 900) END, n % 1000, n / 10, n, NULL, NULL FROM c;
CREATE INDEX balances_address_asset ON balances (address, asset);
CREATE INDEX balances_asset_idx ON balances (asset);
CREATE INDEX balances_utxo_idx ON balances (utxo);

CREATE TABLE issuances (tx_index INTEGER PRIMARY KEY, asset TEXT, quantity INTEGER, status TEXT, asset_longname TEXT, block_index INTEGER);
WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 20000)
INSERT INTO issuances SELECT n, 'A' || (n % 400), n % 97, CASE n % 5 WHEN 0 THEN 'invalid' ELSE 'valid' END, 'long.A' || n, n / 7 FROM c;
CREATE INDEX issuances_longname ON issuances (asset_longname);
CREATE INDEX issuances_block ON issuances (block_index);

CREATE TABLE orders (tx_index INTEGER PRIMARY KEY, tx_hash TEXT, source TEXT, give_asset TEXT, get_asset TEXT, status TEXT, expire_index INTEGER);
WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 20000)
INSERT INTO orders SELECT n, 'h' || (n % 5000), 'addr' || (n % 300), 'A' || (n * 13 % 400), 'XCP', CASE n % 4 WHEN 0 THEN 'open' ELSE 'filled' END, n / 5 FROM c;
CREATE INDEX orders_hash ON orders (tx_hash);
CREATE INDEX orders_give ON orders (give_asset);

CREATE TABLE dispensers (tx_index INTEGER PRIMARY KEY, source TEXT, asset TEXT, status INTEGER, close_block_index INTEGER);
WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3000)
INSERT INTO dispensers SELECT n, 'addr' || (n % 700), 'A' || (n % 90), n % 11, n + 5 FROM c;

CREATE TABLE transactions (tx_index INTEGER PRIMARY KEY, tx_hash TEXT, block_index INTEGER, source TEXT);
WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 20000)
INSERT INTO transactions SELECT n, 'h' || n, n / 6, 'addr' || (n % 900) FROM c;
CREATE INDEX transactions_block ON transactions (block_index);
CREATE INDEX transactions_hash ON transactions (tx_hash);

CREATE TABLE address_events (address TEXT, event_index INTEGER, block_index INTEGER);
WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 20000)
INSERT INTO address_events SELECT 'addr' || (n % 500), n, n / 9 FROM c;

CREATE TABLE state_orders (tx_index INTEGER PRIMARY KEY, asset INTEGER);
WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 2000)
INSERT INTO state_orders SELECT n, n FROM c;

CREATE TABLE assets (asset_id INTEGER PRIMARY KEY, asset_name TEXT, divisible INTEGER);
WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 400)
INSERT INTO assets SELECT n, 'A' || n, n % 2 FROM c;
CREATE INDEX assets_name ON assets (asset_name);

CREATE TABLE small (id INTEGER PRIMARY KEY, v INTEGER);
INSERT INTO small VALUES (1, 3), (2, 4), (3, 5);

CREATE TABLE owner (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO owner SELECT asset_id, asset_name FROM assets;
CREATE TABLE owned (id INTEGER PRIMARY KEY, owner_id INTEGER REFERENCES owner (id), v INTEGER);
WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 2000)
INSERT INTO owned SELECT n, n % 300 + 1, n FROM c;
CREATE TABLE owned_well (id INTEGER PRIMARY KEY, assets_id INTEGER REFERENCES assets (asset_id));
INSERT INTO owned_well SELECT n, n % 200 + 1 FROM (SELECT tx_index AS n FROM orders WHERE tx_index < 1500);
CREATE INDEX owned_well_assets ON owned_well (assets_id);

CREATE TABLE watched (id INTEGER PRIMARY KEY, v INTEGER);
INSERT INTO watched SELECT tx_index, 1 FROM orders WHERE tx_index <= 2000;
CREATE TRIGGER watched_au AFTER UPDATE ON watched BEGIN UPDATE dispensers SET status = 1 WHERE source = 'addr' || new.id; END;
CREATE TABLE watched_well (id INTEGER PRIMARY KEY, v INTEGER);
INSERT INTO watched_well SELECT tx_index, 1 FROM orders WHERE tx_index <= 2000;
CREATE TRIGGER watched_well_au AFTER UPDATE ON watched_well BEGIN UPDATE dispensers SET status = 1 WHERE tx_index = new.id; END;

ANALYZE;
CREATE TABLE grown (id INTEGER PRIMARY KEY, v INTEGER);
INSERT INTO grown SELECT tx_index, 1 FROM orders WHERE tx_index <= 50;
ANALYZE grown;
INSERT INTO grown SELECT tx_index, 1 FROM orders WHERE tx_index > 50;
