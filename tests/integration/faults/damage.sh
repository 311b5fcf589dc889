# Truncated, flipped, missing and swapped files: verify names each, restore refuses before it writes.
. "$(dirname "$0")/../../support/lib.sh"
. "$(dirname "$0")/../../cli/ledger.sh"
require_program
require_tool sqlite3
cd "$scratch"
make_ledger prod.db 60000
assert_ok "$RH_BIN" keygen --seal ops
export REHEARSE_REPO=$scratch/repo

# flip FILE OFFSET: change one byte.
flip()
{
    local old
    old=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
    # shellcheck disable=SC2059 # the format is the byte
    printf "\\$(printf %03o $((old ^ 65)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# assert_damaged WHAT [NAME]: verify says 1 and names NAME; restore says 2 and writes nothing.
assert_damaged()
{
    assert_exit 1 "$RH_BIN" verify
    [ -z "${2:-}" ] || assert_stdout_contains "$2"
    assert_exit 2 "$RH_BIN" restore latest target.db --swap
    assert_eq "$target" "$(sha256sum <target.db)" "the target after: $1"
    left=$(find . -maxdepth 1 -name '.target.db*' | wc -l)
    assert_eq 0 "$left" 'half-built files'
}

fresh()
{
    rm -rf repo
    cp -a good repo
}

for mode in sealed open; do
    rm -rf repo good target.db*
    unset REHEARSE_KEY
    if [ $mode = sealed ]; then
        assert_ok "$RH_BIN" snapshot prod.db --raw --seal-to ops.writer
        export REHEARSE_KEY=$scratch/ops.secret
    else
        assert_ok "$RH_BIN" snapshot prod.db --raw --unsealed-raw
    fi
    assert_ok "$RH_BIN" restore latest target.db
    target=$(sha256sum <target.db)
    mv repo good
    fresh
    assert_ok "$RH_BIN" verify

    say "$mode: every pack: truncated, flipped at the start, in the middle, at the end, missing"
    packs=$(cd good && find packs -type f | sort)
    for pack in $packs; do
        size=$(stat -c %s "good/$pack")
        name=$(basename "$pack" .zp)
        for where in 3 $((size / 3)) $((size / 2)) $((size - 20)) $((size - 1)); do
            fresh
            flip "repo/$pack" "$where"
            assert_damaged "flip at $where of $pack" "$name"
        done
        for length in 0 10 $((size / 2)) $((size - 1)); do
            fresh
            truncate -s "$length" "repo/$pack"
            assert_damaged "truncated $pack" "$name"
        done
        fresh
        rm "repo/$pack"
        assert_damaged "missing $pack" "$name"
    done

    say "$mode: two packs swapped, bytes appended"
    if [ "$(wc -w <<<"$packs")" -ge 2 ]; then
        # shellcheck disable=SC2086
        set -- $packs
        fresh
        mv "repo/$1" x && mv "repo/$2" "repo/$1" && mv x "repo/$2"
        assert_damaged 'swapped packs' "$(basename "$1" .zp)"
        fresh
        echo trailing >>"repo/$1"
        assert_damaged 'longer pack' "$(basename "$1" .zp)"
    fi

    say "$mode: dictionaries"
    for dictionary in $(cd good && find dicts -type f); do
        fresh
        flip "repo/$dictionary" 200
        assert_damaged 'flipped dictionary' "$(basename "$dictionary")"
        fresh
        rm "repo/$dictionary"
        assert_damaged 'missing dictionary' "$(basename "$dictionary")"
    done

    say "$mode: the manifest"
    manifest=$(cd good && find snapshots -name '*.json')
    for where in 0 100 1000; do
        fresh
        flip "repo/$manifest" "$where"
        assert_damaged "flipped manifest at $where" "$(basename "$manifest" .json)"
    done
    fresh
    truncate -s 700 "repo/$manifest"
    assert_damaged 'truncated manifest' "$(basename "$manifest" .json)"
    fresh
    sed -i 's/"rows": 60000/"rows": 59999/' "repo/$manifest"
    assert_damaged 'edited manifest' "$(basename "$manifest" .json)"

    say "$mode: two manifests swapped"
    fresh
    sqlite3 prod.db 'DELETE FROM balances WHERE rowid = 17'
    assert_ok "$RH_BIN" snapshot prod.db --raw --unsealed-raw
    first=$(find repo/snapshots -name '*.json' | sort | head -1)
    second=$(find repo/snapshots -name '*.json' | sort | tail -1)
    assert_ne "$first" "$second" 'manifests'
    mv "$first" x && mv "$second" "$first" && mv x "$second"
    assert_damaged 'swapped manifests' "$(basename "$second" .json)"
    sqlite3 prod.db "INSERT INTO balances(rowid, address) VALUES (17, 'back')"

    say "$mode: the config"
    fresh
    flip repo/config 30
    assert_exit 2 "$RH_BIN" restore latest target.db --swap
    assert_eq "$target" "$(sha256sum <target.db)" 'the target'
done

say 'a damaged manifest stops prune: nobody knows what it references'
fresh
flip "repo/$manifest" 500
before=$(find repo -type f | sort)
assert_exit 2 "$RH_BIN" prune --grace 0s
assert_eq "$before" "$(find repo -type f | sort)" 'files after the refused prune'
