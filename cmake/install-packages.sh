#!/bin/bash
# install-packages.sh [--no-install] GROUP...: have the Debian packages of these groups of
# packages.txt. Does nothing, silently, when they are there. Exit 1: something is still missing.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
install=1
if [ "${1:-}" = --no-install ]; then
    install=0
    shift
fi

# Print the packages of the groups that dpkg does not know as installed.
missing_packages()
{
    local package
    for package in $(awk -v groups=" $* " \
        '!/^#/ && index(groups, " " $1 " ") { print $2 }' "$here/packages.txt" | sort -u); do
        dpkg-query -W -f '${db:Status-Abbrev}\n' "$package" 2>/dev/null | grep -q '^.i' ||
            printf '%s ' "$package"
    done
}

if ! command -v dpkg-query >/dev/null; then
    exit 0 # not Debian: CMake names the library that it misses
fi
read -r -a missing <<<"$(missing_packages "$@")"
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null; then
        as_root=(sudo)
        [ -t 0 ] || as_root=(sudo -n)
    else
        install=0
    fi
fi
if [ $install -eq 0 ] || ! command -v apt-get >/dev/null; then
    echo "missing packages, to be installed by root: apt-get install ${missing[*]}" >&2
    exit 1
fi

echo "installing with apt: ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt()
{
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
        -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" >>"$log" 2>&1 </dev/null
}

# We need the server's programs, not a server: keep Debian from making and starting one.
no_cluster=/etc/postgresql-common/createcluster.d/rehearse-tests.conf
case " ${missing[*]} " in
*" postgresql "*)
    "${as_root[@]}" mkdir -p "${no_cluster%/*}"
    echo 'create_main_cluster = false' | "${as_root[@]}" tee "$no_cluster" >/dev/null
    trap '"${as_root[@]}" rm -f "$no_cluster"; rm -f "$log"' EXIT
    ;;
esac

if ! { apt update && apt install --no-install-recommends "${missing[@]}"; }; then
    tail -n 30 "$log" >&2
    echo "apt could not install: ${missing[*]}" >&2
    exit 1
fi
