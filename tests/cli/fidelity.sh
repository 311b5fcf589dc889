# fidelity: what a copy lost is named, an equal copy scores 100.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/rules.sh"
require_program
require_tool sqlite3 psql jq
cd "$scratch"

# narrow: the text output fits a terminal of 80 columns.
narrow()
{
    assert_eq '' "$(awk 'length($0) > 80' stdout)" 'lines wider than 80 columns'
}

say 'SQLite: an equal copy, a dropped index, changed skew'
sqlite3 source.db "CREATE TABLE t(a INTEGER PRIMARY KEY, b, c);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
    INSERT INTO t SELECT i, i % 100, i % 7 FROM n;
    CREATE INDEX tb ON t(b); CREATE INDEX tc ON t(c, b); ANALYZE"
for copy in equal dropped skewed; do cp source.db $copy.db; done
sqlite3 dropped.db 'DROP INDEX tb'
sqlite3 skewed.db 'UPDATE t SET b = 0; ANALYZE'
mkdir queries
echo 'SELECT * FROM t WHERE b = 3;' >queries/by_b.sql
printf -- "-- name: by_c\nSELECT count(*) FROM t WHERE c = 1;\nSELECT ';' FROM t" >queries/more.sql
assert_ok "$RH_BIN" fidelity source.db equal.db --queries queries
assert_stdout_contains 'good: score 100.00 of 100'
assert_stdout_contains '3 of 3 plans are the same'
narrow
assert_exit 1 "$RH_BIN" fidelity source.db dropped.db --queries queries
assert_stdout_contains "index 'tb' is only in the source"
assert_stdout_contains "query 'by_b' has another plan"
assert_stdout_contains 'SEARCH t USING INDEX tb (b=?)'
narrow
assert_exit 1 "$RH_BIN" fidelity source.db skewed.db --queries queries/by_b.sql --json
assert_eq 'bad plan-changed by_b' \
    "$(jq -r '[.verdict, .differences[0].kind, .differences[0].object] | join(" ")' stdout)" report
assert_eq 'groups' "$(jq -r '.statistics.indexes[0].worst' stdout)" 'worst part'

say 'without queries the score decides'
assert_ok "$RH_BIN" fidelity source.db equal.db
assert_exit 1 "$RH_BIN" fidelity source.db skewed.db
assert_stdout_contains 'is below 80'
assert_ok "$RH_BIN" fidelity source.db skewed.db --min-score 5
assert_ok "$RH_BIN" fidelity source.db skewed.db --exclude t
assert_exit 1 "$RH_BIN" fidelity dropped.db skewed.db

say 'SQLite: beginnings of texts, sampled from the tables'
write_mask_key mask.key
sqlite3 texts.db "CREATE TABLE refs(id INTEGER PRIMARY KEY, ref TEXT, n INTEGER);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)
    INSERT INTO refs SELECT i, printf('ord-%04d-%c', (i * 7919) % 10000, 97 + i % 26), i FROM n"
for mask in prefix-text text; do
    write_rules rules.yaml "refs.ref: $mask" '"refs.*": keep'
    assert_ok "$RH_BIN" mirror texts.db $mask.db --rules rules.yaml --quiet
    assert_ok "$RH_BIN" fidelity texts.db $mask.db --json
    cp stdout $mask.json
done
assert_eq 'ref 100 null' "$(jq -r '.statistics.columns[] |
    [.column, .score, .worst] | map(tostring) | join(" ")' prefix-text.json)" 'prefixes kept'
assert_eq 'refs ref prefix null true' "$(jq -r '.statistics.columns[0] | [.table, .column, .worst,
    .source.null_fraction, .score < 75] | map(tostring) | join(" ")' text.json)" 'prefixes lost'
assert_ok "$RH_BIN" fidelity texts.db text.db
assert_stdout_contains 'prefix    column  refs.ref'
narrow

say 'a snapshot instead of production'
assert_ok "$RH_BIN" snapshot source.db --repo repo --raw --unsealed-raw --quiet
assert_ok "$RH_BIN" fidelity latest equal.db --repo repo
assert_stdout_contains 'score 100.00'
assert_exit 1 "$RH_BIN" fidelity latest dropped.db --repo repo
assert_stdout_contains "index 'tb' is only in the source"

