-- A small database with the shapes of both outages and the smells of plans. Statements end with a
-- semicolon at the end of a line.
CREATE TABLE account (id int PRIMARY KEY, name varchar(40), email text, country int, ref int) WITH (autovacuum_enabled = false);
INSERT INTO account SELECT n, 'name' || n, 'user' || n || '@example.org', n % 40, n % 7 FROM generate_series(1, 2000) n;
CREATE INDEX account_email ON account (email);
CREATE INDEX account_name ON account (name);
CREATE INDEX account_ref ON account (ref);

CREATE TABLE tx (id int PRIMARY KEY, acct int NOT NULL, height int NOT NULL, amount int NOT NULL, status text, memo text) WITH (autovacuum_enabled = false);
INSERT INTO tx SELECT n, (n::bigint * 7919) % 2000 + 1, n / 12, n % 997, (ARRAY['open','done','void'])[n % 3 + 1], repeat('m', 40) || n FROM generate_series(1, 60000) n;
CREATE INDEX tx_height ON tx (height);

CREATE TABLE txi (id int PRIMARY KEY, acct int NOT NULL, amount int NOT NULL) WITH (autovacuum_enabled = false);
INSERT INTO txi SELECT id, acct, amount FROM tx;
CREATE INDEX txi_acct ON txi (acct);

CREATE TABLE entry (id int PRIMARY KEY, tx_id int REFERENCES tx, v int) WITH (autovacuum_enabled = false);
INSERT INTO entry SELECT n, n * 2 + 1, n FROM generate_series(1, 20000) n;
CREATE TABLE leaf (id int PRIMARY KEY, acct int REFERENCES account, v int) WITH (autovacuum_enabled = false);
INSERT INTO leaf SELECT n, n % 1900 + 1, n FROM generate_series(1, 20000) n;
CREATE INDEX leaf_acct ON leaf (acct);

CREATE TABLE listing (id int PRIMARY KEY, name text, category int) WITH (autovacuum_enabled = false);
INSERT INTO listing SELECT n, 'wallet' || n, n % 5 FROM generate_series(1, 113) n;
CREATE TABLE usage (id int PRIMARY KEY, project_id int, day date, count int) WITH (autovacuum_enabled = false);
INSERT INTO usage SELECT n, n % 113 + 1, date '2023-01-01' + n % 90, n % 17 FROM generate_series(1, 40000) n;

CREATE TABLE event (id int PRIMARY KEY, kind int, acct int, payload text) WITH (autovacuum_enabled = false);
INSERT INTO event SELECT n, n % 10, (n::bigint * 7919) % 5000, repeat('p', 80) || n FROM generate_series(1, 100000) n;
CREATE INDEX event_kind ON event (kind);
CREATE INDEX event_acct ON event (acct);

CREATE TABLE tiny (id int PRIMARY KEY, v int) WITH (autovacuum_enabled = false);
INSERT INTO tiny SELECT n, n * 3 FROM generate_series(1, 20) n;

CREATE TABLE skew (id int PRIMARY KEY, a int, b int) WITH (autovacuum_enabled = false);
INSERT INTO skew SELECT n, n % 50, n % 50 FROM generate_series(1, 20000) n;

CREATE TABLE clump (id int PRIMARY KEY, a int, b int, c int, d int) WITH (autovacuum_enabled = false);
INSERT INTO clump SELECT n, n % 50, n % 50, n % 50, n % 113 + 1 FROM generate_series(1, 20000) n;

CREATE TABLE stale (id int PRIMARY KEY, v int) WITH (autovacuum_enabled = false);
INSERT INTO stale SELECT n, 1 FROM generate_series(1, 10000) n;

CREATE TABLE part (id int, region int, v int) PARTITION BY RANGE (id);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (10000) WITH (autovacuum_enabled = false);
CREATE TABLE part_2 PARTITION OF part FOR VALUES FROM (10000) TO (20001) WITH (autovacuum_enabled = false);
INSERT INTO part SELECT n, n % 9, n FROM generate_series(1, 20000) n;
CREATE INDEX part_id ON part (id);

CREATE TABLE parts (id int, region int, v int) PARTITION BY RANGE (id);
CREATE TABLE parts_0 PARTITION OF parts FOR VALUES FROM (0) TO (16000) WITH (autovacuum_enabled = false);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (16000) TO (32000) WITH (autovacuum_enabled = false);
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (32000) TO (48000) WITH (autovacuum_enabled = false);
CREATE TABLE parts_3 PARTITION OF parts FOR VALUES FROM (48000) TO (64000) WITH (autovacuum_enabled = false);
INSERT INTO parts SELECT n, n % 9, n % 5000 FROM generate_series(0, 63999) n;
CREATE INDEX parts_id ON parts (id);

CREATE TABLE owner (id int PRIMARY KEY, name text) WITH (autovacuum_enabled = false);
INSERT INTO owner SELECT n, 'o' || n FROM generate_series(1, 100) n;
CREATE TABLE owned (id int PRIMARY KEY, owner_id int REFERENCES owner ON DELETE CASCADE) WITH (autovacuum_enabled = false);
INSERT INTO owned SELECT n, n % 90 + 1 FROM generate_series(1, 5000) n;

CREATE TABLE watched (id int PRIMARY KEY, v int) WITH (autovacuum_enabled = false);
INSERT INTO watched SELECT n, n FROM generate_series(1, 1000) n;
CREATE FUNCTION watched_changed() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN UPDATE account SET country = country WHERE id = new.id; RETURN NULL; END';
CREATE TRIGGER watched_au AFTER UPDATE ON watched FOR EACH ROW EXECUTE FUNCTION watched_changed();

CREATE TABLE watched_badly (id int PRIMARY KEY, v int) WITH (autovacuum_enabled = false);
INSERT INTO watched_badly SELECT n, n FROM generate_series(1, 1000) n;
CREATE FUNCTION usage_of(int) RETURNS bigint LANGUAGE plpgsql STABLE AS 'BEGIN RETURN (SELECT count(*) FROM usage u WHERE u.count = $1); END';
CREATE FUNCTION country_of(int) RETURNS int LANGUAGE plpgsql STABLE AS 'BEGIN RETURN (SELECT a.country FROM account a WHERE a.id = $1); END';
CREATE FUNCTION watched_badly_changed() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM usage_of(new.id); RETURN NULL; END';
CREATE TRIGGER watched_badly_au AFTER UPDATE ON watched_badly FOR EACH ROW EXECUTE FUNCTION watched_badly_changed();

CREATE VIEW totals AS SELECT a.id, a.name, (SELECT sum(t.amount) FROM txi t WHERE t.acct = a.id) AS total FROM account a;

-- One column's target decides how many rows ANALYZE reads: all of them, or estimates differ from run to run.
ALTER TABLE tx ALTER id SET STATISTICS 400;
ALTER TABLE txi ALTER id SET STATISTICS 400;
ALTER TABLE usage ALTER id SET STATISTICS 400;
ALTER TABLE event ALTER id SET STATISTICS 400;
VACUUM ANALYZE;
UPDATE stale SET v = id WHERE id % 2 = 0;
SELECT pg_stat_force_next_flush();
