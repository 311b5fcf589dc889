# shellcheck shell=bash
# Rule files and mask keys for tests.
#
#   write_rules FILE RULE...     a rule file with mask.key and these columns
#   write_mask_key FILE [DIGIT]  a mask key, the same in every run: a test that says "this value is
#                                another one now" bets on the key otherwise (two digits stay
#                                themselves under one key in a hundred). Another DIGIT (0 to 9),
#                                another key.
write_rules()
{
    local file=$1
    printf 'version: 1\nkey: {file: mask.key}\ncolumns:\n' >"$file"
    shift
    printf '  %s\n' "$@" >>"$file"
}

write_mask_key()
{
    printf '{"rehearse_key": 1, "kind": "mask", "key": "%064d"}\n' "${2:-0}" >"$1"
    chmod 600 "$1"
}
