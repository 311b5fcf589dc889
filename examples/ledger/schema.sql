-- A ledger in the shape of Counterparty's of the week of 2024-10-17: the tables that the block path
-- reads and writes. Nothing is ever updated: the newest row of a key is the one with MAX(rowid).
CREATE TABLE blocks(block_index INTEGER UNIQUE, block_hash TEXT UNIQUE, block_time INTEGER,
    previous_block_hash TEXT UNIQUE, difficulty INTEGER, ledger_hash TEXT, transaction_count INTEGER,
    PRIMARY KEY (block_index, block_hash));
CREATE TABLE transactions(tx_index INTEGER UNIQUE, tx_hash TEXT UNIQUE, block_index INTEGER,
    block_hash TEXT, block_time INTEGER, source TEXT, destination TEXT, btc_amount INTEGER, fee INTEGER,
    data BLOB, supported BOOL DEFAULT 1, utxos_info TEXT, PRIMARY KEY (tx_index, tx_hash, block_index));
CREATE TABLE assets(asset_id TEXT UNIQUE, asset_name TEXT UNIQUE, block_index INTEGER, asset_longname TEXT);
CREATE TABLE balances(address TEXT, asset TEXT, quantity INTEGER, block_index INTEGER, tx_index INTEGER,
    utxo TEXT, utxo_address TEXT);
CREATE TABLE credits(block_index INTEGER, address TEXT, asset TEXT, quantity INTEGER, calling_function TEXT,
    event TEXT, tx_index INTEGER, utxo TEXT, utxo_address TEXT);
CREATE TABLE debits(block_index INTEGER, address TEXT, asset TEXT, quantity INTEGER, action TEXT,
    event TEXT, tx_index INTEGER, utxo TEXT, utxo_address TEXT);
CREATE TABLE sends(tx_index INTEGER, tx_hash TEXT, block_index INTEGER, source TEXT, destination TEXT,
    asset TEXT, quantity INTEGER, status TEXT, memo BLOB);
CREATE TABLE issuances(tx_index INTEGER, tx_hash TEXT, block_index INTEGER, asset TEXT, quantity INTEGER,
    divisible BOOL, source TEXT, issuer TEXT, transfer BOOL, description TEXT, fee_paid INTEGER,
    locked BOOL, status TEXT);
CREATE TABLE dispensers(tx_index INTEGER, tx_hash TEXT, block_index INTEGER, source TEXT, asset TEXT,
    give_quantity INTEGER, give_remaining INTEGER, satoshirate INTEGER, status INTEGER, origin TEXT);
CREATE TABLE messages(message_index INTEGER PRIMARY KEY, block_index INTEGER, command TEXT, category TEXT,
    bindings TEXT, timestamp INTEGER, event TEXT, tx_hash TEXT, event_hash TEXT);

CREATE TRIGGER block_update_balances BEFORE UPDATE ON balances
    BEGIN SELECT RAISE(FAIL, 'UPDATES NOT ALLOWED'); END;
CREATE TRIGGER block_update_credits BEFORE UPDATE ON credits
    BEGIN SELECT RAISE(FAIL, 'UPDATES NOT ALLOWED'); END;
CREATE TRIGGER block_update_debits BEFORE UPDATE ON debits
    BEGIN SELECT RAISE(FAIL, 'UPDATES NOT ALLOWED'); END;
CREATE TRIGGER block_update_sends BEFORE UPDATE ON sends
    BEGIN SELECT RAISE(FAIL, 'UPDATES NOT ALLOWED'); END;
CREATE TRIGGER block_update_issuances BEFORE UPDATE ON issuances
    BEGIN SELECT RAISE(FAIL, 'UPDATES NOT ALLOWED'); END;
CREATE TRIGGER block_update_dispensers BEFORE UPDATE ON dispensers
    BEGIN SELECT RAISE(FAIL, 'UPDATES NOT ALLOWED'); END;
CREATE TRIGGER block_update_messages BEFORE UPDATE ON messages
    BEGIN SELECT RAISE(FAIL, 'UPDATES NOT ALLOWED'); END;

CREATE VIEW holders AS
    SELECT asset, address, quantity, MAX(rowid) AS row FROM balances WHERE address IS NOT NULL
    GROUP BY asset, address;
