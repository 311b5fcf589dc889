/*
 * A row of a result as bytes of a row hash.
 */
#ifndef LITE_HASH_H
#define LITE_HASH_H

#include <sqlite3.h>

#include "core/hash.h"

/** Feed the current row: storage class, length and bytes of each value. The caller ends the row.
 * Values are taken as blobs, so nothing is converted. */
void rh_lite_hash_values(rh_row_hasher *hasher, sqlite3_stmt *stmt);

#endif