say 'queries on a snapshot: planned under its statistics, production is not needed'
mv source.db away.db
assert_ok "$RH_BIN" fidelity latest equal.db --repo repo --queries queries
assert_stdout_contains '3 of 3 plans are the same'
assert_stdout_contains "under the snapshot's statistics"
narrow
assert_exit 1 "$RH_BIN" fidelity latest dropped.db --repo repo --queries queries --json
assert_eq 'bad stored false' "$(jq -r '[.verdict, .queries.source_plans,
    (.queries.items[] | select(.name == "by_b") | .same_plan)] | join(" ")' stdout)" report
echo 'SELECT nothing FROM t;' >unplanned.sql
assert_exit 2 "$RH_BIN" fidelity latest equal.db --repo repo --queries unplanned.sql
assert_stdout_contains 'cannot be planned on the source'
mv away.db source.db

say 'queries on a snapshot: the same schema with other figures'
# skewed_db FILE B C: how many distinct values do b and c have?
skewed_db()
{
    sqlite3 "$1" "CREATE TABLE t(a INTEGER PRIMARY KEY, b, c, d);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
        INSERT INTO t SELECT i, i % $2, i % $3, i FROM n;
        CREATE INDEX tb ON t(b); CREATE INDEX tc ON t(c); ANALYZE"
}
skewed_db many_c.db 3 1000
skewed_db many_b.db 1000 3
cp many_c.db many_c_too.db
cat >either.sql <<'EOF'
-- name: flips
SELECT * FROM t WHERE b = 1 AND c = 1;
-- name: stays
SELECT * FROM t WHERE a = 3;
EOF
assert_ok "$RH_BIN" snapshot many_c.db --repo flips --raw --unsealed-raw --quiet
rm many_c.db
assert_exit 1 "$RH_BIN" fidelity latest many_b.db --repo flips --queries either.sql --json
assert_eq 'flips false,stays true' "$(jq -r '[.queries.items[] | .name + " " + (.same_plan |
    tostring)] | sort | join(",")' stdout)" 'plans'
assert_eq 'SEARCH t USING INDEX tc (c=?) / SEARCH t USING INDEX tb (b=?)' "$(jq -r '.queries.items[] |
    select(.name == "flips") | .source.shape + " / " + .target.shape' stdout)" 'flipped'
assert_ok "$RH_BIN" fidelity latest many_c_too.db --repo flips --queries either.sql

say 'a schema that SQLite would not make again: no rowid, views, partial and text indexes, no figures'
sqlite3 odd.db "CREATE TABLE w(a PRIMARY KEY, b) WITHOUT ROWID; CREATE INDEX wb ON w(lower(b))
        WHERE b > 'k'; CREATE VIEW v AS SELECT a FROM w; CREATE VIRTUAL TABLE f USING fts5(x);
    CREATE TABLE s(i INTEGER PRIMARY KEY AUTOINCREMENT, j UNIQUE);
    CREATE TRIGGER g AFTER DELETE ON s BEGIN DELETE FROM w WHERE a = old.i; END;
    INSERT INTO f VALUES ('some words')"
cat >odd.sql <<'EOF'
SELECT * FROM v WHERE a = 1;
SELECT b FROM w WHERE lower(b) = 'x' AND b > 'k';
DELETE FROM s WHERE j = 3;
EOF
assert_ok "$RH_BIN" snapshot odd.db --repo oddrepo --raw --unsealed-raw --quiet
assert_ok "$RH_BIN" fidelity latest odd.db --repo oddrepo --queries odd.sql
assert_stdout_contains '3 of 3 plans are the same'
echo "SELECT * FROM f WHERE f MATCH 'words';" >fulltext.sql # its index is in rows
assert_exit 2 "$RH_BIN" fidelity latest odd.db --repo oddrepo --queries fulltext.sql
assert_stdout_contains 'cannot be planned on the source'

say 'a text of its own for the target, and queries that cannot be planned'
echo 'SELECT * FROM t WHERE b = 4;' >queries/by_b.target.sql
assert_ok "$RH_BIN" fidelity source.db equal.db --queries queries
echo 'SELECT * FROM t WHERE c = 4;' >queries/by_b.target.sql
assert_exit 1 "$RH_BIN" fidelity source.db equal.db --queries queries
echo 'SELECT nothing FROM t;' >queries/by_b.target.sql
assert_exit 1 "$RH_BIN" fidelity source.db equal.db --queries queries
assert_stdout_contains "cannot be planned on the target"
rm queries/by_b.target.sql
echo 'SELECT nothing FROM t;' >broken.sql
assert_exit 2 "$RH_BIN" fidelity source.db equal.db --queries broken.sql --json
assert_eq unknown "$(jq -r .verdict stdout)" verdict
assert_eq '' "$(cat stderr)" 'stderr with --json'

