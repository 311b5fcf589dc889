#!/bin/bash
# A throwaway PostgreSQL cluster for tests: unix socket only, superuser `rehearse`, no password.
#
#   pg_cluster.sh start STATE [--watch-parent] [name=value ...]   start, record it in the file STATE
#   pg_cluster.sh env STATE             print the connection string (exit 77: no server installed)
#   pg_cluster.sh run STATE COMMAND...  run COMMAND with RH_TEST_PG set (or exit 77)
#   pg_cluster.sh restart STATE [fast|immediate]    restart it; connections are cut
#   pg_cluster.sh stop STATE            stop it and remove every trace; fine when there is none
#
# With --watch-parent the cluster goes away by itself when the calling process does, e.g. after a
# killed ctest. Run as root it works as `postgres`, or as `nobody` where that user is missing.
# From the environment: RH_PG_TMP, the folder to work in (/tmp); RH_PG_INITDB, one option of initdb.
set -euo pipefail

# Print the folder with initdb, newest version first. Debian keeps it out of PATH.
find_bin()
{
    local dir
    for dir in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -t/ -k5 -Vr); do
        if [ -x "$dir/initdb" ] && [ -x "$dir/postgres" ]; then
            printf '%s\n' "$dir"
            return 0
        fi
    done
    if command -v pg_config >/dev/null; then
        dir=$(pg_config --bindir)
        if [ -x "$dir/initdb" ] && [ -x "$dir/postgres" ]; then
            printf '%s\n' "$dir"
            return 0
        fi
    fi
    return 1
}

# Started before a command: close what we have open beyond the standard three. A server lives on, and
# with it would any lock that it inherited.
# shellcheck disable=SC2016 # the inner shell expands it
close_inherited='for path in /proc/self/fd/*; do
    fd=${path##*/}
    [ "$fd" -le 2 ] || eval "exec $fd>&-"
done 2>/dev/null
exec "$@"'

# Run a command as the owner of the cluster: PostgreSQL refuses to run as root.
as_owner()
{
    if [ "$(id -u)" -ne 0 ]; then
        bash -c "$close_inherited" -- "$@"
    elif command -v setpriv >/dev/null; then
        setpriv --reuid="$owner" --regid="$(id -g "$owner")" --clear-groups -- \
            bash -c "$close_inherited" -- "$@"
    elif command -v runuser >/dev/null; then
        runuser -u "$owner" -- bash -c "$close_inherited" -- "$@"
    else
        # shellcheck disable=SC2016 # the inner shell expands them
        su -s /bin/bash "$owner" -c 'exec "$0" "$@"' -- bash -c "$close_inherited" -- "$@"
    fi
}

read_state()
{
    dir='' bin='' owner=''
    [ -s "$state" ] || return 1
    # shellcheck disable=SC1090 # written by start below
    . "$state"
}

conninfo()
{
    printf 'host=%s port=5432 user=rehearse dbname=postgres' "$dir"
}

stop()
{
    if read_state && [ -n "$dir" ] && [ -d "$dir" ]; then
        if [ -s "$dir/data/postmaster.pid" ]; then
            as_owner "$bin/pg_ctl" stop -D "$dir/data" -m immediate -w -t 30 >/dev/null 2>&1 || true
        fi
        rm -rf "$dir"
    fi
    rm -f "$state"
}

# Wait for the caller to disappear, then clear up. Stops by itself when the cluster has gone.
watch_parent()
{
    local parent=$1 watched=$dir
    while kill -0 "$parent" 2>/dev/null && [ -d "$watched" ]; do
        sleep 1
    done
    [ -d "$watched" ] || return 0
    if read_state && [ "$dir" = "$watched" ]; then
        stop
    fi
}

# Without autovacuum: tests compare planner statistics, and an ANALYZE that nobody asked for comes to
# one run of many.
write_settings()
{
    cat <<CONF
listen_addresses = ''
unix_socket_directories = '$dir'
port = 5432
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 128MB
max_connections = 60
wal_level = logical
max_wal_size = 2GB
autovacuum = off
timezone = 'UTC'
lc_messages = 'C'
logging_collector = off
CONF
    local setting
    for setting in "$@"; do
        printf "%s = '%s'\n" "${setting%%=*}" "${setting#*=}"
    done
}

start_failed()
{
    cat "$dir/log" "$dir/server.log" >&2 || true
    stop
}

start()
{
    local watch=0
    if [ "${1:-}" = --watch-parent ]; then
        watch=$PPID
        shift
    fi

    stop # what a killed run left behind
    mkdir -p "$(dirname "$state")"
    if ! bin=$(find_bin); then
        printf 'bin=none\n' >"$state"
        echo 'no PostgreSQL server is installed: the tests that need one are skipped'
        return 0
    fi

    owner=$(id -un)
    if [ "$(id -u)" -eq 0 ]; then
        owner=postgres
        id "$owner" >/dev/null 2>&1 || owner=nobody
    fi
    dir=$(mktemp -d "${RH_PG_TMP:-/tmp}/rhpg.XXXXXX") # short: the path of a socket has 107 bytes
    printf 'dir=%q\nbin=%q\nowner=%q\n' "$dir" "$bin" "$owner" >"$state"
    [ "$(id -u)" -ne 0 ] || chown "$owner" "$dir"
    trap start_failed EXIT

    cd /
    export HOME=$dir LC_ALL=C.UTF-8
    as_owner "$bin/initdb" -D "$dir/data" -U rehearse -A trust -E UTF8 --locale=C.UTF-8 \
        --no-sync ${RH_PG_INITDB:+"$RH_PG_INITDB"} >"$dir/log" 2>&1
    write_settings "$@" >>"$dir/data/postgresql.conf"
    as_owner "$bin/pg_ctl" start -D "$dir/data" -l "$dir/server.log" -w -t 60 \
        </dev/null >"$dir/log" 2>&1
    trap - EXIT

    if [ "$watch" -ne 0 ]; then
        (
            trap '' HUP INT
            watch_parent "$watch"
        ) </dev/null >/dev/null 2>&1 &
    fi
    echo "PostgreSQL of $bin runs in $dir"
}

usage()
{
    sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0" >&2
    exit 2
}

[ $# -ge 2 ] || usage
command=$1
state=$2
shift 2
case $state in
/*) ;;
*) state=$PWD/$state ;;
esac

case $command in
start) start "$@" ;;
stop) stop ;;
env | run | restart)
    if ! read_state; then
        echo "no cluster is recorded in '$state': start one first" >&2
        exit 2
    fi
    if [ "$bin" = none ]; then
        echo 'skipped: no PostgreSQL server is installed'
        exit 77
    fi
    case $command in
    env) conninfo && echo ;;
    run)
        RH_TEST_PG=$(conninfo)
        export RH_TEST_PG RH_PG_BIN=$bin PATH=$bin:$PATH
        exec "$@"
        ;;
    restart)
        cd /
        as_owner "$bin/pg_ctl" restart -D "$dir/data" -m "${1:-fast}" -w -t 60 \
            -l "$dir/server.log" </dev/null >/dev/null 2>&1
        ;;
    esac
    ;;
*) usage ;;
esac
