# Sourced: the rows of bench/snapshot about SQLite. Reads the file m.db.
# shellcheck shell=bash disable=SC2034 # variables are read by the other files

sqlite_reads()
{
    rm -rf "$work"/dump.zst "$work"/vacuumed.db "$work"/backup.db
    measure_if zstd sqlite dump "$work/dump.zst" \
        "sqlite3 '$db' .dump | zstd -q -1 -o '$work/dump.zst'"
    measure_if sqlite3 sqlite vacuum "$work/vacuumed.db" \
        "sqlite3 '$db' \"VACUUM INTO '$work/vacuumed.db'\""
    measure_if sqlite3 sqlite backup "$work/backup.db" "sqlite3 '$db' '.backup $work/backup.db'"
    rm -rf "$work"/vacuumed.db "$work"/backup.db
}

sqlite_snapshots()
{
    rm -rf "$work/lite-repo" "$work/lite-repo1"
    measure_if "$rehearse" sqlite snapshot "$work/lite-repo" \
        "'$rehearse' snapshot '$db' --repo '$work/lite-repo' --raw --unsealed-raw --jobs $jobs --json"
    measure_if "$rehearse" sqlite snapshot_one "$work/lite-repo1" \
        "'$rehearse' snapshot '$db' --repo '$work/lite-repo1' --raw --unsealed-raw --jobs 1 --json"
    rm -rf "$work/lite-repo1"
}

sqlite_restores()
{
    rm -f "$work"/restored.db*
    measure_if zstd sqlite dump_restore "$work/restored.db" \
        "zstd -q -dc '$work/dump.zst' | sqlite3 '$work/restored.db'"
    rm -f "$work"/restored.db*
    measure_if "$rehearse" sqlite restore "$work/restored.db" \
        "'$rehearse' restore latest '$work/restored.db' --repo '$work/lite-repo' --jobs $jobs --json"
    rm -f "$work"/restored.db*
}

bench_sqlite()
{
    local run
    db=$work/m.db
    if ! installed sqlite3; then
        say 'the sqlite3 shell is not installed: the rows of SQLite are left out'
        record sqlite dump 'not installed'
        return
    fi
    load_sqlite "$db"
    for ((run = 1; run <= runs; run++)); do
        say "SQLite, run $run of $runs"
        sqlite_reads
        sqlite_snapshots
        sqlite_restores
    done
    rm -f "$db"*
}
