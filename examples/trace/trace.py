"""Write a trace for `rehearse capture` with Python's own sqlite3 module (3.11 or later)."""
import json
import sqlite3
import sys
import time


def trace_connection(connection, out, session):
    """Write a line for each statement that connection begins."""

    def on_statement(text):
        line = {"time": int(time.time() * 1e6), "session": session, "sql": text}
        out.write(json.dumps(line) + "\n")

    connection.set_trace_callback(on_statement)


def main():
    print(json.dumps({"rehearse_trace": 1, "engine": "sqlite"}))
    connection = sqlite3.connect(":memory:")
    trace_connection(connection, sys.stdout, "main")
    connection.execute("CREATE TABLE t(a, b)")
    connection.execute("INSERT INTO t VALUES(?, ?)", (1, "it's"))
    connection.commit()
    connection.close()


if __name__ == "__main__":
    main()
