# Sourced first by bench/snapshot and bench/increment: options, packages, build, work folder, rows.
# shellcheck shell=bash disable=SC2034 # variables are read by the other files
set -euo pipefail

bench_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
root=$(dirname "$bench_dir")
size_mib=256 jobs=2 runs=3 wait_s=0 engine=both keep=0 rules_only=0 json=0 install=1
build="" work="" server_pid=0 pg_bin="" cluster_state="" rehearse=""

usage()
{
    sed -n '2,/^set \|^\. /{/^#/s/^# \{0,1\}//p}' "$0" >&2
    exit 2
}

die()
{
    echo "$(basename "$0"): $*" >&2
    exit 2
}

# say TEXT: progress; stdout is for the result.
say()
{
    echo "$*" >&2
}

# number NAME VALUE: VALUE must be a whole number above 0.
number()
{
    [[ $2 =~ ^[1-9][0-9]{0,8}$ ]] || die "$1 wants a whole number above 0, not '$2'"
}

read_options()
{
    while [ $# -gt 0 ]; do
        case $1 in
        --size | --jobs | --runs | --wait)
            number "$1" "${2:-}"
            case $1 in
            --size) size_mib=$2 ;;
            --jobs) jobs=$2 ;;
            --runs) runs=$2 ;;
            --wait) wait_s=$2 ;;
            esac
            shift
            ;;
        --engine)
            case ${2:-} in pg | sqlite | both) engine=$2 ;; *) usage ;; esac
            shift
            ;;
        --build) build=${2:?} && shift ;;
        --dir) work=${2:?} && shift ;;
        --keep) keep=1 ;;
        --rules) rules_only=1 ;;
        --json) json=1 ;;
        --no-install) install=0 ;;
        *) usage ;;
        esac
        shift
    done
}

wants()
{
    [ "$engine" = both ] || [ "$engine" = "$1" ]
}

# The programs under test: of --build DIR, or of the release preset, which is built first.
find_programs()
{
    if [ -z "$build" ]; then
        build=$root/build/release
        say 'building build/release'
        if ! (cd "$root" && cmake --preset release -DRH_BUILD_TESTS=OFF -DRH_BUILD_BENCH=ON &&
            cmake --build --preset release) >"$work/build.log" 2>&1; then
            tail -n 20 "$work/build.log" >&2
            die 'the build failed'
        fi
    fi
    bin=$(cd "$build/bin" 2>/dev/null && pwd) || die "no programs in '$build/bin'"
    [ -x "$bin/rehearse_bench_measure" ] || die "'$build' was built without RH_BUILD_BENCH"
    rehearse=$bin/rehearse
}

finish()
{
    local status=$?
    trap - EXIT
    [ -z "$cluster_state" ] || stop_cluster
    if [ "$keep" = 1 ]; then
        say "kept $work"
    else
        rm -rf "$work"
    fi
    exit "$status"
}

begin_session()
{
    read_options "$@"
    if [ "$install" = 1 ]; then
        bash "$root/cmake/install-packages.sh" build run bench >&2 ||
            say 'rows whose programs are missing are left out'
    fi
    work=$(mktemp -d "${work:-${TMPDIR:-/tmp}}/rhbench.XXXXXX")
    trap finish EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    chmod 755 "$work" # the cluster's owner is somebody else when we are root
    figures=$work/figures.tsv
    facts=$work/facts.tsv
    : >"$figures"
    : >"$facts"
    find_programs
    note machine "$(nproc) x $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)"
    note memory_mib "$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)"
    note load "$(cut -d' ' -f1-3 /proc/loadavg)"
    note date "$(date -u +%Y-%m-%dT%H:%MZ)"
    note commit "$(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown)"
    note size_mib "$size_mib"
    note jobs "$jobs"
    note runs "$runs"
}

# note NAME VALUE: a fact about this session for the result.
note()
{
    printf '%s\t%s\n' "$1" "$2" >>"$facts"
}

# bytes_of PATH...: stored bytes of files and folders, without block rounding. 0 when missing.
bytes_of()
{
    find "$@" -type f -printf '%s\n' 2>/dev/null | awk '{ sum += $1 } END { printf "%.0f", sum }'
}

# installed PROGRAM...
installed()
{
    local program
    for program in "$@"; do
        command -v "$program" >/dev/null || return 1
    done
}

# record TABLE ROW STATE [WALL CLIENT SERVER OTHER LARGEST ALL STORED]: one line of the figures.
record()
{
    local IFS=$'\t'
    printf '%s\n' "$*" >>"$figures"
}

# busy_ticks: hundredths of a second of CPU that the machine has used so far.
busy_ticks()
{
    awk '/^cpu / { print $2 + $3 + $4 + $7 + $8 + $9; exit }' /proc/stat
}

# calm: nothing that earlier runs left to write may fall into the next measurement; with --wait nor
# may what others do, as far as half a second of idleness can tell.
calm()
{
    local before end=$((SECONDS + wait_s))
    [ -z "$cluster_state" ] || sql postgres 'CHECKPOINT' >/dev/null
    sync
    while [ $SECONDS -lt $end ]; do
        before=$(busy_ticks)
        sleep 0.5
        [ $(($(busy_ticks) - before)) -gt 5 ] || break
    done
}

# measure TABLE ROW STORED COMMAND: run the bash text COMMAND and record what it cost and the size
# of the path STORED (- for none). Its output is in $work/out. A failure is a recorded row too.
measure()
{
    local table=$1 row=$2 stored=$3 status=0 cost bytes=0
    say "  $table: $row"
    calm
    "$bin/rehearse_bench_measure" "$work/cost" "$server_pid" bash -o pipefail -c "$4" \
        >"$work/out" 2>"$work/err" </dev/null || status=$?
    if [ $status -ne 0 ]; then
        say "  $table: $row failed with exit code $status:"
        tail -n 5 "$work/err" | sed 's/^/    /' >&2
        record "$table" "$row" failed
        return 0
    fi
    [ "$stored" = - ] || bytes=$(bytes_of "$stored")
    read -r -a cost <"$work/cost"
    record "$table" "$row" ok "${cost[@]}" "$bytes"
}

# measure_if PROGRAM TABLE ROW STORED COMMAND: measure when PROGRAM is installed.
measure_if()
{
    if installed "$1"; then
        measure "${@:2}"
    else
        record "$2" "$3" 'not installed'
    fi
}
