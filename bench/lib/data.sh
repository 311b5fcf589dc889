# Sourced: the databases that the benchmarks read.
# shellcheck shell=bash disable=SC2034 # variables are read by the other files

# data [OPTION...] TABLE: rows of the data set.
data()
{
    "$bin/rehearse_bench_data" "$@"
}

create_customers()
{
    sql "$1" 'CREATE TABLE customers (
        id uuid NOT NULL, email text NOT NULL, first_name text NOT NULL, last_name text NOT NULL,
        company text, phone text NOT NULL, created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL, last_login timestamptz, status text NOT NULL,
        country char(2) NOT NULL, balance numeric(12,2) NOT NULL, credit_limit int NOT NULL,
        tags text[] NOT NULL, attributes jsonb NOT NULL, notes text NOT NULL)'
}

create_events()
{
    sql "$1" 'CREATE TABLE events (
        id bigint NOT NULL, customer_id uuid NOT NULL, kind text NOT NULL, channel text NOT NULL,
        created_at timestamptz NOT NULL)'
}

index_customers()
{
    sql "$1" 'ALTER TABLE customers ADD PRIMARY KEY (id)'
    sql "$1" 'CREATE INDEX ON customers (email)'
    sql "$1" 'CREATE INDEX ON customers (created_at)'
}

index_events()
{
    sql "$1" 'ALTER TABLE events ADD PRIMARY KEY (id)'
    sql "$1" 'CREATE INDEX ON events (customer_id)'
}

# load_postgres DATABASE: both tables with five indexes, vacuumed and frozen, in cache.
load_postgres()
{
    say "loading $size_mib MiB of COPY text into PostgreSQL"
    sql postgres "CREATE DATABASE $1 TEMPLATE template0"
    create_customers "$1"
    create_events "$1"
    data --size "$size_mib" customers | sql "$1" 'COPY customers FROM STDIN'
    data --size "$size_mib" events | sql "$1" 'COPY events FROM STDIN'
    index_customers "$1"
    index_events "$1"
    sql "$1" 'VACUUM (FREEZE, ANALYZE)'
    text_bytes=$({ sql "$1" 'COPY customers TO STDOUT' && sql "$1" 'COPY events TO STDOUT'; } | wc -c)
    note postgres_text_bytes "$text_bytes"
    note postgres_database_bytes "$(sql "$1" "SELECT pg_database_size('$1')")"
}

# create_sqlite FILE ROWS: customers with their number as rowid and two more indexes, in WAL mode.
create_sqlite()
{
    say "building $1 with $2 rows"
    {
        cat <<'SQL'
PRAGMA journal_mode = off;
PRAGMA synchronous = off;
CREATE TABLE customers (
    no INTEGER PRIMARY KEY, id TEXT NOT NULL, email TEXT NOT NULL, first_name TEXT NOT NULL,
    last_name TEXT NOT NULL, company TEXT, phone TEXT NOT NULL, created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL, last_login TEXT, status TEXT NOT NULL, country TEXT NOT NULL,
    balance REAL NOT NULL, credit_limit INTEGER NOT NULL, tags TEXT NOT NULL,
    attributes TEXT NOT NULL, notes TEXT NOT NULL);
SQL
        data --sql --rows "$2" customers
        cat <<'SQL'
CREATE UNIQUE INDEX customers_id ON customers (id);
CREATE INDEX customers_email ON customers (email);
ANALYZE;
PRAGMA journal_mode = wal;
SQL
    } | sqlite3 -bail "$1" >/dev/null
}

# load_sqlite FILE: as many rows as in the published figures, 2.0 M for 1300 MiB; sets text_bytes to
# the size of the file, which is what the rates of SQLite refer to.
load_sqlite()
{
    create_sqlite "$1" $(($(data --count --size "$size_mib" customers) * 4 / 5))
    text_bytes=$(bytes_of "$1")
    note sqlite_file_bytes "$text_bytes"
    note sqlite "$(sqlite3 --version | cut -d' ' -f1)"
}
