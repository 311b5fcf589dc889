# What rehearse sends to a server carries its mark: a log of everything, without the connections'
# names, has no statement of ours in its workload. What replay and the ledger's calls send as captured has none.
. "$(dirname "$0")/../../support/lib.sh"
. "$(dirname "$0")/../../support/rules.sh"
. "$(dirname "$0")/../../support/ledger.sh"
require_program
require_tool sqlite3 python3
cd "$scratch"

settings=(log_destination=stderr logging_collector=on log_filename=pg.log log_statement=all
    'log_line_prefix=%m [%p] %q' log_timezone=UTC lc_messages=C autovacuum=off)
pg_private "${settings[@]}"
log=$(pg_sql "$RH_TEST_PG" 'SHOW data_directory')/log/pg.log
pg_create_db own
staging=${pg_db/dbname=own/dbname=stage}
other=${pg_db/dbname=own/dbname=other}
pg_sql "$pg_db" 'CREATE TABLE customer(id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, mail text)' \
    "INSERT INTO customer(name, mail) SELECT 'n' || i, 'm' || i || '@mail.example' FROM generate_series(1, 3000) i" \
    'CREATE TABLE buy(id int PRIMARY KEY, customer int REFERENCES customer, at timestamptz DEFAULT now())' \
    'INSERT INTO buy SELECT i, 1 + i % 3000 FROM generate_series(1, 9000) i' \
    'CREATE STATISTICS both_of (ndistinct) ON id, customer FROM buy' \
    'CREATE VIEW latest AS SELECT max(at) FROM buy' 'CREATE MATERIALIZED VIEW many AS SELECT count(*) FROM buy' \
    'SELECT lo_from_bytea(0, $$x$$)' 'ANALYZE' >/dev/null
pg_sql "$pg_db" 'CREATE TABLE blocks(block_index bigint, block_hash text, block_time bigint, previous_block_hash text)' \
    'CREATE TABLE transactions(tx_index bigint, tx_hash text, block_index bigint, source text, destination text, btc_amount bigint, utxos_info text)' \
    "INSERT INTO blocks VALUES (866000, 'h0', 1729150000, NULL)" \
    "INSERT INTO transactions VALUES (1, repeat('a', 64), 866000, 'x', 'y', 5, repeat('b', 64) || ':0 ' || repeat('a', 64) || ':0')"
write_rules rules.yaml 'customer.name: keep' 'customer.mail: keep' 'customer.id: keep' '"buy.*": keep' \
    '"blocks.*": keep' '"transactions.*": keep' '"pg_largeobject.*": keep'
printf 'SELECT count(*) FROM buy b WHERE b.customer = (SELECT min(id) FROM customer c WHERE c.id = b.customer);' >q.sql
cat >calls.yaml <<'YAML'
calls:
  look: {per: input, sql: "SELECT id FROM buy WHERE id::text = :outpoint"}
budget: {interval: 1000h}
YAML
cat >app.sql <<'SQL'
SELECT name FROM customer WHERE id = 7;
SELECT count(*) FROM buy WHERE customer = 8;
SQL
assert_ok "$RH_BIN" keygen --mask mask.key
assert_ok "$RH_BIN" capture app.sql --out app.w
: >"$log"

say 'all commands'
any() { "$RH_BIN" "$@" --progress never >"$scratch/stdout" 2>"$scratch/stderr" || [ $? -eq 1 ] || fail "$1 $2: $(cat stderr)"; }
any rules init "$pg_db" --out draft.yaml
any rules check "$pg_db" --rules rules.yaml
any rules explain "$pg_db" customer.mail --rules rules.yaml
any rules preview "$pg_db" customer --rules rules.yaml
any snapshot "$pg_db" --repo repo --rules rules.yaml
any restore latest "$staging" --repo repo
any restore latest "$staging" --repo repo --swap
any restore --rollback "$staging"
any mirror "$pg_db" "$other" --rules rules.yaml --statistics analyze
any leaks "$staging"
any fidelity "$pg_db" "$staging" --queries q.sql --floor 2
any fidelity latest "$staging" --repo repo --queries q.sql
any profile "$staging" -f q.sql
any profile "$staging" -c 'SELECT * FROM buy WHERE customer = $1' --generic
any replay app.w "$staging" --speed max
any replay app.w "$staging" --speed max --writes commit
any ledger import --from-db "$pg_db" --out blocks.w
any ledger replay blocks.w "$staging" --calls calls.yaml
any ledger check blocks.w "$staging" --calls calls.yaml
any ledger growth blocks.w "$staging" --calls calls.yaml

say 'their workload'
cp "$log" seen.log
assert_ok "$RH_BIN" capture seen.log --prefix '%m [%p] %q' --out all.w --json
left() { sqlite3 "$1" 'SELECT DISTINCT t.sql FROM executions e JOIN texts t ON t.id = e.text ORDER BY 1'; }
left all.w >left
cat >expected <<'SQL'
SELECT count(*) FROM buy WHERE customer = 8
SELECT id FROM buy WHERE id::text = $1
SELECT name FROM customer WHERE id = 7
SQL
assert_same_file expected left
assert_eq True "$(figure 'd["filtered"]["own"] > 800')" 'statements of ours in the log'
if grep -v '/\* rehearse \*/' seen.log | grep -q 'rehearse_\|pg_catalog.pg_locks'; then
    fail 'a statement of ours has no mark'
fi

say 'a pg_dump of somebody else, and the same process id afterwards'
cat >dump.log <<'LOG'
2026-01-01 00:00:00.000 UTC [7] LOG:  statement: SELECT pg_catalog.set_config('search_path', '', false);
2026-01-01 00:00:00.001 UTC [7] LOG:  statement: SELECT pg_catalog.pg_is_in_recovery()
2026-01-01 00:00:00.002 UTC [7] LOG:  statement: set client_encoding to 'UTF8'
2026-01-01 00:00:00.003 UTC [7] LOG:  statement: SET DATESTYLE = ISO
2026-01-01 00:00:00.004 UTC [7] LOG:  statement: BEGIN
2026-01-01 00:00:00.005 UTC [7] LOG:  statement: COPY public.t (a) TO stdout;
2026-01-01 00:00:09.000 UTC [7] LOG:  statement: BEGIN
2026-01-01 00:00:09.001 UTC [7] LOG:  statement: SELECT 1 FROM app
2026-01-01 00:00:09.002 UTC [7] LOG:  statement: COMMIT
2026-01-01 00:00:09.003 UTC [8] LOG:  statement: SELECT pg_catalog.set_config('search_path', '', false);
2026-01-01 00:00:09.004 UTC [8] LOG:  statement: VACUUM (SKIP_LOCKED) public.t;
LOG
assert_ok "$RH_BIN" capture dump.log --prefix '%m [%p] %q' --out dump.w
assert_eq "BEGIN
COMMIT
SELECT 1 FROM app
VACUUM (SKIP_LOCKED) public.t;" "$(left dump.w)" 'without the dump'
