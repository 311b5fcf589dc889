/*
 * Rows on their way into one table, hundreds with one statement: INSERT ... SELECT from a virtual
 * table over the rows at hand. Against a step for each row that halves the time, because cursors
 * are opened and the transaction is looked at once for all of them. SQLite numbers the rows: with
 * numbers given it searches the tree for each of them, twice.
 */
#ifndef WORKLOAD_BATCH_H
#define WORKLOAD_BATCH_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"

#include <rehearse/error.h>

typedef enum rh_workload_cell_kind {
    RH_WORKLOAD_CELL_NULL,
    RH_WORKLOAD_CELL_NUMBER,
    RH_WORKLOAD_CELL_TEXT,
} rh_workload_cell_kind;

typedef struct rh_workload_cell {
    rh_workload_cell_kind kind;
    int64_t number;   /* TEXT: bytes */
    const char *text; /* until the batch is flushed */
} rh_workload_cell;

enum { RH_WORKLOAD_BATCH_COLUMNS = 16, RH_WORKLOAD_BATCH_FORMS = 8 };

/** An INSERT for batches whose rows have values in the same columns: the others are left out. */
typedef struct rh_workload_form {
    uint32_t columns; /* bit n: column n; 0: free */
    sqlite3_stmt *insert;
} rh_workload_form;

typedef struct rh_workload_batch {
    sqlite3 *db;
    const char *table;        /* its name, static */
    const char *const *names; /* of its columns, static */
    rh_workload_form forms[RH_WORKLOAD_BATCH_FORMS];
    size_t next_form;        /* the one to go when all are in use */
    rh_workload_cell *cells; /* of RH_WORKLOAD_BATCH_ROWS rows */
    rh_arena *arena;         /* texts */
    size_t columns;
    size_t rows;
    uint64_t written; /* rows in the table */
    size_t bytes;     /* of texts */
    bool full;
} rh_workload_batch;

/** For an empty table whose rows get the numbers 1, 2 ... in the order of coming: names are those
 * of its other columns (at most RH_WORKLOAD_BATCH_COLUMNS, without defaults, static like table's
 * name). The storage is the caller's and must not move; rh_workload_batch_done() also after a
 * failure, before db is closed.
 */
rh_status rh_workload_batch_init(rh_workload_batch *batch, sqlite3 *db, const char *table,
                                 const char *const *names, size_t columns,
                                 rh_error *err) RH_MUST_CHECK;
void rh_workload_batch_done(rh_workload_batch *batch);

/** One more row, all of it NULL: fill it with the functions below, then rh_workload_batch_end(). */
rh_workload_cell *rh_workload_batch_row(rh_workload_batch *batch);

/** Put a copy of text (NULL: NULL) into a cell. A long one is borrowed until the row's end. */
rh_status rh_workload_batch_text(rh_workload_batch *batch, rh_workload_cell *cell, const char *text,
                                 size_t len, rh_error *err) RH_MUST_CHECK;

/** The row is complete; writes the rows when there are enough of them. */
rh_status rh_workload_batch_end(rh_workload_batch *batch, rh_error *err) RH_MUST_CHECK;

/** Write the rows at hand. */
rh_status rh_workload_batch_flush(rh_workload_batch *batch, rh_error *err) RH_MUST_CHECK;

#endif
