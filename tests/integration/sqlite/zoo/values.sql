-- Storage classes, and values that their column would change or refuse.
CREATE TABLE classes(i INTEGER, t TEXT, r REAL, n NUMERIC, b BLOB, u);
INSERT INTO classes VALUES(1, 1, 1, 1, 1, 1), (1.5, 1.5, 1.5, 1.5, 1.5, 1.5),
  ('abc', 'abc', 'abc', 'abc', 'abc', 'abc'), ('12', '12', '12', '12', '12', '12'),
  (x'3132', x'3132', x'3132', x'3132', x'3132', x'3132'),
  (NULL, NULL, NULL, NULL, NULL, NULL), (9223372036854775807, 1, 9223372036854775807, 1, 1, 1),
  (-9223372036854775808, '', -9223372036854775808, '', x'', ''),
  (1e999, 1e999, 1e999, 1e999, 1e999, 1e999), (-1e999, -1e999, -1e999, -1e999, -1e999, -1e999),
  (0.1, 0.1, 0.1, 0.1, 0.1, -0.0), (1e15, 1e15, 1e15, 1e15, 1e15, 1e15),
  (140737488355327, 0, 140737488355327.0, 0, 0, 140737488355327.0),
  (140737488355328, 0, 140737488355328.0, 0, 0, 140737488355328.0),
  (5e-324, 1.7976931348623157e308, 5e-324, 5e-324, 5e-324, 5e-324),
  (0, 'a' || char(0) || 'b', 0, 0, x'00000000', 'nul' || char(0)),
  (127, 128, 32767, 32768, 8388607, 8388608), (-128, -129, -32768, -32769, -8388608, -8388609),
  (2147483647, 2147483648, -2147483648, -2147483649, 140737488355327, -140737488355329);
CREATE TABLE bad(i INTEGER, t TEXT, r REAL, n NOT NULL DEFAULT 5, c CHECK (c > 0), s INT);
INSERT INTO bad VALUES(1, 'x', 1.5, 1, 1, 1);
-- Values written while the columns had no types, as a database that was migrated by hand has them.
PRAGMA writable_schema=ON;
UPDATE sqlite_schema SET sql = 'CREATE TABLE bad(i, t, r, n, c, s)' WHERE name = 'bad';
PRAGMA writable_schema=RESET;
INSERT INTO bad VALUES('123', 45, '6.5', NULL, -1, 3.0), (7.0, 8.5, 9, NULL, 0, '12'), (' 12 ', 1, '0x10', 1, 1, 1);
PRAGMA writable_schema=ON;
UPDATE sqlite_schema SET sql = 'CREATE TABLE bad(i INTEGER, t TEXT, r REAL, n NOT NULL DEFAULT 5, c CHECK (c > 0), s INT)' WHERE name = 'bad';
PRAGMA writable_schema=RESET;
-- Columns that came later: old rows are shorter than the table.
CREATE TABLE grown(a, b);
INSERT INTO grown VALUES(1, 2), (3, 4);
ALTER TABLE grown ADD COLUMN c TEXT DEFAULT 'later';
ALTER TABLE grown ADD COLUMN d INT NOT NULL DEFAULT 9;
INSERT INTO grown VALUES(5, 6, NULL, 7);
ALTER TABLE grown ADD COLUMN e AS (a + d);
-- Rowids
CREATE TABLE rowids(v);
INSERT INTO rowids(rowid, v) VALUES(-9223372036854775808, 'min'), (-1000000, 'neg'), (-1, 'm1'),
  (0, 'zero'), (1, 'one'), (123456789012, 'far'), (9223372036854775807, 'max');
CREATE TABLE sparse(k INTEGER PRIMARY KEY, v);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
INSERT OR IGNORE INTO sparse SELECT random(), i FROM n;
