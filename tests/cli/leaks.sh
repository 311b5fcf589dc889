# The leak scan against copies with one raw value planted in every kind of place.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/rules.sh"
require_program
require_tool sqlite3 psql jq
tool=$RH_BUILD_DIR/tests/unit/anonymize_leak/seen_tool
[ -x "$tool" ] || skip 'seen_tool is not part of this build'
cd "$scratch"

address=1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2
hash160=77bff20c60e522dfaa3350c39b030a5d004e839a
txid=4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b
write_mask_key mask.key
"$tool" mask.key seen <<EOF
t	jane@example.org	kwqz@example.net
t	$address	1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa
t	$txid	0000000000000000000000000000000000000000000000000000000000000abc
t	+1 (202) 555-0143	+1 (202) 555-9876
t	Jane van Dijk-Doe	Kqwe xyz Wert-Poi
t	shipped	masked
b	00112233445566778899aabb	
EOF
assert_eq 600 "$(stat -c %a seen)" 'mode of the side file'

# leaks_of [ARGUMENTS]: one line per leak of the last --json run.
leaks_of()
{
    jq -r '.leaks[] | [.table // "-", .column // "-", .place, .detector, .count] | join(" ")' stdout |
        LC_ALL=C sort
}

# scan EXIT TARGET...: with the side file.
scan()
{
    local expected=$1
    shift
    assert_exit "$expected" "$RH_BIN" leaks "$@" --seen seen --seen-key mask.key --json
    assert_lacks "$(cat stdout stderr)" jane@ output
    assert_lacks "$(cat stdout stderr)" "$address" output
}

say 'SQLite: a clean copy is good, also with look-alikes and common words'
sqlite3 clean.db "
    CREATE TABLE users(id INTEGER PRIMARY KEY, mail TEXT, address TEXT, state TEXT);
    INSERT INTO users VALUES (1, 'kwqz@example.net', '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa', 'shipped'),
        (2, 'other@example.net', NULL, 'open'), (3, NULL, NULL, NULL);
    ANALYZE"
scan 0 clean.db
assert_eq true "$(jq .ok stdout)" ok
assert_eq true "$(jq '.false_positive_bound < 0.01' stdout)" 'bound on false alarms'
assert_ne 0 "$(jq '[.notes[] | select(.detector == "email")] | length' stdout)" 'notes on look-alikes'
assert_eq true "$(jq '[.notes[] | select(.detector == "words")] | length > 0' stdout)" 'note on a word'
scan 1 clean.db --detectors strict
scan 0 clean.db --detectors off
assert_eq 0 "$(jq '[.notes[] | select(.seen | not)] | length' stdout)" 'look-alikes with detectors off'

# planted SQL: a copy of the clean one with something in it; prints its leaks.
planted()
{
    rm -f planted.db
    cp clean.db planted.db
    sqlite3 planted.db "$1" >/dev/null
    scan 1 planted.db
    leaks_of
}

say 'SQLite: rows of all storage classes, and what is inside of values'
assert_eq 'main.users mail rows email 2' \
    "$(planted "UPDATE users SET mail = 'JANE@example.org' WHERE id < 3")"
assert_eq 'main.users state rows email 1' \
    "$(planted "UPDATE users SET state = CAST('jane@example.org' AS BLOB) WHERE id = 1")"
assert_eq 'main.users state rows base58check 1' \
    "$(planted "UPDATE users SET state = '{\"a\": [\"x\", {\"b\": \"$address\"}]}' WHERE id = 1")"
assert_eq 'main.users state rows txid 1' \
    "$(planted "UPDATE users SET state = 'utxo $txid:1 used' WHERE id = 1")"
assert_eq 'main.users state rows base58check 1' \
    "$(planted "UPDATE users SET state = x'0102030405ff00${hash160}ffeeff' WHERE id = 1")"
assert_eq 'main.users state rows bytes 1' \
    "$(planted "UPDATE users SET state = x'00112233445566778899aabb' WHERE id = 1")"