say 'queries of a workload, with values masked for the copy'
write_mask_key mask.key
cat >rules.yaml <<'EOF'
version: 1
key: {file: mask.key}
columns:
  "*.*": keep
  "t.c": {mask: integer}
EOF
assert_ok "$RH_BIN" mirror source.db masked.db --rules rules.yaml --quiet
cat >app.sql <<'EOF'
SELECT * FROM t WHERE c = 3;
SELECT * FROM t WHERE a = 5;
SELECT count(*) FROM t WHERE c + 1 = 77;
CREATE TABLE other(x);
EOF
assert_ok "$RH_BIN" capture app.sql --format script --engine sqlite --out app.workload --quiet
assert_ok "$RH_BIN" fidelity source.db masked.db --workload app.workload --rules rules.yaml
assert_stdout_contains '2 of 2 plans are the same'
assert_stdout_contains 'is left out, its values cannot be masked'
narrow
assert_ok "$RH_BIN" fidelity source.db masked.db --workload app.workload --queries queries --rules rules.yaml --json
assert_eq '4 left-out' "$(jq -r '"\(.queries.count) \(.differences[0].kind)"' stdout)" report
# A masked snapshot as the source: its own plans take masked values, too.
assert_ok "$RH_BIN" snapshot source.db --repo maskedrepo --rules rules.yaml --quiet
assert_ok "$RH_BIN" fidelity latest masked.db --repo maskedrepo --workload app.workload --rules rules.yaml
assert_stdout_contains '2 of 2 plans are the same'
echo 'SELECT count(*) FROM t WHERE c + 1 = 78;' >lost.sql
assert_exit 2 "$RH_BIN" fidelity source.db masked.db --queries lost.sql --rules rules.yaml
assert_stdout_contains 'no query is left to compare'
assert_exit 2 "$RH_BIN" fidelity source.db masked.db --workload missing.workload
assert_exit 2 "$RH_BIN" fidelity source.db masked.db --workload app.workload --rules missing.yaml

say 'wrong words'
assert_exit 2 "$RH_BIN" fidelity source.db
assert_exit 2 "$RH_BIN" fidelity source.db missing.db
assert_exit 2 "$RH_BIN" fidelity source.db equal.db --queries missing
assert_exit 2 "$RH_BIN" fidelity source.db equal.db --queries broken.sql --queries broken.sql
assert_stderr_contains "two queries are named 'broken'"
for ratio in 0 0.5 x 1.x 1. -1 1.2.3 99999999; do
    case $ratio in 1.) continue ;; esac
    assert_exit 2 "$RH_BIN" fidelity source.db equal.db --max-qerror "$ratio"
done
assert_exit 2 "$RH_BIN" fidelity source.db equal.db --min-score 101
assert_exit 2 "$RH_BIN" fidelity source.db equal.db --floor 1
assert_exit 2 "$RH_BIN" fidelity source.db equal.db --queries queries --floor 1
assert_stderr_contains 'needs PostgreSQL'

[ -n "${RH_TEST_PG:-}" ] || exit 0
say 'PostgreSQL: an equal copy, a dropped index, changed skew'
# copy_of NAME: a copy with the statistics of the source; sets pg_db.
copy_of()
{
    pg_create_db "$1"
    pg_sql "$RH_TEST_PG" "DROP DATABASE \"$1_$$\"" \
        "CREATE DATABASE \"$1_$$\" TEMPLATE \"fid_source_$$\""
}
pg_create_db fid_source
source=$pg_db
pg_sql "$source" "
    CREATE TABLE t (id int PRIMARY KEY, b int, c text, d date, tags text[])
        WITH (autovacuum_enabled = false);
    INSERT INTO t SELECT i, (i * 7919) % 100, CASE WHEN i % 3 = 0 THEN 'hot' ELSE 'c' || i % 500 END,
        date '2020-01-01' + i / 50, ARRAY['a', 'b' || i % 5] FROM generate_series(1, 20000) i;
    CREATE INDEX tb ON t (b); CREATE INDEX tc ON t (c); CREATE INDEX td ON t (d)" 'VACUUM ANALYZE t'
