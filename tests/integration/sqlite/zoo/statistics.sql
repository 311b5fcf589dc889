CREATE TABLE t(a, b, c);
CREATE INDEX t_a ON t(a);
CREATE INDEX t_bc ON t(b, c);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
INSERT INTO t SELECT i % 10, i, NULL FROM n;
ANALYZE;
-- Production's figures, not those of this little table.
UPDATE sqlite_stat1 SET stat = '6000000 6000000' WHERE idx = 't_a';
INSERT INTO sqlite_stat1 VALUES('gone', NULL, '17');
PRAGMA writable_schema=ON;
CREATE TABLE IF NOT EXISTS sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample);
PRAGMA writable_schema=RESET;
INSERT INTO sqlite_stat4 VALUES('t', 't_a', '40 1', '80 82', '2 82', x'030109010253');
