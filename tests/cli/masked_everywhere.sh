# One key, one domain, one value: one image, whatever the way it takes. Every kind of mask, through
# mirror, snapshot --rules, a raw snapshot and anonymize, captured statements and planner statistics,
# in PostgreSQL (COPY text) and in SQLite (storage classes).
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/rules.sh"
tool=${1:?path of workload_tool}
require_program
require_tool sqlite3
cd "$scratch"
write_mask_key mask.key

# mask # type of PostgreSQL # type of SQLite, or - for PostgreSQL alone # value, %d is 1 to 8
cat >kinds <<'TABLE'
keep#text#TEXT#kept %d
'null'#text#TEXT#gone %d
{mask: constant, value: x}#text#TEXT#gone %d
{mask: destroy, length: 12}#text#TEXT#secret %d
{mask: destroy, distinct: true}#text#TEXT#secret %d
text#text#TEXT#Hello Wörld %d
text#varchar(20)#TEXT#AB-%d
{mask: text, fold-case: true}#text#TEXT#Mixed Case %d
prefix-text#text#TEXT#REF-2024-%d
words#text#TEXT#the quick fox %d
{mask: words, by: word}#text#TEXT#the quick fox %d
name#text#TEXT#Ann-Li Smith%d
{mask: name, unique: true}#text#TEXT#Ann-Li Smith%d
company#text#TEXT#Acme%d Ltd
city#text#TEXT#New York %d
email#text#TEXT#user%d@mail.example.com
phone#text#TEXT#+49 30 123456%d
url#text#TEXT#https://www.example.com:8080/a%d?id=4%d#frag
host#text#TEXT#db%d.example.com
ip#inet#TEXT#10.1.2.%d
ip#inet#TEXT#2001:db8::%d
{mask: ip, network: true}#cidr#TEXT#10.%d.0.0/16
mac#macaddr#TEXT#08:00:2b:01:02:0%d
uuid#uuid#TEXT#01234567-89ab-4cde-8f01-00000000000%d
uuid#uuid#TEXT#0189d5a0-7b2c-7000-8000-00000000000%d
uuid#uuid#BLOB#01234567-89ab-4cde-8f01-00000000000%d
digits#text#TEXT#12-345-%d
alnum#text#TEXT#SKU-%d-AB12
card#text#TEXT#411111111111%d1
iban#text#TEXT#DE893704004405320%d
integer#bigint#INTEGER#700000%d
integer#integer#INTEGER#-%d
integer#smallint#TEXT#12%d
{mask: integer, low: 10, high: 3000000}#integer#INTEGER#5%d
{mask: integer, mode: monotone}#bigint#INTEGER#90%d
numeric#numeric#TEXT#1234567890123456789012345678901%d.25
numeric#bigint#INTEGER#98%d
{mask: numeric, smooth: false}#numeric#TEXT#-4%d.5
time#timestamp with time zone#TEXT#2024-02-29 12:34:56.%d00001+00
time#timestamp#TEXT#1999-12-31 23:59:5%d.000001
time#date#TEXT#2024-02-0%d
shift-time#date#TEXT#2024-02-0%d
bytes#bytea#BLOB#\x0102030%d
bytes#bytea#BLOB#\x4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda30%d
hex#text#TEXT#0x01abcde%d
{mask: enum, labels: [a1, a2, a3, a4, a5, a6, a7, a8]}#text#TEXT#a%d
chain-address#text#TEXT#0x5aaeb6053f3e94c9b9a09f33669435e7ef1be%d11
chain-address#bytea#BLOB#\x5aaeb6053f3e94c9b9a09f33669435e7ef1be%d11
{mask: chain-address, forms: [solana]}#text#TEXT#4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4%d
txid#text#TEXT#4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda30%d
{mask: txid, byte-order: wire}#bytea#BLOB#\x4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda30%d
outpoint#text#TEXT#4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b:%d
match-id#text#TEXT#4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b_4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda30%d
{mask: packed-address, offsets: [2]}#bytea#BLOB#\xffff00759d6677091e973b9e9d99f19c68fbf43e3f000%d
{mask: list, separator: ',', item: email}#text#TEXT#a%d@x.org,b@x.org
{mask: json, paths: {$.a: text, $..b: email}}#text#TEXT#{"a": "raw %d", "c": [{"b": "q%d@x.org"}]}
{mask: json, paths: {$.a: text, $..b: email}}#json#TEXT#{"a": "raw %d", "c": [{"b": "q%d@x.org"}]}
xml#text#TEXT#<a b="n%d">text %d</a>
array#text[]#-#{"a %d",NULL,b}
composite#pair#-#(%d,"a b%d")
range#int4range#-#[%d,2000)
multirange#int4multirange#-#{[%d,20),[3000,4000)}
hstore#hstore#-#"k"=>"raw %d"
TABLE
sed -i "s/^array#/{mask: array, element: text}#/; s/^composite#/{mask: composite, fields: {2: text}}#/
s/^range#/{mask: range, bound: {mask: integer, mode: monotone}}#/
s/^multirange#/{mask: multirange, bound: {mask: integer, mode: monotone}}#/
s/^hstore#/{mask: hstore, others: text}#/" kinds

