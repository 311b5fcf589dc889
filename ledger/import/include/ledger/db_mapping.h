/*
 * Where a ledger's own database keeps blocks, transactions, inputs and outputs: names of tables and
 * columns, Counterparty's by default, others from a small YAML file (docs/ledger.md).
 */
#ifndef LEDGER_DB_MAPPING_H
#define LEDGER_DB_MAPPING_H

#include <stdbool.h>
#include <stddef.h>

#include "core/doc.h"

typedef enum rh_db_part {
    RH_DB_BLOCKS,
    RH_DB_TRANSACTIONS,
    RH_DB_INPUTS,
    RH_DB_OUTPUTS,
    RH_DB_PARTS,
} rh_db_part;

/** Columns of all parts; which part has which is in rh_db_part_columns(). */
typedef enum rh_db_column {
    RH_DB_HEIGHT,
    RH_DB_POSITION, /* order of the transactions */
    RH_DB_TXID,
    RH_DB_HASH,
    RH_DB_TIME,
    RH_DB_PREVIOUS,
    RH_DB_SOURCE,      /* address that a transaction is from */
    RH_DB_DESTINATION, /* address that it pays */
    RH_DB_VALUE,
    RH_DB_UTXOS, /* Counterparty's utxos_info */
    RH_DB_OUTPOINT,
    RH_DB_SPENT_TXID,
    RH_DB_SPENT_VOUT,
    RH_DB_ADDRESS,
    RH_DB_VOUT,
    RH_DB_KIND,
    RH_DB_COLUMNS,
} rh_db_column;

typedef struct rh_db_names {
    const char *table; /* NULL: there is none */
    bool table_asked;  /* the file names it: it must be there */
    const char *columns[RH_DB_COLUMNS];
    bool asked[RH_DB_COLUMNS];
} rh_db_names;

typedef struct rh_db_mapping {
    rh_db_names parts[RH_DB_PARTS];
    rh_doc *doc; /* owns the names of a file; NULL: defaults */
} rh_db_mapping;

const char *rh_db_part_name(rh_db_part part);       /* "blocks" ... */
const char *rh_db_column_name(rh_db_column column); /* "height" ... */

/** Columns of a part, ended by RH_DB_COLUMNS. */
const rh_db_column *rh_db_part_columns(rh_db_part part);

/** Counterparty's names. Allocates nothing. */
void rh_db_mapping_init(rh_db_mapping *mapping);

/** The defaults changed by a file, or by a text (name is used in errors). RH_ECONFIG names file,
 * line and column; RH_ENOTFOUND, RH_EIO. */
rh_status rh_db_mapping_read(const char *path, rh_db_mapping *out, rh_error *err) RH_MUST_CHECK;
rh_status rh_db_mapping_parse(const char *name, const char *text, size_t len, rh_db_mapping *out,
                              rh_error *err) RH_MUST_CHECK;
void rh_db_mapping_done(rh_db_mapping *mapping);

#endif
