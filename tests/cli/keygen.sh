# Key files: what is written, with which mode, and never over an existing file.
. "$(dirname "$0")/../support/lib.sh"
require_program
cd "$scratch"

assert_ok "$RH_BIN" keygen --seal ops
assert_eq 600 "$(stat -c %a ops.secret)" 'mode of the secret'
assert_eq 644 "$(stat -c %a ops.writer)" 'mode of the writer file'
assert_lacks "$(cat ops.writer)" '"secret"' 'the writer file'
secret=$(sed -n 's/.*"secret": *"\([0-9a-f]*\)".*/\1/p' ops.secret)
assert_eq 64 "${#secret}" 'hex digits of the secret key'
assert_lacks "$(cat stdout)" "$secret" output

say 'an existing file is never replaced'
before=$(sha256sum ops.secret ops.writer)
assert_exit 2 "$RH_BIN" keygen --seal ops
assert_stderr_contains ops.secret
assert_eq "$before" "$(sha256sum ops.secret ops.writer)" 'key files'

say 'a second reader of the same repositories'
assert_ok "$RH_BIN" keygen --seal second --same-repo ops.writer
id_key() { sed -n 's/.*"id_key": *"\([0-9a-f]*\)".*/\1/p' "$1"; }
assert_eq "$(id_key ops.writer)" "$(id_key second.writer)" 'id keys'

say 'mask keys'
assert_ok "$RH_BIN" keygen --mask mask.key
assert_eq 600 "$(stat -c %a mask.key)" 'mode of the mask key'
assert_exit 2 "$RH_BIN" keygen --mask mask.key
assert_exit 2 "$RH_BIN" keygen
assert_exit 2 "$RH_BIN" keygen --seal a --mask b
assert_exit 2 "$RH_BIN" keygen --seal third --same-repo mask.key
assert_no_file third.secret