# quoted ENGINE TYPE TEXT: a literal of the engine.
quoted()
{
    local text=${3//\'/\'\'}
    case $1 in
    pg) printf "'%s'::%s" "$text" "$2" ;;
    *)
        case $2 in
        INTEGER) printf '%s' "$3" ;;
        BLOB) text=${3#\\x} && printf "x'%s'" "${text//-/}" ;;
        *) printf "'%s'" "$text" ;;
        esac
        ;;
    esac
}

pg_create_db maskpath
prod=$pg_db
for name in mpa mpb mpc; do at_exit pg_drop_db "${name}_$$"; done
has_hstore=$(pg_sql "$prod" "SELECT count(*) FROM pg_available_extensions WHERE name = 'hstore'")
{
    echo 'CREATE TYPE pair AS (n int, t text); CREATE TABLE t(id int PRIMARY KEY);'
    [ "$has_hstore" = 0 ] || echo 'CREATE EXTENSION hstore;'
} >pg.sql
echo 'CREATE TABLE t(id INTEGER PRIMARY KEY);' >lite.sql
for id in $(seq 41); do echo "INSERT INTO t(id) VALUES ($id);"; done | tee -a pg.sql >>lite.sql
printf 'version: 1\nkey: {file: mask.key}\ndomains:\n' | tee pg.yaml >lite.yaml
printf 'columns:\n  "t.id": keep\n' | tee pg.columns >lite.columns
column=0
both='' equal='' only_pg=''
while IFS='#' read -r mask pg_type lite_type value fragment; do
    value=$value${fragment:+#$fragment}
    column=$((column + 1))
    [ "$pg_type" != hstore ] || [ "$has_hstore" != 0 ] || continue
    echo "ALTER TABLE t ADD c$column $pg_type;" >>pg.sql
    [ "$lite_type" = - ] || echo "ALTER TABLE t ADD c$column $lite_type;" >>lite.sql
    for n in 1 2 3 4 5 6 7 8; do
        text=${value//%d/$n}
        echo "UPDATE t SET c$column = $(quoted pg "$pg_type" "$text") WHERE id < 41 AND id % 8 + 1 = $n;" >>pg.sql
        [ "$lite_type" = - ] ||
            echo "UPDATE t SET c$column = $(quoted lite "$lite_type" "$text") WHERE id < 41 AND id % 8 + 1 = $n;" >>lite.sql
        # Statements: what masks that keep no value apart cannot tell is dropped.
        case $pg_type,$mask in
        json,* | *,"'null'" | *constant* | *'destroy, length'* | *'{mask: words'* | *,words) ;;
        *)
            [ $n != 3 ] || {
                echo "$column" >>statement.columns
                echo "SELECT id FROM t WHERE c$column = '${text//\'/\'\'}'" >>statements
            }
            ;;
        esac
    done
    echo "  d$column: $mask" | tee -a pg.yaml >>lite.yaml
    echo "  \"t.c$column\": {domain: d$column}" >>pg.columns
    if [ "$lite_type" != - ]; then
        echo "  \"t.c$column\": {domain: d$column}" >>lite.columns
        both="$both $column"
    else
        sed -i '$d' lite.yaml
        only_pg="$only_pg $column"
    fi
    [ "$pg_type" = json ] || equal="$equal $column"
