#!/bin/bash
# profile on SQLite: what it prints, what it refuses, that nothing stays and counters do not move.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/profile_twenty.sh"
. "$(dirname "$0")/../support/workload.sh"
require_program
require_tool sqlite3 jq
cd "$scratch"

narrow()
{
    assert_eq '' "$(awk 'length($0) > 80' stdout)" 'lines wider than 80 columns'
}

sqlite3 l.db "CREATE TABLE a(id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE tx(id INTEGER PRIMARY KEY, acct INTEGER, amount INTEGER);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
    INSERT INTO a SELECT i, 'n' || i FROM n;
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
    INSERT INTO tx SELECT i, i % 200 + 1, i % 97 FROM n; ANALYZE"
cat >q.sql <<'SQL'
-- name: totals
SELECT a.name,
       (SELECT sum(t.amount) FROM tx t WHERE t.acct = a.id) AS total
  FROM a ORDER BY total;
-- name: one
SELECT * FROM tx WHERE id = ?;
SQL
cp l.db before.db

say 'text: plan, place, finding, proof, within 80 columns'
assert_exit 1 "$RH_BIN" profile l.db -f q.sql --query totals
assert_stdout_contains 'totals on SQLite'
assert_stdout_contains 'CORRELATED SCALAR SUBQUERY 1 [1]'
assert_stdout_contains 'q.sql:3:8'
assert_stdout_contains '       (SELECT sum(t.amount) FROM tx t WHERE t.acct = a.id)'
assert_stdout_contains '^^^^^^^^^^'
assert_stdout_contains '[1] error correlated-subquery'
assert_stdout_contains 'CREATE INDEX tx_acct ON tx (acct)'
assert_stdout_contains 'tried (copy): steps'
narrow

say 'JSON: the span in bytes, correlated by which column'
assert_exit 1 "$RH_BIN" profile l.db -f q.sql --query totals --json
span=$(jq -r '.findings[0].span | "\(.file) \(.line) \(.column) \(.offset) \(.length)"' stdout)
text=$(jq -r '.findings[0].span.text' stdout)
assert_eq 'q.sql 3 8 38 52' "$span" 'span'
assert_eq "$text" "$(tail -c +39 q.sql | head -c 52)" 'the text at the offset'
assert_eq 'a.id true expr' \
    "$(jq -r '[.findings[0].correlated_by, .subqueries[0].correlated, .subqueries[0].kind] | join(" ")' stdout)" \
    'correlation'
assert_eq 'true' "$(jq '.findings[0].proof.after * 10 < .findings[0].proof.before' stdout)" 'proof'
assert_same_file l.db before.db

say 'parameters: given by place and by name, or not at all'
assert_ok "$RH_BIN" profile l.db -f q.sql --query one --param 7 --json
assert_eq '1 given' "$(jq -r '[.counters.rows, .case] | join(" ")' stdout)" 'one row'
assert_ok "$RH_BIN" profile l.db -c 'SELECT * FROM tx WHERE id = :id' --param ':id=7' --json
assert_eq 1 "$(jq .counters.rows stdout)" 'by name'
assert_ok "$RH_BIN" profile l.db -f q.sql --query one --generic
assert_stdout_contains 'planned for unknown'

say 'values that nobody gave come from the table'
assert_ok "$RH_BIN" profile l.db -f q.sql --query one
assert_stdout_contains 'parameter 1: the most common value of tx.id'
assert_stdout_contains 'parameter 1: a value absent from tx.id'
narrow
sqlite3 u.db "CREATE TABLE b(address TEXT, utxo TEXT, n INTEGER); CREATE INDEX bu ON b(utxo);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)
    INSERT INTO b SELECT CASE i % 3 WHEN 0 THEN 'bc1secret' || i ELSE 'bc1often' END,
        CASE i WHEN 29999 THEN 'c0ffee:0' END, i % 5 FROM n"
assert_exit 1 "$RH_BIN" profile u.db -c 'SELECT * FROM b WHERE address = ? AND n = ? LIMIT ?' --json
assert_eq 'common b.address most common' \
    "$(jq -r '.cases[0] | "\(.case) \(.taken[0].column) \(.taken[0].taken)"' stdout)" 'common'
