# fidelity: what a copy lost is named, an equal copy scores 100.
. "$(dirname "$0")/../support/lib.sh"
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

say 'a snapshot instead of production'
assert_ok "$RH_BIN" snapshot source.db --repo repo --raw --unsealed-raw --quiet
assert_ok "$RH_BIN" fidelity latest equal.db --repo repo
assert_stdout_contains 'score 100.00'
assert_exit 1 "$RH_BIN" fidelity latest dropped.db --repo repo
assert_stdout_contains "index 'tb' is only in the source"
assert_exit 2 "$RH_BIN" fidelity latest equal.db --repo repo --queries queries
assert_stderr_contains 'cannot be planned on a snapshot'

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
before=$(pg_sql "$mirror" "UPDATE pg_class SET reltuples = 12345 WHERE relname = 't'" "$counts")
statistics=$(pg_sql "$mirror" 'SELECT md5(string_agg(s::text, $$,$$)) FROM pg_stats s
    WHERE schemaname = $$public$$')
assert_exit 0 "$RH_BIN" fidelity "$source" "$mirror" --queries pg.sql --floor 2 --max-cost 3 --json
assert_eq 2 "$(jq '[.queries.items[].floor.present.tries] | max' stdout)" tries
assert_eq 1 "$(jq '[.queries.items[].floor.noise.tries] | max' stdout)" 'tries against the first'
assert_eq "$before" "$(pg_sql "$mirror" "$counts")" 'row counts'
assert_eq "$statistics" "$(pg_sql "$mirror" 'SELECT md5(string_agg(s::text, $$,$$)) FROM pg_stats s
    WHERE schemaname = $$public$$')" 'statistics'
assert_exit 2 "$RH_BIN" fidelity "$source" "$equal" --queries pg.sql --floor 1
assert_stderr_contains 'is not marked as staging'

say 'PostgreSQL: other planner settings: could not say'
pg_sql "$RH_TEST_PG" "ALTER DATABASE \"fid_equal_$$\" SET work_mem = '77MB'"
assert_exit 2 "$RH_BIN" fidelity "$source" "$equal" --queries pg.sql
assert_stdout_contains 'work_mem'
assert_stdout_contains 'unknown: score'
assert_ok "$RH_BIN" fidelity "$source" "$equal" --queries pg.sql --ignore-settings
assert_ok "$RH_BIN" fidelity "$source" "$equal"
