#!/bin/bash
# The real blocks of the shared data folder: counts as its README gives them, and every line as an
# independent decoder in Python writes it.
. "$(dirname "$0")/../../support/lib.sh"
dump=$1

require_shared bitcoin/mainnet-300025.raw
require_tool python3

check() # FILE NETWORK HEIGHT TRANSACTIONS INPUTS OUTPUTS
{
    local block=$RH_SHARED_DATA/bitcoin/$1.raw undo=$RH_SHARED_DATA/bitcoin/$1.undo
    [ -e "$undo" ] || undo=''
    say "$1"
    "$dump" "$2" "$block" ${undo:+"$undo"} >"$scratch/ours"
    python3 "$(dirname "$0")/decode_block.py" "$2" "$block" ${undo:+"$undo"} >"$scratch/theirs"
    assert_same_file "$scratch/theirs" "$scratch/ours" "$1"
    assert_eq "height $3" "$(grep '^height' "$scratch/ours")"
    assert_eq "$4" "$(grep -c '^tx ' "$scratch/ours")" transactions
    # the README counts a coinbase's input as one
    assert_eq "$5" "$(($(grep -c '^in ' "$scratch/ours") + 1))" inputs
    assert_eq "$6" "$(grep -c '^out ' "$scratch/ours")" outputs
    [ -z "$undo" ] ||
        assert_eq "$(grep -c '^in ' "$scratch/ours")" "$(grep -c '^spent ' "$scratch/ours")" spent
}

check mainnet-300025 mainnet 300025 461 1428 1226
check mainnet-426884 mainnet 426884 409 6032 798
check testnet-928828 testnet3 928828 201 1973 1445
check testnet-928831 testnet3 928831 915 9985 9990
