# The same life for PostgreSQL: snapshot, prove, restore, swap, roll back.
. "$(dirname "$0")/../support/lib.sh"
require_program
cd "$scratch"
pg_create_db shop
prod=$pg_db
name=shop_$$
staging=${RH_TEST_PG/dbname=postgres/dbname=stage_$$}
at_exit pg_drop_db "stage_$$"
at_exit pg_drop_db "trial_$$"
pg_sql "$prod" "
CREATE TABLE customer(id bigserial PRIMARY KEY, email text UNIQUE, note text, born date);
CREATE TABLE orders(id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer bigint NOT NULL REFERENCES customer, amount numeric(12,2), tags text[], doc jsonb);
INSERT INTO customer(email, note, born) SELECT 'c' || i || '@example.test',
    CASE WHEN i % 3 = 0 THEN E'tab\\there\\nand a \\\\. line' END, date '1960-01-01' + i % 9000
    FROM generate_series(1, 4000) i;
INSERT INTO orders(customer, amount, tags, doc) SELECT 1 + i * 7 % 4000, i * 1.37,
    ARRAY['a', 'b' || i], jsonb_build_object('k', i) FROM generate_series(1, 12000) i;
CREATE INDEX ON orders(customer);
CREATE VIEW big AS SELECT * FROM orders WHERE amount > 16000;
CREATE MATERIALIZED VIEW per AS SELECT customer, sum(amount) FROM orders GROUP BY 1;
ANALYZE"
export REHEARSE_REPO=$scratch/repo

dump_of()
{
    pg_dump "$1" --no-comments 2>/dev/null | grep -v '^--' | grep -v '^$' | grep -v restrict
}
assert_same_database()
{
    dump_of "$1" >expected.sql
    dump_of "$2" >actual.sql
    assert_same_file expected.sql actual.sql databases
}

say 'take, prove, look'
assert_ok "$RH_BIN" snapshot "$prod" --raw --unsealed-raw --jobs 2
assert_ok "$RH_BIN" verify
assert_ok "$RH_BIN" show latest
assert_stdout_contains "source     postgresql $(pg_sql "$RH_TEST_PG" 'SHOW server_version'), database"
assert_stdout_contains public.orders
assert_ok "$RH_BIN" cat latest public.customer --limit 2
assert_stdout_contains 'c1@example.test'
assert_ok "$RH_BIN" cat latest --section pre-data
assert_stdout_contains 'CREATE TABLE public.customer'
assert_ok "$RH_BIN" cat latest --section structure
# a dollar-quoted text holds any other quotes
assert_eq 'big customer orders per' "$(pg_sql "$prod" "SELECT string_agg(t ->> 'name', ' ')
    FROM json_array_elements(\$structure\$$(cat stdout)\$structure\$::json -> 'tables') t")" \
    'tables of the structure'

say 'restore into a database that does not exist'
assert_ok "$RH_BIN" restore latest "$staging"
assert_same_database "$prod" "$staging"
assert_exit 2 "$RH_BIN" restore latest "$staging"
assert_stderr_contains swap
assert_exit 2 "$RH_BIN" restore latest "$prod" --swap --allow-unmarked

say 'planner statistics came along'
stats="SELECT tablename, attname, null_frac, n_distinct, most_common_freqs, correlation
       FROM pg_stats WHERE schemaname = 'public' ORDER BY 1, 2"
assert_eq "$(pg_sql "$prod" "$stats")" "$(pg_sql "$staging" "$stats")" pg_stats

say 'swap and roll back'
pg_sql "$prod" "INSERT INTO customer(email) VALUES ('late@example.test')"
assert_ok "$RH_BIN" snapshot "$prod" --raw --unsealed-raw
assert_ok "$RH_BIN" restore latest "$staging" --swap
assert_eq 4001 "$(pg_sql "$staging" 'SELECT count(*) FROM customer')" 'customers after the swap'
assert_ok "$RH_BIN" restore --rollback "$staging"
assert_eq 4000 "$(pg_sql "$staging" 'SELECT count(*) FROM customer')" 'customers after rollback'

say 'a database that rehearse did not make is refused'
pg_create_db foreign
pg_sql "$pg_db" 'CREATE TABLE mine(x int)'
assert_exit 2 "$RH_BIN" restore latest "$pg_db" --swap
assert_eq 0 "$(pg_sql "$pg_db" 'SELECT count(*) FROM mine')" 'the foreign database'

say 'a trial leaves nothing'
assert_ok "$RH_BIN" verify latest --level restore \
    --on "${RH_TEST_PG/dbname=postgres/dbname=trial_$$}"
assert_eq 0 "$(pg_sql "$RH_TEST_PG" "SELECT count(*) FROM pg_database WHERE datname ~ 'trial_$$'")" \
    'databases of the trial'

say 'export is plain'
assert_ok "$RH_BIN" export latest plain
assert_ok sh -c 'cd plain && sha256sum -c SHA256SUMS'
assert_eq 4001 "$(zstd -dc plain/public.customer.copy.zst | wc -l)" 'exported customers'

say "hooks run, and their errors name them ($name)"
echo 'CREATE TABLE public.hooked AS SELECT 1 AS x' >hook.sql
assert_ok "$RH_BIN" restore latest "$staging" --swap --sql-after-load hook.sql
assert_eq 1 "$(pg_sql "$staging" 'SELECT x FROM hooked')" 'what the hook made'
echo 'SELECT nonsense' >hook.sql
assert_exit 2 "$RH_BIN" restore latest "$staging" --swap --sql-after-load hook.sql
assert_eq 1 "$(pg_sql "$staging" 'SELECT x FROM hooked')" 'staging after a failed restore'
for database in $(pg_sql "$RH_TEST_PG" \
    "SELECT datname FROM pg_database WHERE datname LIKE 'stage\_$$\_\_%'"); do
    at_exit pg_drop_db "$database"
done
left=$(pg_sql "$RH_TEST_PG" \
    "SELECT count(*) FROM pg_database WHERE datname LIKE 'stage\_$$\_\_rehearse\_new%'")
assert_eq 0 "$left" 'half-built databases'
