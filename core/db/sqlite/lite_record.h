/*
 * One encoded row (docs/format.md §3.2): varint length, zigzag rowid, SQLite record. Pure bytes, no
 * database. The reader distrusts everything it is given.
 */
#ifndef LITE_RECORD_H
#define LITE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "core/buf.h"
#include "core/row_fields.h"

typedef enum rh_lite_class {
    RH_LITE_NULL,
    RH_LITE_INTEGER,
    RH_LITE_REAL,
    RH_LITE_TEXT, /* bytes in the database's encoding */
    RH_LITE_BLOB,
} rh_lite_class;

typedef struct rh_lite_value {
    rh_lite_class kind;
    int64_t integer;
    double real;
    const uint8_t *data; /* TEXT, BLOB: borrowed */
    size_t len;
} rh_lite_value;

/** The same value as the other list of kinds has it; bytes are borrowed, in the encoding they have.
 * RH_FIELD_UNREAD is NULL. */
static inline rh_field rh_lite_field_of(const rh_lite_value *value)
{
    static const rh_field_kind KINDS[] = {
        [RH_LITE_NULL] = RH_FIELD_NULL, [RH_LITE_INTEGER] = RH_FIELD_INTEGER,
        [RH_LITE_REAL] = RH_FIELD_REAL, [RH_LITE_TEXT] = RH_FIELD_TEXT,
        [RH_LITE_BLOB] = RH_FIELD_BLOB,
    };

    return (rh_field){KINDS[value->kind], value->integer, value->real, value->data, value->len};
}

static inline rh_lite_value rh_lite_value_of(const rh_field *field)
{
    static const rh_lite_class KINDS[] = {
        [RH_FIELD_UNREAD] = RH_LITE_NULL,     [RH_FIELD_NULL] = RH_LITE_NULL,
        [RH_FIELD_INTEGER] = RH_LITE_INTEGER, [RH_FIELD_REAL] = RH_LITE_REAL,
        [RH_FIELD_TEXT] = RH_LITE_TEXT,       [RH_FIELD_BLOB] = RH_LITE_BLOB,
    };

    return (rh_lite_value){KINDS[field->kind], field->integer, field->real, field->data,
                           field->len};
}

/**
 * Append one row. rowid NULL: a table without rowids. RH_ELIMIT when the row alone is longer than
 * max_bytes, RH_ENOMEM.
 */
rh_status rh_lite_row_put(rh_buf *out, const int64_t *rowid, const rh_lite_value *values,
                          size_t count, size_t max_bytes, rh_error *err) RH_MUST_CHECK;

/**
 * Is there a whole row at data? RH_OK with its size (length prefix included), RH_DONE when more
 * bytes are needed (*out_bytes is then the size needed, or 0 when not known yet), RH_EFORMAT.
 */
rh_status rh_lite_row_size(const uint8_t *data, size_t len, size_t max_bytes, size_t *out_bytes,
                           rh_error *err) RH_MUST_CHECK;

/**
 * Decode one whole row of exactly count values (borrowing data). RH_EFORMAT when the bytes are not
 * exactly one such row. out_rowid NULL: a table without rowids.
 */
rh_status rh_lite_row_get(const uint8_t *row, size_t len, int64_t *out_rowid, rh_lite_value *values,
                          size_t count, rh_error *err) RH_MUST_CHECK;

#endif