assert_eq 'main.users state rows phone 1' \
    "$(planted "UPDATE users SET state = 'call 1-202-555-0143' WHERE id = 1")"
assert_eq 'main.users state rows phone 1' \
    "$(planted "UPDATE users SET state = 'call +12025550143' WHERE id = 1")"
assert_eq 'main.users state rows words 1' \
    "$(planted "UPDATE users SET state = 'Jane van Dijk-Doe' WHERE id = 1")"

say 'SQLite: schema, statistics, full-text shadow tables, free space'
assert_eq 'main.v - view email 1' "$(planted "CREATE VIEW v AS SELECT 'jane@example.org' AS a")"
assert_eq 'main.t - table definition email 1' \
    "$(planted "CREATE TABLE t(a DEFAULT 'jane@example.org')")"
assert_eq 'main.i - index email 1' \
    "$(planted "CREATE INDEX i ON users(mail) WHERE mail = 'jane@example.org'" | sed 's/main.users/main.i/')"
assert_contains "$(planted "UPDATE sqlite_stat1 SET stat = '3 1 jane@example.org'")" \
    'statistics email 1' 'statistics'
assert_contains "$(planted "CREATE VIRTUAL TABLE f USING fts5(a);
    INSERT INTO f VALUES ('write to jane@example.org')")" 'main.f_content' 'shadow tables'
assert_eq '- - free space of the file email 1' "$(planted "PRAGMA secure_delete = 0;
    INSERT INTO users VALUES (4, 'jane@example.org', 'foo', 'bar'); DELETE FROM users WHERE id = 4")"
assert_eq '- - free space of the file email 1' "$(planted "PRAGMA secure_delete = 0;
    CREATE TABLE gone(a, b); INSERT INTO gone VALUES ('jane@example.org', 'next'); DROP TABLE gone")"
scan 0 planted.db --no-file

say 'SQLite: UTF-16, WITHOUT ROWID, include and exclude'
rm -f wide.db
sqlite3 wide.db "PRAGMA encoding = 'UTF-16le'; CREATE TABLE w(a TEXT PRIMARY KEY, b) WITHOUT ROWID;
    INSERT INTO w VALUES ('jane@example.org', 1)"
scan 1 wide.db
assert_contains "$(leaks_of)" 'main.w a rows email 1' 'UTF-16'
scan 0 wide.db --exclude 'main.w' --no-file
scan 0 wide.db --include 'nothing' --no-file

say 'secrets are leaks without anything seen'
rm -f secret.db
sqlite3 secret.db "CREATE TABLE s(a); INSERT INTO s VALUES
    ('abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about'),
    ('AKI''A'), ('AKIA' || 'IOSFODNN7EXAMPLE')"
assert_exit 1 "$RH_BIN" leaks secret.db --json
assert_eq 'main.s a rows api-key 1
main.s a rows seed-phrase 1' "$(leaks_of)" secrets
assert_exit 1 "$RH_BIN" leaks secret.db
assert_stdout_contains 'seed-phrase'

say 'a snapshot in a repository'
rm -f planted.db
cp clean.db planted.db
sqlite3 planted.db "UPDATE users SET mail = 'jane@example.org' WHERE id = 1;
    CREATE VIEW v AS SELECT '$address' AS a"
assert_ok "$RH_BIN" snapshot planted.db --repo repo --raw --unsealed-raw --quiet
scan 1 latest --repo repo
assert_eq 'main.users mail rows email 1
main.v - view base58check 1' "$(leaks_of)" 'snapshot'

say 'wrong words and wrong keys'
write_mask_key other.key 1
assert_exit 2 "$RH_BIN" leaks clean.db --seen seen --seen-key other.key
assert_stderr_contains 'another key'
assert_exit 2 "$RH_BIN" leaks clean.db --seen seen
assert_exit 2 "$RH_BIN" leaks clean.db --seen clean.db --seen-key mask.key
assert_exit 2 "$RH_BIN" leaks clean.db --seen missing --seen-key mask.key
assert_exit 2 "$RH_BIN" leaks clean.db --sample 0
assert_exit 2 "$RH_BIN" leaks missing.db
assert_exit 2 "$RH_BIN" leaks

