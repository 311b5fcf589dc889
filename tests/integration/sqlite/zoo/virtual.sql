-- Virtual tables with their shadow tables.
CREATE VIRTUAL TABLE ft3 USING fts3(title, body);
INSERT INTO ft3 VALUES('one', 'the quick brown fox'), ('two', 'jumps over the lazy dog');
CREATE VIRTUAL TABLE ft4 USING fts4(title, body, tokenize=porter, prefix="2,4");
INSERT INTO ft4(docid, title, body) VALUES(10, 'runner', 'running runs ran'), (-4, 'x', 'y');
CREATE VIRTUAL TABLE ft5 USING fts5(title, body);
INSERT INTO ft5(rowid, title, body) VALUES(5, 'alpha beta', 'gamma'), (900, 'delta', 'epsilon');
DELETE FROM ft5 WHERE rowid = 5;
CREATE TABLE docs(id INTEGER PRIMARY KEY, t TEXT);
INSERT INTO docs VALUES(1, 'external content one'), (2, 'external content two');
CREATE VIRTUAL TABLE ft5_external USING fts5(t, content='docs', content_rowid='id');
INSERT INTO ft5_external(ft5_external) VALUES('rebuild');
CREATE VIRTUAL TABLE ft5_contentless USING fts5(a, b, content='');
INSERT INTO ft5_contentless(rowid, a, b) VALUES(3, 'hidden words', 'more');
CREATE VIRTUAL TABLE ft4_contentless USING fts4(content="", a);
INSERT INTO ft4_contentless(docid, a) VALUES(7, 'nothing is kept');
CREATE VIRTUAL TABLE places USING rtree(id, x0, x1, y0, y1, +label);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
INSERT INTO places SELECT i, i, i + 1, i * 2, i * 2 + 1, 'place ' || i FROM n;
-- A module that nobody has, with content.
CREATE TABLE ghost_content(id INTEGER PRIMARY KEY, c0);
INSERT INTO ghost_content VALUES(1, 'kept');
PRAGMA writable_schema=ON;
INSERT INTO sqlite_schema(type, name, tbl_name, rootpage, sql) VALUES('table', 'ghost', 'ghost', 0,
  'CREATE VIRTUAL TABLE ghost USING no_such_module(a, tokenize=no_such_tokenizer)');
-- Functions and collations that only production's application has.
INSERT INTO sqlite_schema(type, name, tbl_name, rootpage, sql) VALUES('trigger', 'foreign_trigger', 'docs', 0,
  'CREATE TRIGGER foreign_trigger AFTER INSERT ON docs BEGIN SELECT app_function(new.t); END'),
  ('view', 'foreign_view', 'foreign_view', 0, 'CREATE VIEW foreign_view AS SELECT app_function(t COLLATE app) FROM docs');
CREATE TABLE checked(a TEXT, b TEXT);
INSERT INTO checked VALUES('x', 'y');
UPDATE sqlite_schema SET sql = 'CREATE TABLE checked(a TEXT COLLATE app_collation DEFAULT (app_function()), b TEXT CHECK (app_function(b)))' WHERE name = 'checked';
PRAGMA writable_schema=RESET;
