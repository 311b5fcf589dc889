/*
 * Between the files of this folder: the one query that a ledger's database is read with.
 */
#ifndef RH_IMPORT_DB_INTERNAL_H
#define RH_IMPORT_DB_INTERNAL_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/call_session.h"
#include "ledger/import_db.h"

/** Kinds of rows, in the order in which those of one transaction come. */
enum { ROW_BLOCK, ROW_TX, ROW_INPUT, ROW_OUTPUT };

/** Columns of all rows: height, position (-1: a block), kind, order, and fields: of a block hash,
 * time, previous; of a transaction txid, source, destination, value, utxos; of an input outpoint,
 * spent txid, spent vout, address, value; of an output vout, address, value, kind. */
enum { ROW_HEIGHT, ROW_POSITION, ROW_KIND, ROW_ORDER, ROW_FIELDS, ROW_COLUMNS = ROW_FIELDS + 5 };

typedef struct import_db_query {
    rh_arena *arena;
    const char *rows;  /* the query */
    const char *count; /* number of blocks in the range */
    bool inputs_table;
} import_db_query;

/** Look at the tables and write the query. Strings live in arena. RH_ENOTFOUND. */
rh_status rh_import_db_query(rh_call_session *session, const rh_import_db_options *options,
                             rh_arena *arena, import_db_query *out, rh_error *err) RH_MUST_CHECK;

#endif
