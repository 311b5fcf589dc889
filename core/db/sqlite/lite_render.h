/*
 * Encoded rows as text: one line per row, tab-separated SQL literals, the rowid first.
 */
#ifndef LITE_RENDER_H
#define LITE_RENDER_H

#include <rehearse/error.h>

#include "core/buf.h"
#include "core/catalog.h"
#include "core/rows.h"

/** Appends to out. RH_EFORMAT when the rows do not fit the table; RH_ENOMEM, RH_ELIMIT. */
rh_status rh_lite_render(const rh_table *table, const rh_batch *batch, rh_buf *out,
                         rh_error *err) RH_MUST_CHECK;

/** Does the table have rowids, and which column stands for it (-1: none)? From its `extra`. */
bool rh_lite_extra_rowid(const rh_table *table);
int64_t rh_lite_extra_ipk(const rh_table *table);
bool rh_lite_extra_utf16(const rh_table *table, bool *out_big_endian);

#endif