assert_eq 'rare rare row limit' \
    "$(jq -r '.cases[1] | "\(.case) \(.taken[0].taken) \(.taken[2].taken)"' stdout)" 'rare'
assert_eq '100 1' "$(jq -r '.cases | map(.counters.rows) | join(" ")' stdout |
    sed 's/ 0$/ 1/')" 'rows of a common and of a rare value'
! grep -q bc1 stdout || fail 'a value is printed'
assert_ok "$RH_BIN" profile u.db -c 'SELECT * FROM b WHERE address = ?' --show-values
assert_stdout_contains '= "bc1often"'
assert_stdout_contains '= "bc1secret'
say 'a column that is nearly all NULL: its index tells the value'
assert_ok "$RH_BIN" profile u.db -c 'SELECT n FROM b WHERE utxo = ?' --json
assert_eq '1 0' "$(jq -r '.cases | map(.counters.rows) | join(" ")' stdout)" 'rows'
say 'not one value is left out, or all are'
assert_ok "$RH_BIN" profile u.db -c 'SELECT n FROM b WHERE utxo = ? AND n + ? > 3'
assert_stdout_contains 'planned for unknown'
assert_stdout_contains 'parameter 2'
assert_ok "$RH_BIN" profile u.db -c 'UPDATE b SET n = ? WHERE utxo = ?'
assert_stdout_contains 'planned for unknown'

say 'a workload: typical and worst parameters by what they took'
workload_new w.db sqlite
for n in 10 20 30; do
    workload_add w.db 1 NULL "$n" 'SELECT count(*) FROM tx WHERE id <= ?' \
        "[$((n * 5))]"
done
sqlite3 w.db 'UPDATE executions SET duration_us = start_us * start_us * 10'
name=$(sqlite3 w.db 'SELECT fingerprint FROM statements')
assert_ok "$RH_BIN" profile l.db --query "${name:0:10}" --workload w.db --json
assert_eq 'typical worst worst' "$(jq -r '[.cases[].case, .case] | join(" ")' stdout)" 'cases'
assert_eq true "$(jq '(.worst_ratio - .cases[1].counters.vm_steps / .cases[0].counters.vm_steps)
    | fabs < 0.01' stdout)" 'ratio'
assert_eq true "$(jq '.worst_ratio > 1.4 and .worst_ratio < 1.6' stdout)" '150 rows over 100'
assert_exit 2 "$RH_BIN" profile l.db --query zz --workload w.db
assert_stderr_contains "0 statements of the workload"

say 'entries of pg_stat_statements: a text without values, of the one called most'
workload_add w.db 1 NULL 40 'SELECT count(*)  FROM tx WHERE id <= ?'
sqlite3 w.db "UPDATE texts SET statement = 1; UPDATE executions SET parameters = NULL, protocol = 1,
    unreplayable = 'pg_stat_statements keeps no values'"
assert_exit 2 "$RH_BIN" profile l.db --query "$name" --workload w.db
assert_stderr_contains 'could be repeated'
sqlite3 w.db ".read $RH_SOURCE_DIR/core/db/sqlite/sql/workload_totals.sql" \
    'INSERT INTO totals SELECT id, id * id, 100, 1 FROM executions'
assert_ok "$RH_BIN" profile l.db --query "$name" --workload w.db --param 50 --json
assert_eq 'given SELECT count(*)  FROM tx WHERE id <= ?' \
    "$(jq -r '"\(.case) \(.statement)"' stdout)" 'the text called most, with the value given'
assert_ok "$RH_BIN" profile l.db --query "$name" --workload w.db

say 'statements that write are rolled back'
assert_ok "$RH_BIN" profile l.db -c 'DELETE FROM a WHERE id < 100' --json
assert_eq 200 "$(sqlite3 l.db 'SELECT count(*) FROM a')" 'rows'

