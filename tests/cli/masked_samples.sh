# Samples of sqlite_stat4 are keys of indexes: they go through masks that keep order, and are left
# out where the counts beside them would belong to another key. The library need not have STAT4.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/rules.sh"
require_program
require_tool sqlite3
cd "$scratch"
sqlite3 prod.db "CREATE TABLE t(id INTEGER PRIMARY KEY, k INTEGER, name TEXT, city TEXT);
CREATE INDEX ik ON t(k); CREATE INDEX iname ON t(name); CREATE INDEX icity ON t(city, k DESC); CREATE INDEX iexp ON t(k + 1);
CREATE INDEX ipart ON t(city) WHERE k > 3; CREATE INDEX ifold ON t(k COLLATE NOCASE);
CREATE TABLE plain(city TEXT, UNIQUE(city)); CREATE TABLE w(a TEXT, k INTEGER, PRIMARY KEY (a)) WITHOUT ROWID; CREATE INDEX iw ON w(k);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO t SELECT i, i + 200, 'name ' || i, 'rome' FROM n;
INSERT INTO plain VALUES ('rome'); INSERT INTO w VALUES ('a', 300); ANALYZE;
CREATE TABLE x(tbl, idx, neq, nlt, ndlt, sample);
INSERT INTO x VALUES ('t', 'ik', '1 1', '99 99', '99 99', x'030201012C64'), ('t', 'ik', '1 1', '299 299', '299 299', x'03020201F4012C'),
    ('t', 'icity', '500 1 1', '0 99 99', '0 99 99', x'04150201726F6D65012C64'),
    ('plain', 'sqlite_autoindex_plain_1', '1 1', '0 0', '0 0', x'031509726F6D65'),
    ('t', 'iname', '1 1', '0 0', '0 0', x'0317016E616D65203707'), ('t', 'iexp', '1 1', '0 0', '0 0', x'030201012D64'),
    ('t', 'ipart', '1 1', '0 0', '0 0', x'031501726F6D6564'), ('t', 'ifold', '1 1', '0 0', '0 0', x'030201012C64'),
    ('w', 'iw', '1 1', '0 0', '0 0', x'030211012C61'), ('t', 'ik', '1 1', '0 0', '0 0', x'03'), ('gone', 'ik', '1', '0', '0', x'0202012C'),
    ('t', 'ik', '1 1', '0 0', '0 0', x'0302FF012C64'), ('t', 'ik', '1 1', '0 0', '0 0', 'no record');
PRAGMA writable_schema = 1;
UPDATE sqlite_master SET name = 'sqlite_stat4', tbl_name = 'sqlite_stat4', sql = 'CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)' WHERE name = 'x'"
write_mask_key mask.key
cat >rules.yaml <<'YAML'
version: 1
key: {file: mask.key}
columns:
  "t.id": {mask: integer, mode: monotone}
  "t.k": {mask: integer, mode: monotone}
  "t.name": text
  "*.city": keep
  "w.a": keep
  "w.k": keep
YAML
assert_ok "$RH_BIN" snapshot prod.db --repo repo --rules rules.yaml
assert_ok "$RH_BIN" restore latest staging.db --repo repo
# rows: what the samples of a database stand for, decoded by its own hand
rows()
{
    sqlite3 "$1" "SELECT idx, neq, nlt, hex(sample) FROM sqlite_stat4 ORDER BY rowid" | while IFS='|' read -r idx neq nlt hex; do
        local header=$((16#${hex:0:2})) at types value
        at=$((header * 2))
        types=${hex:2:header * 2 - 2}
        printf '%s|%s|%s' "$idx" "$neq" "$nlt"
        while [ -n "$types" ]; do
            case ${types:0:2} in
            08) value=0 bytes=0 ;;
            09) value=1 bytes=0 ;;
            01 | 02 | 03 | 04) bytes=$((16#${types:0:2})) value=$((16#${hex:at:bytes * 2})) ;;
            15) bytes=4 value=text ;;
            *) fail "a serial type ${types:0:2}" ;;
            esac
            printf '|%s' "$value"
            at=$((at + bytes * 2))
            types=${types:2}
        done
        [ "$at" -eq ${#hex} ] || fail 'bytes behind the record'
        echo
    done
}
rows staging.db >found
row() { sqlite3 staging.db "SELECT $1 FROM t ORDER BY id LIMIT 1 OFFSET $2"; }
cat >expected <<EOF
ik|1 1|99 99|$(row "k || '|' || id" 99)
ik|1 1|299 299|$(row "k || '|' || id" 299)
icity|500 1 1|0 99 99|text|$(row "k || '|' || id" 99)
sqlite_autoindex_plain_1|1 1|0 0|text|1
EOF
assert_eq "$(cat expected)" "$(cat found)" 'samples'
assert_eq "$(sqlite3 prod.db 'SELECT * FROM sqlite_stat1 ORDER BY 1, 2')" "$(sqlite3 staging.db 'SELECT * FROM sqlite_stat1 ORDER BY 1, 2')" 'sqlite_stat1'
assert_eq ok "$(sqlite3 staging.db 'PRAGMA integrity_check')" integrity_check
