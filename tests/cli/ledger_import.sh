#!/bin/bash
# rehearse ledger import: synthesized blocks, files that are wrong, real blocks where there are any.
. "$(dirname "$0")/../support/lib.sh"
require_program
require_tool python3 sqlite3
corpus=$RH_SOURCE_DIR/tests/fuzz/corpus/block

say 'a block whose merkle root is right, and the same with spent outputs'
python3 "$(dirname "$0")/make_block.py" "$scratch/small.raw" "$scratch/small.undo"
assert_ok "$RH_BIN" ledger import "$scratch/small.raw" --out "$scratch/w" --json
assert_eq '1 3 4 4' "$(python3 -c 'import json,sys; d=json.load(open(sys.argv[1])); print(d["blocks"], d["transactions"], d["inputs"], d["outputs"])' "$scratch/stdout")"
assert_eq 'block 300025' "$(sqlite3 "$scratch/w" "SELECT kind, height FROM units WHERE id = 1" | tr '|' ' ')"
assert_eq 3 "$(sqlite3 "$scratch/w" "SELECT count(*) FROM units WHERE kind = 'transaction' AND parent = 1")"
assert_contains "$(sqlite3 "$scratch/w" "SELECT parameters FROM calls WHERE sql = '-- input'")" \
    'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb:70000'
assert_contains "$(sqlite3 "$scratch/w" "SELECT parameters FROM calls WHERE sql = '-- input'")" 12345 'value of what is spent'

say 'an existing workload is not overwritten unless asked'
assert_exit 2 "$RH_BIN" ledger import "$scratch/small.raw" --out "$scratch/w"
assert_ok "$RH_BIN" ledger import "$scratch/small.raw" --out "$scratch/w" --replace

say 'blocks that are wrong are named, and nothing is written'
head -c 300 "$scratch/small.raw" >"$scratch/cut.raw"
assert_exit 2 "$RH_BIN" ledger import "$scratch/cut.raw" --out "$scratch/none"
assert_stderr_contains "cut.raw', block 1: byte "
assert_no_file "$scratch/none"
for count in '\xff\xff\xff\xff\xff\xff\xff\xff\x7f' '\xfe\xff\xff\xff\xff' '\xfd\x01\x00'; do
    { head -c 80 "$scratch/small.raw" && printf %b "$count" && tail -c +82 "$scratch/small.raw"; } >"$scratch/absurd.raw"
    assert_exit 2 "$RH_BIN" ledger import "$scratch/absurd.raw" --out "$scratch/none"
    assert_stderr_contains "absurd.raw', block 1: byte "
done
assert_exit 2 "$RH_BIN" ledger import "$corpus/segwit" --out "$scratch/none"
assert_stderr_contains 'merkle root'
printf '\xfb\xc0\xb6\xdb\x50\x00\x00\x00' >"$scratch/other.dat"
head -c 300 /dev/zero >>"$scratch/other.dat"
assert_exit 2 "$RH_BIN" ledger import "$scratch/other.dat" --out "$scratch/none"
assert_stderr_contains 'begins with the magic of no known network'
: >"$scratch/empty.raw"
assert_exit 2 "$RH_BIN" ledger import "$scratch/empty.raw" --out "$scratch/none"
assert_stderr_contains 'no block'
head -c 20 "$scratch/small.undo" >"$scratch/short.undo"
assert_exit 2 "$RH_BIN" ledger import "$scratch/small.raw" --undo "$scratch/short.undo" --out "$scratch/none"
assert_exit 2 "$RH_BIN" ledger import --out "$scratch/none"
assert_exit 2 "$RH_BIN" ledger import "$scratch/small.raw"
assert_exit 2 "$RH_BIN" ledger import "$scratch/missing.raw" --out "$scratch/none"
assert_no_file "$scratch/none"

say "a node's own rev file: in another order, obfuscated, without some blocks"
make_rev() { python3 "$RH_SOURCE_DIR/tests/support/make_rev.py" "$@"; }
rows() { sqlite3 "$1" 'SELECT sql, parameters FROM calls ORDER BY id'; }
mkdir "$scratch/node"
python3 - "$scratch/small.raw" "$scratch/other.raw" <<'PY'
import sys
block = bytearray(open(sys.argv[1], "rb").read())
block[4] = 7  # another block before it, as many transactions
open(sys.argv[2], "wb").write(block)
PY
for key in 0000000000000000 5a00ff010203c480; do
    python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.argv[1]))' "$key" >"$scratch/node/xor.dat"
    make_rev "$scratch/node/blk00007.dat" "$scratch/node/rev00007.dat" --key "$key" \
        "$scratch/small.raw:$scratch/small.undo" "$scratch/other.raw:$scratch/small.undo"
    assert_ok "$RH_BIN" ledger import "$scratch/node/blk00007.dat" --out "$scratch/n" --replace --json
    assert_lacks "$(cat "$scratch/stdout")" unknown
    assert_ok "$RH_BIN" ledger import "$scratch/small.raw" "$scratch/other.raw" --undo "$scratch/node/rev00007.dat" \
        --out "$scratch/n2" --replace
    assert_eq "$(rows "$scratch/n")" "$(rows "$scratch/n2")" 'raw blocks with a rev file'
    assert_eq "$(rows "$scratch/w")" "$(rows "$scratch/n" | head -n "$(rows "$scratch/w" | wc -l)")" 'spent outputs'
