# shellcheck shell=bash
# Small SQLite databases for the tests of the program.

# make_ledger FILE [ROWS]: tables, an index, a view, a trigger; deterministic.
make_ledger()
{
    sqlite3 "$1" 'PRAGMA journal_mode = WAL' >/dev/null
    sqlite3 "$1" <<SQL
CREATE TABLE blocks(block_index INTEGER PRIMARY KEY, block_hash TEXT UNIQUE, block_time INTEGER);
CREATE TABLE balances(address TEXT, asset TEXT, quantity INTEGER, utxo TEXT);
CREATE TABLE "odd name"(a, b BLOB, PRIMARY KEY (a)) WITHOUT ROWID;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${2:-5000})
INSERT INTO balances SELECT printf('1Addr%08x', i * 2654435761 % 4294967296),
    CASE i % 7 WHEN 0 THEN 'XCP' ELSE 'ASSET' || (i % 91) END, i * 1000003 % 99991, NULL FROM n;
INSERT INTO blocks SELECT rowid, printf('%064x', rowid * 7919), 1700000000 + rowid * 600
    FROM balances WHERE rowid <= 300;
INSERT INTO "odd name" VALUES (1, x'00ff'), ('zwei', NULL), (x'03', 'drei');
CREATE INDEX balances_address ON balances(address);
CREATE VIEW rich AS SELECT * FROM balances WHERE quantity > 90000;
CREATE TRIGGER no_update BEFORE UPDATE ON balances BEGIN SELECT RAISE(ABORT, 'append only'); END;
ANALYZE;
SQL
}

# dump_of FILE: everything that a database holds, rowids included.
dump_of()
{
    sqlite3 "$1" .dump
    sqlite3 "$1" 'SELECT rowid, * FROM balances'
    sqlite3 "$1" 'SELECT * FROM sqlite_stat1'
}

assert_same_database()
{
    dump_of "$1" >"$scratch/expected.dump"
    dump_of "$2" >"$scratch/actual.dump"
    assert_same_file "$scratch/expected.dump" "$scratch/actual.dump" "databases"
    assert_eq ok "$(sqlite3 "$2" 'PRAGMA integrity_check')" integrity_check
}
