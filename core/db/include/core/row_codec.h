/*
 * What each row encoding implements behind row_fields.h: decode one row, encode it again.
 */
#ifndef CORE_ROW_CODEC_H
#define CORE_ROW_CODEC_H

#include "core/row_fields.h"

typedef struct rh_row_codec {
    /** columns as in rh_row_editor_new, copied. */
    rh_status (*open)(const rh_table *table, const bool *columns, void **out, rh_error *err);
    void (*close)(void *codec);
    /** Fill the fields that were asked for; the others stay as they are: RH_FIELD_UNREAD, where the
     * caller began with zeros. */
    rh_status (*decode)(void *codec, const uint8_t *row, size_t len, rh_field *fields,
                        rh_arena *scratch, rh_error *err);
    /** Append the row that was decoded last, with fields as they are now. */
    rh_status (*encode)(void *codec, const rh_field *fields, rh_buf *out, rh_error *err);
} rh_row_codec;

extern const rh_row_codec rh_row_codec_pgcopy; /* core/db/postgres/pg_row_codec.c */
extern const rh_row_codec rh_row_codec_sqlite; /* core/db/sqlite/lite_row_codec.c */

#endif
