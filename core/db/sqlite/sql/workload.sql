-- Format 1 of workload files (docs/workload.md). A reader compares these tables' text byte for byte.
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    path TEXT,
    format TEXT,
    system_id TEXT,
    database TEXT,
    server_version TEXT,
    lines INTEGER,
    bytes INTEGER
);
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    user TEXT,
    database TEXT,
    application TEXT,
    client TEXT,
    start_us INTEGER,
    end_us INTEGER
);
CREATE TABLE statements (
    id INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    by TEXT NOT NULL,
    command TEXT NOT NULL,
    normalized TEXT NOT NULL
);
CREATE TABLE texts (
    id INTEGER PRIMARY KEY,
    statement INTEGER NOT NULL REFERENCES statements,
    sql TEXT NOT NULL
);
CREATE TABLE executions (
    id INTEGER PRIMARY KEY,
    session INTEGER NOT NULL,
    tx INTEGER,
    text INTEGER NOT NULL REFERENCES texts,
    start_us INTEGER,
    duration_us INTEGER,
    protocol INTEGER NOT NULL,
    name TEXT,
    parameters TEXT,
    rows INTEGER,
    sqlstate TEXT,
    source INTEGER,
    line INTEGER,
    unreplayable TEXT,
    unit INTEGER
);
CREATE TABLE skipped (
    reason TEXT NOT NULL,
    source INTEGER NOT NULL,
    line INTEGER,
    count INTEGER NOT NULL,
    PRIMARY KEY (reason, source)
) WITHOUT ROWID;
CREATE TABLE plans (
    id INTEGER PRIMARY KEY,
    execution INTEGER NOT NULL,
    format TEXT NOT NULL,
    plan TEXT NOT NULL
);
CREATE TABLE units (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    parent INTEGER,
    height INTEGER,
    name TEXT,
    time_us INTEGER
);
CREATE VIEW calls AS
SELECT e.id,
    e.session,
    e.tx,
    e.start_us,
    e.duration_us,
    CASE e.protocol WHEN 0 THEN 'simple' WHEN 1 THEN 'extended' ELSE 'prepared' END AS protocol,
    t.sql,
    e.parameters,
    e.rows,
    e.sqlstate,
    o.path AS file,
    e.line,
    e.unreplayable,
    s.fingerprint,
    s.command,
    s.normalized
FROM executions e
JOIN texts t ON t.id = e.text
JOIN statements s ON s.id = t.statement
LEFT JOIN sources o ON o.id = e.source;