[ -n "${RH_TEST_PG:-}" ] || exit 0
say 'PostgreSQL: every type and every place'
pg_create_db leaks
pg_sql "$pg_db" "
    CREATE EXTENSION IF NOT EXISTS citext" || pg_sql "$pg_db" 'CREATE DOMAIN citext AS text'
pg_sql "$pg_db" "
    CREATE TYPE pair AS (a text, b int);
    CREATE TABLE clean (id bigint PRIMARY KEY, mail text DEFAULT 'x', at timestamptz DEFAULT now());
    INSERT INTO clean SELECT i, 'user' || i || '@example.net' FROM generate_series(1, 2000) i;
    CREATE TABLE p (k text) PARTITION BY LIST (k);
    ANALYZE"
scan 0 "$pg_db" --jobs 2
assert_eq 2000 "$(jq .scanned.rows stdout)" 'rows scanned'
pg_sql "$pg_db" "
    CREATE TABLE types (a citext, b text[], c bytea, d jsonb, e pair, f varchar(80), g xml, h text, i bytea);
    INSERT INTO types VALUES ('Jane@Example.org', ARRAY['x', 'Jane van Dijk-Doe'], '\\x00112233445566778899aabb',
        '{\"deep\": [{\"id\": \"${txid}_${txid}\"}]}', ROW('$address', 1), '+1-202-555-0143',
        '<a>jane@example.org</a>', E'tab\\there jane@example.org', '\\x0102${hash160}')"
scan 1 "$pg_db"
assert_eq 'public.types a rows email 1
public.types b rows words 1
public.types c rows bytes 1
public.types d rows txid 1
public.types e rows base58check 1
public.types f rows phone 1
public.types g rows email 1
public.types h rows email 1' "$(leaks_of)" 'types'
pg_sql "$pg_db" "
    DROP TABLE types;
    COMMENT ON COLUMN clean.mail IS 'such as jane@example.org';
    ALTER TABLE clean ALTER mail SET DEFAULT 'jane@example.org';
    CREATE VIEW v AS SELECT * FROM clean WHERE mail = '$address';
    CREATE TYPE label AS ENUM ('a', '$txid'::text);
" 2>/dev/null || pg_sql "$pg_db" "
    DROP TABLE types;
    COMMENT ON COLUMN clean.mail IS 'such as jane@example.org';
    ALTER TABLE clean ALTER mail SET DEFAULT 'jane@example.org';
    CREATE VIEW v AS SELECT * FROM clean WHERE mail = '$address';
    CREATE TYPE label AS ENUM ('a', '1 202 555 0143')"
pg_sql "$pg_db" "
    CREATE TABLE p_jane PARTITION OF p FOR VALUES IN ('jane@example.org');
    SELECT lo_from_bytea(0, 'text with jane@example.org inside')" >/dev/null
scan 1 "$pg_db"
assert_eq '- - large object email 1' "$(leaks_of | grep 'large object' | sed 's/^pg_catalog.pg_largeobject [a-z]* /- - /')" \
    'large objects'
assert_eq 'public.clean mail comment email 1
public.clean mail default email 1
public.label - type phone 1
public.p_jane - partition bound email 1
public.v - view base58check 1' "$(leaks_of | grep -v 'large object')" 'schema'
pg_sql "$pg_db" "
    UPDATE clean SET mail = 'jane@example.org' WHERE id < 500; ANALYZE clean;
    UPDATE clean SET mail = 'x' WHERE id < 500"
scan 1 "$pg_db"
assert_contains "$(leaks_of)" 'public.clean mail statistics email' 'statistics'