done
make_rev "$scratch/node/blk00007.dat" "$scratch/node/rev00007.dat" --key "$key" "$scratch/small.raw:$scratch/small.undo" "$scratch/other.raw"
assert_ok "$RH_BIN" ledger import "$scratch/node/blk00007.dat" --out "$scratch/n" --replace
assert_stdout_contains 'not known: 1 spent outputs of blocks not in the rev file'

assert_exit 2 "$RH_BIN" ledger import "$scratch/small.raw" "$scratch/other.raw" --undo "$scratch/small.undo" --out "$scratch/none"
assert_stderr_contains 'no rev*.dat'

say 'rev files that are damaged'
size=$(stat -c %s "$scratch/node/rev00007.dat")
head -c "$((size - 4096 - 9))" "$scratch/node/rev00007.dat" >"$scratch/cut" && mv "$scratch/cut" "$scratch/node/rev00007.dat"
assert_exit 2 "$RH_BIN" ledger import "$scratch/node/blk00007.dat" --out "$scratch/none"
assert_stderr_contains 'rev00007.dat'
{ cat "$scratch/node/rev00007.dat" && head -c 9 /dev/zero; } >"$scratch/bad" && mv "$scratch/bad" "$scratch/node/rev00007.dat"
assert_ok "$RH_BIN" ledger import "$scratch/node/blk00007.dat" --out "$scratch/n" --replace
assert_stdout_contains 'not known: 2 spent outputs' 'a wrong checksum'
printf 'XXXXXXXXXXXX' >"$scratch/node/rev00007.dat"
assert_exit 2 "$RH_BIN" ledger import "$scratch/node/blk00007.dat" --out "$scratch/none"
assert_no_file "$scratch/none"

say 'made-up blocks: the size asked for, the same for the same seed'
synthesize() # OUT SEED
{
    assert_ok "$RH_BIN" ledger import --synthesize 3 --like "$scratch/small.raw" \
        --transactions 500 --seed "$2" --out "$1" --json
}
synthesize "$scratch/a" 7
assert_stdout_contains '"transactions": 1500'
synthesize "$scratch/b" 7
synthesize "$scratch/c" 8
assert_eq "$(rows "$scratch/a" | cksum)" "$(rows "$scratch/b" | cksum)" 'same seed'
assert_ne "$(rows "$scratch/a" | cksum)" "$(rows "$scratch/c" | cksum)" 'other seed'
assert_eq '300026 300027 300028' "$(sqlite3 "$scratch/a" "SELECT height FROM units WHERE kind = 'block'" | paste -sd' ')"

if [ -e "$RH_SHARED_DATA/bitcoin" ]; then
    say 'real blocks, as a sequence of two'
    b=$RH_SHARED_DATA/bitcoin
    assert_ok "$RH_BIN" ledger import "$b/mainnet-300025.raw" "$b/mainnet-426884.raw" --out "$scratch/real" --json
    assert_stdout_contains '"inputs": 7460'
    assert_stdout_contains '"outputs": 2024'
    assert_ok "$RH_BIN" ledger import "$b/testnet-928831.raw" --network testnet3 --out "$scratch/test3" --json
    assert_stdout_contains '"inputs": 9985'

    say 'what real blocks spend, in the form of a node: all the same as from the plain form'
    for block in mainnet-300025 testnet-928828 testnet-928831; do
        network=mainnet magic=f9beb4d9
        [[ $block == test* ]] && network=testnet3 magic=0b110907
        assert_ok "$RH_BIN" ledger import "$b/$block.raw" --network "$network" --out "$scratch/plain" --replace
        make_rev "$scratch/blk" "$scratch/rev" --magic "$magic" "$b/$block.raw:$b/$block.undo"
        assert_ok "$RH_BIN" ledger import "$scratch/blk" --undo "$scratch/rev" --out "$scratch/stored" --replace
        assert_eq "$(rows "$scratch/plain" | cksum)" "$(rows "$scratch/stored" | cksum)" "$block"
    done
fi
