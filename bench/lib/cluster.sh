# Sourced: a throwaway PostgreSQL cluster with the settings of a small production server.
# shellcheck shell=bash disable=SC2034 # variables are read by the other files

# Durable (fsync, synchronous commit, full page writes and data checksums are on); memory settings
# follow the machine. Autovacuum is off so that it does not run into one measurement and not into
# the other.
start_cluster()
{
    local ram_mib buffers_mib maintenance_mib
    ram_mib=$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)
    buffers_mib=$((ram_mib >= 16000 ? 4096 : ram_mib / 4))
    maintenance_mib=$((ram_mib >= 8000 ? 1024 : ram_mib / 8))
    cluster_state=$work/cluster.state
    RH_PG_TMP=${work%/*} RH_PG_INITDB=--data-checksums \
        bash "$root/tests/support/pg_cluster.sh" start "$cluster_state" \
        fsync=on synchronous_commit=on full_page_writes=on wal_level=replica autovacuum=off \
        shared_buffers=${buffers_mib}MB maintenance_work_mem=${maintenance_mib}MB \
        max_wal_size=16GB checkpoint_timeout=1h max_wal_senders=4 >/dev/null </dev/null ||
        exit 2 # called where errexit is off; going on would measure the machine's own server
    # A state file assigns dir, bin and owner; we have a bin of our own.
    cluster_dir=$(. "$cluster_state" && echo "${dir:-}")
    pg_bin=$(. "$cluster_state" && echo "$bin")
    if [ "$pg_bin" = none ]; then
        cluster_state=''
        return 1
    fi
    server_pid=$(head -1 "$cluster_dir/data/postmaster.pid")
    note postgres "$("$pg_bin/postgres" --version)"
    note shared_buffers_mib "$buffers_mib"
    note fsync on
    # The programs themselves: Debian's wrappers around them start perl first.
    PATH=$pg_bin:$PATH
    export PGHOST=$cluster_dir PGPORT=5432 PGUSER=rehearse PGDATABASE=postgres
}

stop_cluster()
{
    bash "$root/tests/support/pg_cluster.sh" stop "$cluster_state" || true
    cluster_state=''
}

# sql DATABASE TEXT: run it, print unaligned rows.
sql()
{
    psql -X -qAt -v ON_ERROR_STOP=1 -d "$1" -c "$2"
}

# conninfo DATABASE
conninfo()
{
    printf 'host=%s port=5432 user=rehearse dbname=%s' "$cluster_dir" "$1"
}

# uri DATABASE
uri()
{
    printf 'postgresql://rehearse@/%s?host=%s&port=5432' "$1" "$cluster_dir"
}

# drop DATABASE...: also what a swap kept of it.
drop()
{
    local name
    for name in "$@"; do
        sql postgres "SELECT format('DROP DATABASE %I WITH (FORCE);', datname)
            FROM pg_database WHERE datname = '$name' OR datname LIKE '${name}\\_\\_%'" |
            psql -X -q -d postgres >/dev/null
    done
}