copy_of fid_equal && equal=$pg_db
copy_of fid_dropped && dropped=$pg_db
copy_of fid_skewed && skewed=$pg_db
pg_sql "$dropped" 'DROP INDEX tb'
pg_sql "$skewed" "UPDATE t SET c = 'hot' || id" 'ANALYZE t'
cat >pg.sql <<'EOF'
-- name: by_b
SELECT * FROM t WHERE b = 3;
-- name: hot
SELECT count(*) FROM t WHERE c = 'hot';
-- name: joined
SELECT * FROM t a JOIN t b ON a.b = b.id WHERE a.d BETWEEN '2020-02-01' AND '2020-02-03' ORDER BY a.c;
EOF
assert_ok "$RH_BIN" fidelity "$source" "$equal" --queries pg.sql
assert_stdout_contains 'good: score 100.00 of 100'
narrow
assert_exit 1 "$RH_BIN" fidelity "$source" "$dropped" --queries pg.sql
assert_stdout_contains "index 'public.tb' is only in the source"
assert_stdout_contains "query 'by_b' has another plan"
narrow
assert_exit 1 "$RH_BIN" fidelity "$source" "$skewed" --queries pg.sql --json
assert_eq 'public.t.c' "$(jq -r '.statistics.columns[0] | .table + "." + .column' stdout)" 'worst column'
assert_contains "$(jq -r '.differences[].object' stdout)" hot 'differences'
assert_lacks "$(cat stdout)" hot1 'values'
assert_exit 1 "$RH_BIN" fidelity "$source" "$skewed"
assert_exit 2 "$RH_BIN" fidelity source.db "$equal"
assert_stderr_contains 'sqlite cannot be compared with postgresql'

say 'PostgreSQL: statistics stored in a snapshot, and a mirror'
assert_ok "$RH_BIN" snapshot "$source" --repo pgrepo --raw --unsealed-raw --quiet
assert_ok "$RH_BIN" fidelity latest "$equal" --repo pgrepo
assert_exit 1 "$RH_BIN" fidelity latest "$skewed" --repo pgrepo
pg_create_db fid_mirror
mirror=$pg_db
pg_drop_db "fid_mirror_$$"
assert_ok "$RH_BIN" mirror "$source" "$mirror" --raw --quiet
assert_ok "$RH_BIN" fidelity "$source" "$mirror" --queries pg.sql
assert_stdout_contains '3 of 3 plans are the same'

say 'PostgreSQL: the noise floor leaves nothing behind'
counts="SELECT string_agg(relname || relpages || '/' || reltuples || '/' || relallvisible, ' '
    ORDER BY relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
figures='SELECT md5(string_agg(s::text, $$,$$)) FROM pg_stats s WHERE schemaname = $$public$$'
# state NAME: everything that a trial touches
state()
{
    pg_sql "$1" "$counts" "$figures" 'SELECT count(*) FROM pg_index WHERE NOT indisvalid'
}
before=$(pg_sql "$mirror" "UPDATE pg_class SET reltuples = 12345 WHERE relname = 't'" "$counts")
statistics=$(pg_sql "$mirror" "$figures")
assert_exit 0 "$RH_BIN" fidelity "$source" "$mirror" --queries pg.sql --floor 2 --max-cost 3 --json
assert_eq 2 "$(jq '[.queries.items[].floor.present.tries] | max' stdout)" tries
assert_eq 1 "$(jq '[.queries.items[].floor.noise.tries] | max' stdout)" 'tries against the first'
assert_eq "$before" "$(pg_sql "$mirror" "$counts")" 'row counts'
assert_eq "$statistics" "$(pg_sql "$mirror" "$figures")" 'statistics'
assert_exit 2 "$RH_BIN" fidelity "$source" "$equal" --queries pg.sql --floor 1
assert_stderr_contains 'is not marked as staging'

say 'PostgreSQL: plans under the statistics of a snapshot, in the target, rolled back'
pg_create_db fid_stored
mirror=$pg_db
pg_drop_db "fid_stored_$$"
assert_ok "$RH_BIN" mirror "$source" "$mirror" --raw --quiet
assert_exit 2 "$RH_BIN" fidelity latest "$skewed" --repo pgrepo --queries pg.sql
assert_stderr_contains 'is not marked as staging'
before=$(state "$mirror")
assert_ok "$RH_BIN" fidelity latest "$mirror" --repo pgrepo --queries pg.sql
assert_stdout_contains '3 of 3 plans are the same'
assert_stdout_contains "on the target's pages"
narrow
assert_eq "$before" "$(state "$mirror")" 'the mirror after a good answer'
# The copy believes something else than production: one plan flips, by_b does not.
pg_sql "$mirror" "UPDATE t SET c = 'hot' || id" 'ANALYZE t'
before=$(state "$mirror")
assert_exit 1 "$RH_BIN" fidelity latest "$mirror" --repo pgrepo --queries pg.sql --json
assert_eq 'stored by_b true,hot false' "$(jq -r '.queries | .source_plans + " " + ([.items[] |
    select(.name != "joined") | .name + " " + (.ok | tostring)] | sort | join(","))' stdout)" plans
