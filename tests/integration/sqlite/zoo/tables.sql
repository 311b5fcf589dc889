-- Ordinary tables and everything that hangs on them.
CREATE TABLE plain(id INTEGER PRIMARY KEY, name TEXT NOT NULL, score REAL, data BLOB, untyped);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
INSERT INTO plain SELECT i * 3, 'name ' || i, CASE i % 4 WHEN 0 THEN i ELSE i * 1.25 END,
  CASE i % 5 WHEN 0 THEN NULL ELSE randomblob(i % 90) END,
  CASE i % 4 WHEN 0 THEN i WHEN 1 THEN 'text' WHEN 2 THEN i + 0.5 ELSE x'00ff00' END FROM n;
DELETE FROM plain WHERE id % 7 = 0;
CREATE INDEX plain_name ON plain(name COLLATE NOCASE, score DESC);
CREATE INDEX plain_expr ON plain(length(name) + 1, abs(score)) WHERE score > 10;
CREATE UNIQUE INDEX plain_unique ON plain(name, id DESC);
CREATE INDEX plain_same_a ON plain(score);
CREATE INDEX plain_same_b ON plain(score);
CREATE VIEW plain_view(a, b) AS SELECT name, count(*) FROM plain GROUP BY 1;
CREATE TRIGGER plain_trigger AFTER INSERT ON plain BEGIN
  INSERT INTO fired VALUES(new.id); -- a comment; with a semicolon
END;
CREATE TABLE fired(id);

CREATE TABLE auto(id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT UNIQUE ON CONFLICT REPLACE);
INSERT INTO auto(v) VALUES('a'), ('b'), ('c');
DELETE FROM auto WHERE id = 3;
CREATE TABLE auto_empty(id INTEGER PRIMARY KEY AUTOINCREMENT);
INSERT INTO auto_empty VALUES(41);
DELETE FROM auto_empty;

CREATE TABLE wr(b TEXT COLLATE NOCASE, a INT, c, d REAL, PRIMARY KEY(a DESC, b)) WITHOUT ROWID;
INSERT INTO wr VALUES('x', 1, 10, 1.0), ('Y', 1, NULL, 2.5), ('z', 3, x'', 1e300), ('', -5, '', -0.5);
CREATE INDEX wr_c ON wr(c);
CREATE TABLE wr_unique(k TEXT PRIMARY KEY, u INT UNIQUE, v) WITHOUT ROWID;
INSERT INTO wr_unique VALUES('b', 2, 'two'), ('a', 1, 'one'), ('c', NULL, NULL);

CREATE TABLE strict_table(i INT, t TEXT, r REAL, b BLOB, a ANY, k INTEGER PRIMARY KEY) STRICT;
INSERT INTO strict_table VALUES(1, 'one', 1, x'01', '007', 5), (NULL, NULL, 2.5, NULL, 12, 6);

CREATE TABLE gen(a INTEGER, b TEXT, v1 AS (a + 1) VIRTUAL, s1 INTEGER AS (a * 2) STORED,
  c, s2 TEXT GENERATED ALWAYS AS (lower(b) || '),(' /* ) , AS ( */) STORED NOT NULL UNIQUE, "AS" INT CHECK (a > 0),
  v2 INT AS (s1 + "AS"), CHECK (a <> 77));
INSERT INTO gen(a, b, c, "AS") VALUES(1, 'One', 1.5, 10), (2, 'Two', x'02', 20), (3, 'THREE', NULL, 30);
CREATE INDEX gen_v ON gen(v1);
CREATE INDEX gen_s ON gen(s1);
CREATE TABLE gen_virtual(id INTEGER PRIMARY KEY, j TEXT, x AS (json_extract(j, '$.x')), y TEXT);
INSERT INTO gen_virtual(j, y) VALUES('{"x": 5}', 'five'), ('{}', 'none');
CREATE INDEX gen_virtual_x ON gen_virtual(x);

CREATE TABLE multi(a, b, c, UNIQUE(b, a), UNIQUE(c), CHECK (a <> b));
INSERT INTO multi VALUES(1, 2, 3), (2, 1, 4), (NULL, NULL, NULL);
CREATE TABLE pk_text(k VARCHAR(20) PRIMARY KEY, v);
INSERT INTO pk_text VALUES('k2', 1), ('k1', 2), (NULL, 3);
CREATE TABLE pk_desc(k INTEGER PRIMARY KEY DESC, v);
INSERT INTO pk_desc VALUES(9, 1), (3, 2);
CREATE TABLE fk_child(p REFERENCES plain(id) ON DELETE CASCADE, q REFERENCES nowhere(x));
INSERT INTO fk_child VALUES(3, 4), (999999, 1);
CREATE TABLE empty_one(a, b);
CREATE TABLE empty_key(a PRIMARY KEY, b UNIQUE) WITHOUT ROWID;
CREATE TABLE only_ipk(id INTEGER PRIMARY KEY);
INSERT INTO only_ipk VALUES(-3), (0), (12);
PRAGMA user_version = -77;
PRAGMA application_id = 1885696768;