done <kinds
cat pg.columns >>pg.yaml
cat lite.columns >>lite.yaml
sqlite3 prod.db <lite.sql
pg_file "$prod" pg.sql
pg_sql "$prod" 'VACUUM ANALYZE t'

say 'each engine by three ways'
# target NAME: a database that is not there yet.
target()
{
    echo "${RH_TEST_PG/dbname=postgres/dbname=$1_$$}"
}
for engine in pg lite; do
    if [ $engine = pg ]; then
        source=$prod a=$(target mpa) b=$(target mpb) c=$(target mpc)
    else
        source=prod.db a=a.db b=b.db c=c.db
    fi
    assert_ok "$RH_BIN" mirror "$source" "$a" --rules $engine.yaml
    assert_ok "$RH_BIN" snapshot "$source" --repo $engine.masked --rules $engine.yaml
    assert_ok "$RH_BIN" restore latest "$b" --repo $engine.masked
    assert_ok "$RH_BIN" snapshot "$source" --repo $engine.raw --raw --unsealed-raw
    assert_ok "$RH_BIN" anonymize latest --repo $engine.raw --rules $engine.yaml --to $engine.remasked
    assert_ok "$RH_BIN" restore latest "$c" --repo $engine.remasked
done

# dump DATABASE FOLDER: the images of each column by id, a file per column; binary as hexadecimal
# digits. One session for all.
dump()
{
    local i
    mkdir "$2"
    if [ "${1%.db}" = "$1" ]; then
        echo "SET timezone = 'UTC';"
        for i in $both $only_pg; do
            printf '\\o %s/%s\nSELECT id, c%s FROM t ORDER BY id;\n' "$2" "$i" "$i"
        done
    else
        for i in $both; do
            echo ".output $2/$i"
            echo "SELECT id, CASE typeof(c$i) WHEN 'blob' THEN '\x' || lower(hex(c$i)) ELSE c$i END FROM t ORDER BY id;"
        done
    fi >"$2/script"
    if [ "${1%.db}" = "$1" ]; then
        pg_file "$1" "$2/script"
    else
        sqlite3 "$1" <"$2/script"
        # Seconds keep as many decimals as they had; PostgreSQL cuts zeros.
        sed -i 's/\(:[0-9][0-9]\.[0-9]*[1-9]\)0*/\1/' "$2"/[0-9]*
    fi
}
a=$(target mpa) b=$(target mpb) c=$(target mpc)
dump "$prod" raw
dump "$a" pg1
dump "$b" pg2
dump "$c" pg3
for i in 1 2 3; do dump "$(echo abc | cut -c$i).db" lite$i; done
column=0
while IFS='#' read -r mask pg_type lite_type _; do
    column=$((column + 1))
    [ "$pg_type" != hstore ] || [ "$has_hstore" != 0 ] || continue
    what="column $column, $mask on $pg_type"
    first=$(cat pg1/$column)
    assert_eq 41 "$(wc -l <<<"$first")" "$what: rows"
    assert_eq "$first" "$(cat pg2/$column)" "$what: snapshot --rules"
    assert_eq "$first" "$(cat pg3/$column)" "$what: anonymize"
    # A shift may be none, in one of 105 keys.
    [ "$mask" = keep ] || [ "$mask" = shift-time ] || assert_ne "$first" "$(cat raw/$column)" "$what: masked"
    # Words collide by chance, and these differ in one digit.
    case $mask in *constant* | "'null'" | '{mask: destroy, length'* | *words*) ;; *)
        assert_eq 8 "$(head -n 40 pg1/$column | cut -d'|' -f2- | sort -u | wc -l)" "$what: different values" ;;
    esac
    [ "$lite_type" != - ] || continue
    [ "$pg_type,$lite_type" != uuid,BLOB ] || first=$(sed 's/-//g; s/|\(.\)/|\\x\1/' <<<"$first")
    assert_eq "$first" "$(cat lite1/$column)" "$what: SQLite, mirror"
    assert_eq "$first" "$(cat lite2/$column)" "$what: SQLite, snapshot --rules"
    assert_eq "$first" "$(cat lite3/$column)" "$what: SQLite, anonymize"
