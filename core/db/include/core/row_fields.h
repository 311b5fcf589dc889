/*
 * Looking into rows: decode the fields of some columns, change them, encode the row again.
 *
 * Only row filters do this. PostgreSQL fields are the text of the type (COPY escapes undone);
 * SQLite fields keep their storage class. Columns that are not asked for are copied as they stand.
 */
#ifndef CORE_ROW_FIELDS_H
#define CORE_ROW_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "core/arena.h"
#include "core/catalog.h"
#include "core/rows.h"

typedef enum rh_field_kind {
    RH_FIELD_UNREAD, /* the column was not asked for */
    RH_FIELD_NULL,
    RH_FIELD_INTEGER, /* SQLite only */
    RH_FIELD_REAL,    /* SQLite only */
    RH_FIELD_TEXT,    /* PostgreSQL: every value; SQLite: in the database's encoding, see below */
    RH_FIELD_BLOB,    /* SQLite only */
} rh_field_kind;

typedef struct rh_field {
    rh_field_kind kind;
    int64_t integer;
    double real;
    const uint8_t *data; /* TEXT, BLOB; borrowed */
    size_t len;
} rh_field;

typedef struct rh_row_editor rh_row_editor;

/**
 * Editor for one table (which has to outlive it) and one thread. columns[i] true: decode column i
 * of table->columns (generated ones are never there: asking for one is RH_EUSAGE). An SQLite
 * INTEGER PRIMARY KEY reads as RH_FIELD_INTEGER and writing it changes the rowid. utf16 SQLite
 * databases: text is handed out as UTF-8 and stored back in the database's encoding. max_row_bytes:
 * an edited batch may not grow past it, RH_ELIMIT (0 = 1 GiB).
 */
rh_status rh_row_editor_new(rh_rows_format format, const rh_table *table, const bool *columns,
                            size_t max_row_bytes, rh_row_editor **out, rh_error *err) RH_MUST_CHECK;
void rh_row_editor_free(rh_row_editor *editor); /* wipes its buffers */

/**
 * Called per row; fields has table->column_count entries, and behind them the table's extra ones,
 * always decoded and never written. Change fields in place; new bytes live in
 * scratch (reset after each row). RH_SKIPPED drops the row.
 */
typedef rh_status (*rh_row_edit)(void *ctx, rh_field *fields, rh_arena *scratch, rh_error *err);

/**
 * Called per group of rows, up to 64: the fields of row i begin at i * (column_count + extra_count
 * of the table). Change fields in place; new bytes live in scratch (reset after each group).
 */
typedef rh_status (*rh_rows_edit)(void *ctx, rh_field *fields, size_t rows, rh_arena *scratch,
                                  rh_error *err);

/** The same as rh_row_editor_run, for edits that are faster column by column. No row is dropped. */
rh_status rh_row_editor_run_many(rh_row_editor *editor, const rh_batch *in, rh_rows_edit edit,
                                 void *ctx, rh_batch *out, rh_error *err) RH_MUST_CHECK;

/** Edit all rows of a batch; out is borrowed until the next call. RH_EFORMAT for damaged rows. */
rh_status rh_row_editor_run(rh_row_editor *editor, const rh_batch *in, rh_row_edit edit, void *ctx,
                            rh_batch *out, rh_error *err) RH_MUST_CHECK;

#endif
