#!/bin/bash
# Install into an empty prefix, move it, and build a program outside of the tree that knows nothing
# but `pkg-config rehearse`. Arguments: the C compiler, then flags that the whole build has.
. "$(dirname "$0")/../support/lib.sh"
require_tool cmake pkg-config
compiler=$1
shift
build_flags=()
for flag in "$@"; do
    [ -z "$flag" ] || build_flags+=("$flag")
done

[ -n "$(find "$RH_BUILD_DIR/lib" -name 'librehearse.*' 2>/dev/null)" ] ||
    skip 'the library is not part of this build'

say 'install, then move the prefix: nothing may remember the old place'
assert_ok cmake --install "$RH_BUILD_DIR" --prefix "$scratch/first"
mv "$scratch/first" "$scratch/prefix"

say 'only our headers are there'
(cd "$scratch/prefix/include" && find . -type f ! -path './rehearse/*.h') >"$scratch/strangers"
[ ! -s "$scratch/strangers" ] || fail "installed by mistake: $(cat "$scratch/strangers")"

pc=$(find "$scratch/prefix" -name rehearse.pc)
[ -n "$pc" ] || fail 'rehearse.pc is not installed'
export PKG_CONFIG_PATH=${pc%/*}
library_folder=$(pkg-config --variable=libdir rehearse)

cat >"$scratch/outside.c" <<'C'
#include <rehearse/error.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    rh_error err = RH_ERROR_INIT;

    (void)rh_error_set(&err, RH_EFORMAT, "file '%s' is damaged", "x");
    puts(err.text);
    return strcmp(rh_status_name(err.code), "format") == 0 ? 0 : 1;
}
C
read -r -a flags <<<"$(pkg-config --cflags --libs rehearse)"
assert_ok "$compiler" "${build_flags[@]}" "$scratch/outside.c" -o "$scratch/outside" "${flags[@]}"
assert_ok env LD_LIBRARY_PATH="$library_folder" "$scratch/outside"
assert_eq "file 'x' is damaged" "$(cat "$scratch/stdout")" 'output of the outside program'

if [ -x "$scratch/prefix/bin/rehearse" ]; then
    say 'the installed program runs from the moved prefix without help'
    assert_ok env -u LD_LIBRARY_PATH "$scratch/prefix/bin/rehearse" --help
fi
