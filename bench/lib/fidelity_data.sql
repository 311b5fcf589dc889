-- Data of bench/fidelity: users and orders with Zipf-like skew, serial ids and dates, 14 indexes.
-- psql variables: users, orders (rows). The same rows every time on one server version.
SELECT setseed(0.42);

CREATE TABLE users (
    id bigint NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    country text NOT NULL,
    status text NOT NULL,
    ip inet NOT NULL,
    balance numeric(14, 2) NOT NULL,
    note text,
    created_at timestamptz NOT NULL
);

CREATE TABLE orders (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    status text NOT NULL,
    amount numeric(14, 2) NOT NULL,
    ref text NOT NULL,
    address text NOT NULL,
    note text,
    created_at timestamptz NOT NULL
);

-- n^random() draws ranks by Zipf's law: rank r has a share of about 1 / (r ln n).
INSERT INTO users
SELECT i,
    'user' || substr(md5('local' || i), 1, 8) || i || '@' || 'mail'
        || floor(power(50, random()))::int || '.example.com',
    (ARRAY['Anna', 'Boris', 'Chen', 'Dora', 'Emil', 'Fatima', 'Georg', 'Hanna', 'Igor', 'Juana'])
        [1 + (i * 7919) % 10] || ' ' || 'Name' || chr(97 + floor(power(26, random()))::int - 1)
        || chr(97 + floor(power(26, random()))::int - 1) || 'berg',
    upper(chr(97 + (r.country * 7) % 26) || chr(97 + (r.country * 11) % 26)),
    (ARRAY['active', 'dormant', 'blocked', 'closed'])[least(4, 1 + floor(-ln(random()) / 1.2)::int)],
    ('10.' || floor(power(200, random()))::int || '.' || floor(random() * 256)::int || '.'
        || floor(random() * 256)::int)::inet,
    round((exp(random() * 9))::numeric, 2),
    CASE WHEN random() < 0.2 THEN repeat('note about it ', 1 + floor(random() * 8)::int) END,
    timestamptz '2019-01-01 00:00:00+00' + i * interval '12 minutes'
        + random() * interval '10 minutes'
FROM (SELECT i, floor(power(60, random()))::int AS country
      FROM generate_series(1, :users) i) r;

INSERT INTO orders
SELECT i,
    floor(power(:users, random()))::bigint,
    (ARRAY['paid', 'open', 'shipped', 'returned', 'failed'])
        [least(5, 1 + floor(-ln(random()) / 0.9)::int)],
    round((exp(1 + random() * 8))::numeric, 2),
    'ORD-' || (2019 + i * 5 / :orders) || '-' || lpad(i::text, 8, '0'),
    '0x' || left(md5('address' || r.address) || md5('more' || r.address), 40),
    CASE WHEN random() < 0.2 THEN repeat('please ring twice ', 1 + floor(random() * 5)::int) END,
    timestamptz '2019-06-01 00:00:00+00' + i * (interval '5 years' / :orders)
FROM (SELECT i, floor(power(100000, random()))::int AS address
      FROM generate_series(1, :orders) i) r;

ALTER TABLE users ADD PRIMARY KEY (id);
CREATE UNIQUE INDEX users_email ON users (email);
CREATE INDEX users_name ON users (name);
CREATE INDEX users_country ON users (country);
CREATE INDEX users_ip ON users USING gist (ip inet_ops);
CREATE INDEX users_created_at ON users (created_at);
ALTER TABLE orders ADD PRIMARY KEY (id);
CREATE INDEX orders_user_id ON orders (user_id);
CREATE INDEX orders_status ON orders (status);
CREATE INDEX orders_amount ON orders (amount);
CREATE INDEX orders_ref ON orders (ref text_pattern_ops);
CREATE INDEX orders_address ON orders (address);
CREATE INDEX orders_created_at ON orders (created_at);
CREATE INDEX orders_user_created ON orders (user_id, created_at);
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users (id);
VACUUM ANALYZE users, orders;
