-- A small token ledger for the sqlite3 shell, about 20 MB, the same bytes of data every time: blocks,
-- transactions, balances and debits with the skew of the real thing (a few addresses and assets own
-- most rows, and the column `utxo` is nearly always NULL).
--
--   sqlite3 ledger.db < make-ledger.sql
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA user_version = 1;
BEGIN;

CREATE TABLE blocks(
    block_index INTEGER PRIMARY KEY,
    block_hash TEXT UNIQUE NOT NULL,
    block_time INTEGER NOT NULL,
    previous_block_hash TEXT,
    transaction_count INTEGER NOT NULL
);
CREATE TABLE transactions(
    tx_index INTEGER PRIMARY KEY,
    tx_hash TEXT UNIQUE NOT NULL,
    block_index INTEGER NOT NULL REFERENCES blocks(block_index),
    block_time INTEGER NOT NULL,
    source TEXT NOT NULL,
    destination TEXT,
    btc_amount INTEGER NOT NULL,
    fee INTEGER NOT NULL,
    data BLOB,
    supported BOOL DEFAULT 1
);
CREATE TABLE balances(
    address TEXT,
    asset TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    block_index INTEGER NOT NULL,
    tx_index INTEGER NOT NULL,
    utxo TEXT,
    utxo_address TEXT
);
CREATE TABLE debits(
    block_index INTEGER NOT NULL,
    address TEXT NOT NULL,
    asset TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity >= 0),
    action TEXT NOT NULL,
    event TEXT NOT NULL,
    tx_index INTEGER NOT NULL
);

-- Two numbers in [0, 1) for each i that look random without random(): the data must not differ
-- between runs. Their cubes pick addresses and assets, so that low ones are picked most.
CREATE TEMP TABLE numbers AS
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)
    SELECT i, (i * 2654435761 % 4294967296) / 4294967296.0 AS u,
        ((i + 7919) * 2246822519 % 4294967296) / 4294967296.0 AS v
    FROM n;

-- Addresses and assets, numbered by how often they are used.
CREATE TEMP TABLE addresses AS
    SELECT i, '1' || substr(hex(sha3('address' || i, 256)), 1, 33) AS address
    FROM numbers WHERE i <= 8000;
CREATE UNIQUE INDEX temp.addresses_i ON addresses(i);
CREATE TEMP TABLE assets AS
    SELECT i, CASE i WHEN 1 THEN 'XCP' WHEN 2 THEN 'PEPECASH' WHEN 3 THEN 'BITCRYSTALS'
        ELSE 'A' || (95428956661682177 + i * 7919) END AS asset
    FROM numbers WHERE i <= 1500;
CREATE UNIQUE INDEX temp.assets_i ON assets(i);

INSERT INTO blocks
SELECT 860000 + i, lower(hex(sha3('block' || i, 256))), 1725000000 + i * 600 + cast(v * 500 AS INT),
    lower(hex(sha3('block' || (i - 1), 256))), 20
FROM numbers WHERE i <= 1000;

INSERT INTO transactions
SELECT n.i, lower(hex(sha3('tx' || n.i, 256))), b.block_index, b.block_time, s.address,
    CASE WHEN n.v < 0.7 THEN d.address END,
    CASE WHEN n.u < 0.8 THEN 0 ELSE 546 END, 300 + cast(n.v * n.v * 40000 AS INT),
    substr(sha3('data' || n.i, 512), 1, 8 + cast(n.u * 50 AS INT)), n.v > 0.01
FROM numbers AS n
JOIN blocks AS b ON b.block_index = 860001 + (n.i - 1) / 20
JOIN addresses AS s ON s.i = 1 + cast(n.u * n.u * n.u * 8000 AS INT)
JOIN addresses AS d ON d.i = 1 + cast(n.v * n.v * n.v * 8000 AS INT)
WHERE n.i <= 20000
ORDER BY n.i;

INSERT INTO balances
SELECT CASE WHEN n.i % 997 <> 0 THEN a.address END, t.asset,
    cast(n.u * n.v * 100000000000 AS INT), 860001 + n.i / 30, 1 + n.i % 20000,
    CASE WHEN n.i % 997 = 0 THEN lower(hex(sha3('tx' || n.i, 256))) || ':' || n.i % 3 END,
    CASE WHEN n.i % 997 = 0 THEN a.address END
FROM numbers AS n
JOIN addresses AS a ON a.i = 1 + cast(n.v * n.v * n.v * 8000 AS INT)
JOIN assets AS t ON t.i = 1 + cast(n.u * n.u * n.u * 1500 AS INT)
ORDER BY n.i;

INSERT INTO debits
SELECT t.block_index, t.source, s.asset, cast(n.v * n.v * 5000000000 AS INT),
    CASE WHEN n.u < 0.6 THEN 'send' WHEN n.u < 0.8 THEN 'open order' WHEN n.u < 0.95 THEN 'issuance fee'
        ELSE 'attach to utxo' END,
    t.tx_hash, t.tx_index
FROM numbers AS n
JOIN transactions AS t ON t.tx_index = 1 + (n.i - 1) * 2 / 3
JOIN assets AS s ON s.i = 1 + cast(n.u * n.u * n.u * 1500 AS INT)
ORDER BY n.i;

CREATE INDEX transactions_block_index_idx ON transactions(block_index);
CREATE INDEX transactions_source_idx ON transactions(source);
CREATE INDEX balances_address_asset_idx ON balances(address, asset);
CREATE INDEX balances_utxo_idx ON balances(utxo);
CREATE INDEX balances_utxo_asset_idx ON balances(utxo, asset);
CREATE INDEX debits_address_idx ON debits(address);
CREATE INDEX debits_asset_idx ON debits(asset);
CREATE INDEX debits_event_idx ON debits(event);
CREATE TRIGGER block_update_blocks BEFORE UPDATE ON blocks BEGIN
    SELECT RAISE(FAIL, 'update not allowed');
END;
CREATE VIEW holders AS
    SELECT asset, count(DISTINCT address) AS addresses, sum(quantity) AS quantity
    FROM balances GROUP BY asset;

COMMIT;
ANALYZE;
