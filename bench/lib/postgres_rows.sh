# Sourced: the rows of bench/snapshot about PostgreSQL. Reads the database m.
# shellcheck shell=bash disable=SC2034 # variables are read by the other files

# Commands run in a shell of their own; these are what they may use.
prepare_postgres()
{
    source=$(conninfo m)
    half=$(sql m "SELECT pg_relation_size('customers') / 8192 / 2")
    half_events=$(sql m "SELECT pg_relation_size('events') / 8192 / 2")
    if installed pg_dump && [ "$rules_only" = 0 ]; then
        # What pg_restore reads: uncompressed, the form that it restores fastest.
        pg_dump -Fd -j "$jobs" -Z0 -d m -f "$work/z0"
    fi
    cp "$bench_dir/lib/masked_rules.yaml" "$work/rules.yaml"
    "$rehearse" keygen --mask "$work/mask.key" --quiet >/dev/null || say 'keygen failed'
    (cd "$work" && "$rehearse" keygen --seal seal >/dev/null) || say 'keygen failed'
}

# one_copy PART: both tables through one connection, PART is a WHERE for each of them.
one_copy()
{
    printf "psql -Xqd m -c \"COPY (SELECT * FROM customers WHERE ctid %s '(%d,0)') TO STDOUT\" " \
        "$1" "$half"
    printf "%s >/dev/null" \
        "-c \"COPY (SELECT * FROM events WHERE ctid $1 '($half_events,0)') TO STDOUT\""
}

postgres_reads()
{
    measure_if psql pg copy1 - \
        "psql -Xqd m -c 'COPY customers TO STDOUT' -c 'COPY events TO STDOUT' >/dev/null"
    measure_if psql pg copy2 - "$(one_copy '<') & $(one_copy '>=') && wait \$!"
    rm -rf "$work/fd" "$work/fd1" "$work/fp.zst"
    measure_if pg_dump pg fd "$work/fd" "pg_dump -Fd -j $jobs -d m -f '$work/fd'"
    measure_if pg_dump pg fd1 "$work/fd1" "pg_dump -Fd -j $jobs -Z1 -d m -f '$work/fd1'"
    if installed pg_dump; then
        measure_if zstd pg fp_zstd "$work/fp.zst" "pg_dump -Fp -d m | zstd -q -1 -o '$work/fp.zst'"
    else
        record pg fp_zstd 'not installed'
    fi
}

# What masking costs: five columns masked on the way.
postgres_masked()
{
    rm -rf "$work/repo" "$work/repo1" "$work/masked" "$work/masked1"
    measure_if "$rehearse" pg masked "$work/masked" \
        "'$rehearse' snapshot '$source' --repo '$work/masked' --rules '$work/rules.yaml' --jobs $jobs --json"
    measure_if "$rehearse" pg masked_one "$work/masked1" \
        "'$rehearse' snapshot '$source' --repo '$work/masked1' --rules '$work/rules.yaml' --jobs 1 --json"
    rm -rf "$work/masked" "$work/masked1"
}

# Only the rows that the bars of masking compare.
postgres_rules()
{
    measure_if psql pg copy1 - \
        "psql -Xqd m -c 'COPY customers TO STDOUT' -c 'COPY events TO STDOUT' >/dev/null"
    rm -rf "$work/repo"
    measure_if "$rehearse" pg snapshot "$work/repo" \
        "'$rehearse' snapshot '$source' --repo '$work/repo' --raw --unsealed-raw --jobs $jobs --json"
    postgres_masked
}

postgres_snapshots()
{
    rm -rf "$work/repo" "$work/repo1" "$work/repo-sealed"
    measure_if "$rehearse" pg snapshot "$work/repo" \
        "'$rehearse' snapshot '$source' --repo '$work/repo' --raw --unsealed-raw --jobs $jobs --json"
    cp "$work/out" "$work/snapshot.json"
    measure_if "$rehearse" pg snapshot_sealed "$work/repo-sealed" \
        "'$rehearse' snapshot '$source' --repo '$work/repo-sealed' --raw \
            --seal-to '$work/seal.writer' --jobs $jobs --json"
    measure_if "$rehearse" pg snapshot_one "$work/repo1" \
        "'$rehearse' snapshot '$source' --repo '$work/repo1' --raw --unsealed-raw --jobs 1 --json"
    rm -rf "$work/fd" "$work/fd1" "$work/repo1" "$work/repo-sealed"
}

# The swap is measured by the program itself: how long users could not connect.
record_swap_window()
{
    local window
    window=$(grep -oE '"window_us": *[0-9]+' "$work/out" | grep -oE '[0-9]+$' | head -1) || true
    if [ -n "$window" ]; then
        record pg window ok "$window" 0 0 0 0 0 0
    else
        record pg window failed
    fi
}

postgres_restores()
{
    # Every row makes its database itself.
    drop restored
    measure_if pg_restore pg pg_restore - \
        "createdb restored && pg_restore -j $jobs -d restored '$work/z0'"
    drop restored

    rm -rf "$work/pgcopydb"
    measure_if pgcopydb pg pgcopydb - \
        "createdb restored && pgcopydb clone --source '$(uri m)' --target '$(uri restored)' --table-jobs $jobs \
            --index-jobs $jobs --dir '$work/pgcopydb'"
    drop restored

    local restore
    restore="'$rehearse' restore latest '$(conninfo restored)' --repo '$work/repo'"
    measure_if "$rehearse" pg restore - "$restore --jobs $jobs --json"
    measure_if "$rehearse" pg restore_swap - "$restore --jobs $jobs --swap --json"
    record_swap_window
    drop restored
}

bench_postgres()
{
    local run
    if ! start_cluster; then
        say 'no PostgreSQL server is installed: its rows are left out'
        record pg copy1 'not installed'
        return
    fi
    load_postgres m
    prepare_postgres
    for ((run = 1; run <= runs; run++)); do
        say "PostgreSQL, run $run of $runs"
        if [ "$rules_only" = 1 ]; then
            postgres_rules
            continue
        fi
        postgres_reads
        postgres_masked
        postgres_snapshots
        postgres_restores
    done
    drop m
    stop_cluster
    server_pid=0
}