assert_contains "$(jq -r '.queries.items[] | select(.name == "hot") | .source.shape' stdout)" \
    'SeqScan t' 'the plan of the snapshot'
assert_contains "$(jq -r '.queries.items[] | select(.name == "hot") | .target.shape' stdout)" \
    't tc' 'the plan of the copy'
assert_lacks "$(cat stdout)" hot1 'values'
assert_eq "$before" "$(state "$mirror")" 'the mirror after a bad answer'
# An index that production does not have is hidden from its plans.
pg_sql "$mirror" 'CREATE INDEX extra ON t (b, d)'
echo "SELECT * FROM t WHERE b = 3 AND d = '2020-02-01';" >extra.sql
assert_exit 1 "$RH_BIN" fidelity latest "$mirror" --repo pgrepo --queries extra.sql --json
assert_lacks "$(jq -r '.queries.items[0].source.shape' stdout)" extra 'the plan of the snapshot'
assert_contains "$(jq -r '.queries.items[0].target.shape' stdout)" extra 'the plan of the copy'
assert_eq '0' "$(pg_sql "$mirror" 'SELECT count(*) FROM pg_index WHERE NOT indisvalid')" 'indexes'
# What the copy lacks is bad, although neither plan can use it.
pg_sql "$mirror" 'DROP INDEX extra' 'DROP INDEX td'
echo "SELECT * FROM t WHERE d = '2020-02-01';" >by_d.sql
assert_exit 1 "$RH_BIN" fidelity latest "$mirror" --repo pgrepo --queries by_d.sql
assert_stdout_contains "index 'public.td' is only in the source"
assert_stdout_contains '1 of 1 plans are the same'
pg_sql "$mirror" 'CREATE INDEX td ON t (d)'
# Without the rights; and while somebody else holds what must be written.
before=$(state "$mirror")
role=fid_reader_$$
pg_sql "$mirror" "CREATE ROLE $role LOGIN" "GRANT SELECT ON ALL TABLES IN SCHEMA public TO $role"
assert_exit 2 "$RH_BIN" fidelity latest "${mirror/user=rehearse/user=$role}" --repo pgrepo \
    --queries pg.sql
assert_stderr_contains 'stored statistics need a superuser on the copy'
assert_ok "$RH_BIN" fidelity latest "${mirror/user=rehearse/user=$role}" --repo pgrepo --min-score 1
pg_sql "$mirror" "DROP OWNED BY $role" "DROP ROLE $role"
# sessions WHERE: wait for the one session of the mirror of which that is true.
sessions()
{
    for _ in $(seq 100); do
        [ "$(pg_sql "$mirror" "SELECT count(*) FROM pg_stat_activity WHERE
            datname = current_database() AND $1")" = 1 ] && return
        sleep 0.1
    done
    fail "no session with $1"
}
psql -Xq "$mirror" -c "BEGIN; SELECT relname FROM pg_class WHERE relname = 't' FOR UPDATE;
    SELECT pg_sleep(60)" >/dev/null 2>&1 &
holder=$!
sessions "wait_event = 'PgSleep'"
"$RH_BIN" fidelity latest "$mirror" --repo pgrepo --queries pg.sql >interrupted 2>&1 &
tool=$!
sessions "wait_event_type = 'Lock'"
kill -INT $tool
code=0 && wait $tool || code=$?
assert_eq 2 "$code" 'exit code after an interrupt'
assert_contains "$(cat interrupted)" interrupted 'the words after an interrupt'
kill $holder
wait $holder || true
pg_sql "$mirror" "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE
    datname = current_database() AND wait_event = 'PgSleep'" >/dev/null
assert_eq "$before" "$(state "$mirror")" 'the mirror after refusals'

say 'PostgreSQL: other planner settings: could not say'
pg_sql "$RH_TEST_PG" "ALTER DATABASE \"fid_equal_$$\" SET work_mem = '77MB'"
assert_exit 2 "$RH_BIN" fidelity "$source" "$equal" --queries pg.sql
assert_stdout_contains 'work_mem'
assert_stdout_contains 'unknown: score'
assert_ok "$RH_BIN" fidelity "$source" "$equal" --queries pg.sql --ignore-settings
assert_ok "$RH_BIN" fidelity "$source" "$equal"