say 'limits: the plan is shown, the exit code is 2'
assert_exit 2 "$RH_BIN" profile l.db -f q.sql --query totals --max-steps 20000
assert_stdout_contains 'ended by the limit of steps'
assert_stdout_contains 'correlated-subquery'
assert_exit 2 "$RH_BIN" profile l.db --timeout 1ms \
    -c 'WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c'
assert_stdout_contains 'ended by the limit of timeout'

say 'plan only, severities, thresholds'
assert_exit 1 "$RH_BIN" profile l.db -f q.sql --query totals --no-execute --json
assert_eq 'true false' "$(jq -r '[.findings[0].model, .executed] | join(" ")' stdout)" 'model'
assert_ok "$RH_BIN" profile l.db -f q.sql --query totals --fail-on never
printf 'findings:\n  correlated-subquery: off\n  temp-btree: {severity: warning, rows: 10}\n' >t.yaml
assert_exit 1 "$RH_BIN" profile l.db -f q.sql --query totals --config t.yaml --json
assert_eq 'temp-btree' "$(jq -r '.findings[].finding' stdout)" 'other thresholds'
printf 'findings:\n  corelated-subquery: off\n' >bad.yaml
assert_exit 2 "$RH_BIN" profile l.db -f q.sql --query totals --config bad.yaml
assert_stderr_contains 'bad.yaml:2:3'
assert_ok "$RH_BIN" profile l.db -c 'SELECT 1' --library-version 3.45.1
assert_stdout_contains 'production runs SQLite 3.45.1'

say 'what is refused, with its place'
printf 'SELECT *\n  FROM tx\n WHER id = 1' >wrong.sql
assert_exit 2 "$RH_BIN" profile l.db -f wrong.sql
assert_stderr_contains 'wrong.sql:3:7: near "id": syntax error'
assert_eq '   3 |  WHER id = 1
     |       ^' "$(grep '|' stderr)" 'caret'
assert_exit 2 "$RH_BIN" profile l.db -c 'SELECT * FROM nowhere'
assert_stderr_contains 'no such table: nowhere'
assert_exit 2 "$RH_BIN" profile l.db -c 'SELECT 1; SELECT 2'
assert_stderr_contains '2 statements'
assert_exit 2 "$RH_BIN" profile l.db -c 'COMMIT'
assert_exit 2 "$RH_BIN" profile l.db -c 'CREATE TABLE x(a)'
assert_exit 2 "$RH_BIN" profile l.db -c 'EXPLAIN SELECT 1'
assert_exit 2 "$RH_BIN" profile l.db
assert_exit 2 "$RH_BIN" profile l.db -f q.sql --query nobody
assert_stderr_contains "no statement is named 'nobody'"
assert_exit 2 "$RH_BIN" profile missing.db -c 'SELECT 1'
head -c 4096 /dev/urandom >noise.db
assert_exit 2 "$RH_BIN" profile noise.db -c 'SELECT 1'
assert_exit 2 "$RH_BIN" profile l.db -c 'SELECT * FROM tx WHERE id = ? OR id = ?' --param 1
assert_stderr_contains 'no value'

say 'an interrupt ends the run with exit code 2, and nothing stays'
endless='WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c'
for sql in "$endless" "UPDATE tx SET amount = ($endless)"; do
    "$RH_BIN" profile l.db --timeout 0 -c "$sql" >out 2>err &
    pid=$!
    for _ in {1..200}; do
        [ -z "$(find "/proc/$pid/fd" -lname "*/l.db" 2>/dev/null)" ] || break
        sleep 0.1
    done
    kill -INT "$pid"
    code=0
    wait "$pid" || code=$?
    assert_eq 2 "$code" 'exit code'
    assert_contains "$(cat err)" interrupted
    assert_eq '' "$(cat out)" 'no half report'
    assert_same_file l.db before.db
    assert_no_file l.db-journal
    assert_ok sqlite3 l.db 'BEGIN IMMEDIATE; ROLLBACK'
done

