# Every real log of the shared data is read; statements are counted beside us by grep.
. "$(dirname "$0")/../support/lib.sh"
require_program
require_shared postgres-logs
logs=$RH_SHARED_DATA/postgres-logs

# reads FILE EXECUTIONS: and nothing but lines of other programs is skipped.
reads()
{
    assert_ok "$RH_BIN" capture "$logs/$1" --out "$scratch/w.db" --replace --json
    assert_stdout_contains "\"executions\": $2"
}

reads cloudsql.log.gz "$(zcat "$logs/cloudsql.log.gz" | grep -c 'LOG:  statement:')"
reads light.postgres.log.bz2 "$(bzcat "$logs/light.postgres.log.bz2" | grep -c 'ms  statement:')"
reads multiline_param.log 5
reads pg-syslog.1.bz2 "$(bzcat "$logs/pg-syslog.1.bz2" | grep -cE 'ms  (statement|execute)')"
reads pg_rawcsv.log 2
reads queryid.log.gz 23
assert_ok "$RH_BIN" capture "$logs" --out "$scratch/w.db" --replace --json
for file in "$logs"/*; do
    assert_stdout_contains "$file"
done
