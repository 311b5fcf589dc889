"""make_trace.py FORMAT INPUTS...: the trace of a node that parses one block per number, with so many
inputs: json (lines of rehearse's trace), shell (.trace of the sqlite3 shell) or pglog (stderr).

One transaction per block: the block's row is its third statement; each input is looked up; each
tenth belongs to a transaction of the ledger, whose rows are written under a savepoint, and every
other one of these is undone. Another session reads all the time.
"""
import json
import sys

LOOK = "SELECT utxo, asset, quantity, MAX(rowid) FROM balances WHERE utxo = {} GROUP BY utxo, asset"
WRITE = "INSERT INTO balances VALUES ({}, 'XCP', {}, {}, {}, NULL, NULL)"
form, sizes = sys.argv[1], [int(x) for x in sys.argv[2:]]
time_us = 1729160000000000


def quote(value):
    return str(value) if isinstance(value, int) else "'" + value + "'"


def emit(session, sql, *values):
    global time_us
    time_us += 1000
    if form == "json":
        print(json.dumps({"time": time_us, "session": session, "sql": sql.format(*"?" * len(values)),
                          "parameters": list(values), "duration_us": 40}))
    elif form == "shell":
        if session == "node":
            print(sql.format(*[quote(v) for v in values]) + ";")
    else:
        sql = sql.replace(", MAX(rowid)", "").replace("GROUP BY utxo, asset", "")
        head = "2024-10-17 10:%02d:%02d.%03d UTC [%d] LOG:  " % (
            time_us // 60000000 % 60, time_us // 1000000 % 60, time_us // 1000 % 1000, 7 if session == "node" else 8)
        print(head + "execute <unnamed>: " + sql.format(*["$%d" % (i + 1) for i in range(len(values))]))
        if values:
            print(head.replace("LOG", "DETAIL") + "parameters: "
                  + ", ".join("$%d = '%s'" % (i + 1, v) for i, v in enumerate(values)))


if form == "json":
    print('{"rehearse_trace": 1, "engine": "sqlite"}')
emit("node", "SELECT count(*) FROM blocks")
for n, inputs in enumerate(sizes):
    height = 866000 + n
    emit("node", "BEGIN")
    emit("node", "SELECT block_hash FROM blocks WHERE block_index = {}", height - 1)
    emit("node", "INSERT INTO blocks(block_index, block_hash, block_time) VALUES ({}, {}, {})",
         height, "hash%d" % height, 1729160000 + n)
    for i in range(inputs):
        if i % 5 == 0:
            emit("api", "SELECT count(*) FROM balances WHERE asset = {}", "XCP")
        emit("node", LOOK, "%064x:%d" % (n * 100000 + i, i))
        if i % 10 == 9:
            emit("node", "SAVEPOINT tx")
            emit("node", WRITE, "addr%d" % i, i, height, i)
            if i % 20 == 19:
                emit("node", "ROLLBACK TO tx")
            emit("node", "RELEASE tx")
    emit("node", "COMMIT")