done <kinds
assert_eq "$(sqlite3 prod.db "SELECT $(for i in $both; do printf "typeof(c%s)," "$i"; done) 1 FROM t WHERE id = 5" | sed 's/^text|text/text|null/')" \
    "$(sqlite3 a.db "SELECT $(for i in $both; do printf "typeof(c%s)," "$i"; done) 1 FROM t WHERE id = 5")" 'storage classes'

say 'literals of captured statements'
"$tool" make pg pg.workload <statements
assert_ok "$RH_BIN" anonymize "$prod" --rules pg.yaml --workload pg.workload --out pg.masked.workload
paste -d ' ' statement.columns statements | while read -r number statement; do
    case " $both " in *" $number "*) echo "$statement" ;; esac
done >lite.statements
"$tool" make sqlite lite.workload <lite.statements
assert_ok "$RH_BIN" anonymize prod.db --rules lite.yaml --workload lite.workload --out lite.masked.workload
# masked FILE COLUMN: the literal beside it, without the quotes around.
masked_literal()
{
    sqlite3 "$1" "SELECT t.sql FROM executions e JOIN texts t ON t.id = e.text WHERE t.sql LIKE '% c$2 = %'" |
        sed "s/^[^=]*= *//; s/^E\{0,1\}'//; s/'\$//; s/''/'/g; s/^\\\\\\\\x/\\\\x/" |
        sed 's/\(:[0-9][0-9]\.[0-9]*[1-9]\)0*/\1/'
}
compared=0
while read -r column; do
    mask=$(sed -n "${column}p" kinds)
    compared=$((compared + 1))
    assert_eq "$(sed -n 's/^2|//p' "pg1/$column")" \
        "$(masked_literal pg.masked.workload "$column")" "PostgreSQL: $mask"
    case " $both " in *" $column "*) ;; *) continue ;; esac
    case $mask in *#BLOB#*) continue ;; esac # there a text is no binary value
    assert_eq "$(sed -n 's/^2|//p' "lite1/$column")" \
        "$(masked_literal lite.masked.workload "$column")" "SQLite: $mask"
done <statement.columns
[ $compared -gt 50 ] || fail "only $compared statements were compared"

say 'common values of the planner'
for column in $equal; do
    mask=$(sed -n "${column}p" kinds)
    # Arrays of arrays would not come apart; ranges have no common values.
    case $mask in *'#text[]#'* | *range#-*) continue ;; esac
    values="SELECT string_agg(v, '|' ORDER BY v) FROM"
    common=$(pg_sql "$b" "$values (SELECT unnest(most_common_vals::text::text[]) v FROM pg_stats WHERE tablename = 't' AND attname = 'c$column') x")
    assert_eq "$(pg_sql "$b" "$values (SELECT unnest(array_agg(DISTINCT c$column)::text::text[]) v FROM t WHERE c$column IS NOT NULL) x")" "$common" "most_common_vals: $mask"
done
