-- Of executions that stand for many. A later addition to format 1: a file may lack this table.
CREATE TABLE totals (
    execution INTEGER PRIMARY KEY,
    calls INTEGER NOT NULL,
    total_us INTEGER,
    rows INTEGER
);
