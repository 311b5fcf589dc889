/*
 * The same statement once per input, as a C program would: what rehearse ledger replay is measured
 * against.
 *
 *   rehearse_bench_ledger_loop DATABASE OUTPOINTS [LIMIT]
 *
 * OUTPOINTS has one per line. The statement is that of examples/ledger/calls.yaml, the open mode a
 * node's. Every result row is stepped to and its columns are looked at. Prints one line: look-ups,
 * rows, VM steps, seconds.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char look_up[] =
    "SELECT utxo, asset, quantity, MAX(rowid) FROM balances WHERE utxo = ?1 "
    "GROUP BY utxo, asset HAVING quantity > 0";

enum { MAX_LINE = 128 };

typedef struct totals {
    long look_ups, rows;
    long long steps;
    unsigned long long seen; /* so that nothing is left out as unused */
} totals;

static void fail(sqlite3 *db, const char *what)
{
    fprintf(stderr, "bench_ledger_loop: %s: %s\n", what,
            db == NULL ? "failed" : sqlite3_errmsg(db));
    exit(2);
}

static double seconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void look(sqlite3 *db, sqlite3_stmt *stmt, const char *outpoint, size_t len, totals *t)
{
    int rc;

    if (sqlite3_bind_text(stmt, 1, outpoint, (int)len, SQLITE_STATIC) != SQLITE_OK)
        fail(db, "bind");
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        t->rows++;
        for (int i = 0; i < sqlite3_column_count(stmt); i++)
            t->seen += (unsigned long long)sqlite3_column_bytes(stmt, i);
    }
    if (rc != SQLITE_DONE)
        fail(db, "step");
    t->steps += sqlite3_stmt_status(stmt, SQLITE_STMTSTATUS_VM_STEP, 1);
    (void)sqlite3_reset(stmt);
    t->look_ups++;
}

int main(int argc, char **argv)
{
    char line[MAX_LINE];
    totals t = {0};
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    FILE *file;
    long limit = argc > 3 ? strtol(argv[3], NULL, 10) : 0; /* NOLINT(strtol): a bench's argument */
    double start;

    if (argc < 3 || (file = fopen(argv[2], "r")) == NULL) {
        fputs("usage: rehearse_bench_ledger_loop DATABASE OUTPOINTS [LIMIT]\n", stderr);
        return 2;
    }
    if (sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
        sqlite3_exec(db, "PRAGMA case_sensitive_like = ON; BEGIN", NULL, NULL, NULL) != SQLITE_OK)
        fail(db, argv[1]);
    start = seconds();
    if (sqlite3_prepare_v2(db, look_up, -1, &stmt, NULL) != SQLITE_OK)
        fail(db, "prepare");
    while ((limit == 0 || t.look_ups < limit) && fgets(line, sizeof line, file) != NULL)
        look(db, stmt, line, strcspn(line, "\n"), &t);
    printf("%ld look-ups, %ld rows, %lld steps, %.6f s\n", t.look_ups, t.rows, t.steps,
           seconds() - start);
    (void)sqlite3_finalize(stmt);
    (void)sqlite3_close(db);
    (void)fclose(file);
    return t.seen == 0 && t.rows > 0 ? 2 : 0;
}
