# shellcheck shell=bash
# Rule files for tests.
#
#   write_rules FILE RULE...     a rule file with mask.key and these columns
write_rules()
{
    local file=$1
    printf 'version: 1\nkey: {file: mask.key}\ncolumns:\n' >"$file"
    shift
    printf '  %s\n' "$@" >>"$file"
}
