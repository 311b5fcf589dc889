# Sourced: what happens to the table between two nights, and the backup of each night by each tool.
# shellcheck shell=bash disable=SC2034 # variables are read by the other files

last_night=5
update='UPDATE customers SET balance = balance + 1'

# append TABLE: one percent more rows, continuing the data set.
append()
{
    local more=$((rows_first / 100))
    if [ "$1" = pg ]; then
        data --from "$rows_now" --rows "$more" customers | sql m 'COPY customers FROM STDIN'
    else
        data --sql --from "$rows_now" --rows "$more" customers | sqlite3 -bail "$db"
    fi
    rows_now=$((rows_now + more))
}

# update_where TABLE CONDITION
update_where()
{
    if [ "$1" = pg ]; then
        sql m "$update WHERE $2"
    else
        sqlite3 -bail "$db" "$update WHERE $2"
    fi
}

# Half of the two percent of rows that came last.
update_recent()
{
    if [ "$1" = pg ]; then
        update_where pg "id >= '80000000-0000-0000-0000-000000000000' AND created_at >= (
            SELECT created_at FROM customers ORDER BY created_at OFFSET $((rows_now * 98 / 100)) LIMIT 1)"
    else
        update_where sqlite "id >= '80000000' AND no > $((rows_now * 98 / 100))"
    fi
}

# change TABLE NIGHT. The ids are random, so that a range of them is a random sample of the table:
# 0x418937 of 2^32 ids are 0.1 percent.
change()
{
    local rest=''
    [ "$1" = sqlite ] || rest=-0000-0000-0000-000000000000
    case $2 in
    0 | 1) ;;
    2) append "$1" ;;
    3)
        update_recent "$1"
        append "$1"
        ;;
    4) update_where "$1" "id < '00418937$rest'" ;;
    5) update_where "$1" "id >= '40000000$rest' AND id < '420c49ba$rest'" ;;
    esac
}

# Keep restic and borg out of the home folder, and from asking questions.
prepare_peers()
{
    export RESTIC_PASSWORD=bench RESTIC_CACHE_DIR=$work/restic-cache
    export BORG_BASE_DIR=$work/borg-home BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes
    rm -rf "$work"/restic* "$work"/borg* "$work"/repo
    if installed restic; then
        restic -q -r "$work/restic" init >/dev/null
    fi
    if installed borg; then
        borg init -e none "$work/borg"
    fi
}

# back_up TABLE NIGHT SOURCE TEXT: TEXT is the command that writes the rows for restic and borg.
back_up()
{
    local repo=$work/repo
    measure_if "$rehearse" "$1" "rehearse $2" "$repo" \
        "'$rehearse' snapshot '$3' --repo '$repo' --raw --unsealed-raw --jobs $jobs --json"
    measure_if restic "$1" "restic $2" "$work/restic" \
        "$4 | restic -q -r '$work/restic' backup --stdin --stdin-filename customers"
    measure_if borg "$1" "borg $2" "$work/borg" \
        "$4 | borg create -C zstd,1 --stdin-name customers '$work/borg::night$2' -"
}

# run_nights TABLE SOURCE TEXT
run_nights()
{
    local night
    prepare_peers
    rows_now=$rows_first
    for ((night = 0; night <= last_night; night++)); do
        change "$1" "$night" >/dev/null
        back_up "$1" "$night" "$2" "$3"
    done
}

nights_postgres()
{
    if ! start_cluster; then
        say 'no PostgreSQL server is installed: its table is left out'
        return
    fi
    say "loading $rows_first customers into PostgreSQL"
    sql postgres 'CREATE DATABASE m TEMPLATE template0'
    create_customers m
    data --rows "$rows_first" customers | sql m 'COPY customers FROM STDIN'
    index_customers m
    sql m 'VACUUM (FREEZE, ANALYZE)'
    note postgres_text_bytes "$(sql m 'COPY customers TO STDOUT' | wc -c)"
    run_nights pg "$(conninfo m)" "psql -Xqd m -c 'COPY customers TO STDOUT'"
    stop_cluster
    server_pid=0
}

nights_sqlite()
{
    db=$work/m.db
    if ! installed sqlite3; then
        say 'the sqlite3 shell is not installed: its table is left out'
        return
    fi
    create_sqlite "$db" "$rows_first"
    note sqlite "$(sqlite3 --version | cut -d' ' -f1)"
    note sqlite_file_bytes "$(bytes_of "$db")"
    run_nights sqlite "$db" "sqlite3 '$db' .dump"
}
