#!/bin/bash
# An exported SQLite snapshot is a database file that the sqlite3 shell reads, with sums that fit.
# shellcheck disable=SC1091
. "$RH_SOURCE_DIR/tests/support/lib.sh"
require_program
require_tool sqlite3 sha256sum

source=$scratch/shop.db
sqlite3 "$source" <<'SQL'
CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, score REAL, blob BLOB);
CREATE TABLE tags (person INTEGER REFERENCES people, tag TEXT, PRIMARY KEY (person, tag)) WITHOUT ROWID;
CREATE INDEX people_name ON people (name);
CREATE VIEW good AS SELECT * FROM people WHERE score > 10;
CREATE TRIGGER t AFTER INSERT ON people BEGIN UPDATE people SET score = 0 WHERE id = new.id; END;
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
INSERT INTO people SELECT i * 3, 'name ' || i, i / 7.0, zeroblob(i % 9) FROM n;
DROP TRIGGER t;
CREATE TRIGGER t AFTER INSERT ON people BEGIN UPDATE people SET score = 0 WHERE id = new.id; END;
UPDATE people SET score = id / 7.0;
INSERT INTO tags SELECT id, 'tag' || id % 5 FROM people;
SQL

say 'export'
assert_ok "$RH_BIN" snapshot "sqlite:$source" --repo "$scratch/repo" --raw --unsealed-raw
assert_ok "$RH_BIN" export latest "$scratch/out" --repo "$scratch/repo" --json
assert_stdout_contains '"files"'

say 'read with stock tools'
cd "$scratch/out"
assert_ok sha256sum --quiet -c SHA256SUMS
file=$(echo ./*.sqlite)
assert_file "$file"
assert_eq ok "$(sqlite3 "$file" 'PRAGMA integrity_check')"
sqlite3 "$source" .dump >"$scratch/a.sql"
sqlite3 "$file" .dump >"$scratch/b.sql"
assert_same_file "$scratch/a.sql" "$scratch/b.sql"

say 'a second export into the same place is refused'
assert_exit 2 "$RH_BIN" export latest "$scratch/out" --repo "$scratch/repo"
assert_stderr_contains 'exists'