say 'what is wide, combines or is no text: carets stand below the span'
subquery='(SELECT max(t.id) FROM tx t WHERE t.acct = a.id)'
wide="SELECT '"$'\xE8\xA1\xA8\xE8\xA1\xA8'"', 'e"$'\xCC\x81'
printf "%s\t\x1B[m', %s\nFROM a" "$wide" "$subquery" >wide.sql
assert_ok "$RH_BIN" profile l.db -f wide.sql --no-proof --fail-on never
assert_eq "   1 | $wide ?[m', $subquery" "$(grep -m1 '   1 | ' stdout)" 'the line'
assert_eq "     |                         ${subquery//?/^}" "$(grep -m1 '\^\^\^' stdout)" 'carets'
! grep -q "$(printf '\x1B')" stdout || fail 'a command for the terminal is printed'
printf "SELECT '\xFF\xFE'" >latin.sql
assert_exit 2 "$RH_BIN" profile l.db -f latin.sql
assert_stderr_contains "'latin.sql': line 1, column 9: byte 0xFF is no UTF-8 text"

say 'long lines are cut around the span, many subqueries are told in a line each'
many=$(printf 'a.id + %d, ' {1..200})
echo "SELECT $many (SELECT sum(t.amount) FROM tx t WHERE t.acct = a.id), $many 1 FROM a" >long.sql
assert_exit 1 "$RH_BIN" profile l.db -f long.sql --no-proof
assert_stdout_contains '(SELECT sum(t.amount) FROM tx t WHERE t.acct = a.id), a.id...'
narrow
{
    printf 'SELECT a.id'
    printf ', (SELECT sum(t.amount) FROM tx t WHERE t.acct = a.id + %d)' {1..40}
    echo ' FROM a WHERE a.id < 3'
} >many.sql
assert_exit 1 "$RH_BIN" profile l.db -f many.sql --no-proof
assert_stdout_contains 'many.sql:1:14  expr in select, correlated by a.id'
assert_stdout_contains '[40] '
assert_stdout_contains '[40] '
narrow
[ "$(wc -l <stdout)" -lt 350 ] || fail "$(wc -l <stdout) lines for 40 subqueries"

say 'subqueries of views are counted, too: a filter on a column that is a look-up'
sqlite3 views.db "CREATE TABLE addr(id INTEGER PRIMARY KEY, address TEXT);
    CREATE TABLE comp(tx INTEGER PRIMARY KEY, source_id INTEGER, q INTEGER);
    WITH g(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < 5000)
        INSERT INTO comp SELECT n, 1 + n % 100, n FROM g;
    INSERT INTO addr SELECT tx, 'addr' || tx FROM comp WHERE tx <= 100;
    CREATE VIEW comp_view AS SELECT tx, (SELECT a.address FROM addr a WHERE a.id = c.source_id) AS source,
        q FROM comp c;
    CREATE VIEW outer_view AS SELECT v.source, v.q FROM comp_view v WHERE v.q > 0;"
for text in "SELECT tx, q FROM comp_view WHERE source = 'addr77'" \
    "SELECT x.q FROM outer_view x WHERE x.source = 'addr77'"; do
    assert_exit 1 "$RH_BIN" profile views.db -c "$text" --json
    assert_eq 'view comp_view 5000 counted' \
        "$(jq -r '[.findings[] | select(.finding == "correlated-subquery") | .span.file] + [.subqueries[]
            | select(.loops != null) | .loops, .loops_from] | join(" ")' stdout)" 'runs in a view'
done
assert_ok "$RH_BIN" profile views.db \
    -c "SELECT c.tx, c.q FROM comp c JOIN addr a ON a.id = c.source_id WHERE c.tx < 50"
assert_ok "$RH_BIN" profile views.db -c 'SELECT source FROM comp_view WHERE tx < 5'

say 'counters are the same in twenty runs under load'
sqlite3 small.db "CREATE TABLE a(id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE tx(id INTEGER PRIMARY KEY, acct INTEGER, amount INTEGER);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150)
    INSERT INTO a SELECT i, 'n' || i FROM n;
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
    INSERT INTO tx SELECT i, i % 150 + 1, i % 97 FROM n; ANALYZE"
profile_twenty vm_steps small.db -f q.sql --query totals
