/*
 * Some rows from all over a table, without reading the rest.
 */
#ifndef LITE_SPREAD_H
#define LITE_SPREAD_H

#include <sqlite3.h>

#include "core/cancel.h"
#include "core/engine.h"

/** rh_session_spread on a connection; cancel may be NULL. */
rh_status rh_lite_spread(sqlite3 *db, const rh_table *table, size_t rows, const rh_row_look *look,
                         const rh_cancel *cancel, rh_error *err) RH_MUST_CHECK;

#endif
