/*
 * What masking leaves for the leak scan: each raw value goes, as a keyed hash, into a side file
 * that only the scan reads. This is the one place where masker and scan meet.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/str.h"
#include "filter.h"

enum { NUMBER_BYTES = 32 };

/* Types whose values are too ordinary to prove anything: dates, amounts, counters. */
static const char *const number_types[] = {
    "smallint", "integer", "bigint",  "numeric", "real",    "double precision",
    "date",     "time",    "INTEGER", "REAL",    "NUMERIC", "boolean",
};

rh_seen_kind rh_anonymizer_seen_kind(const rh_structure_column *column)
{
    const char *type = column->base_type == NULL ? "" : column->base_type;

    for (size_t i = 0; i < sizeof number_types / sizeof number_types[0]; i++) {
        if (strcmp(type, number_types[i]) == 0)
            return RH_SEEN_NUMBER;
    }
    return rh_str_starts_with(type, "timestamp") || rh_str_starts_with(type, "time ")
               ? RH_SEEN_NUMBER
               : RH_SEEN_TEXT;
}

/* The text of a field; numbers are printed into buffer. NULL for what has none. */
static const void *text_of(const rh_field *field, char buffer[NUMBER_BYTES], size_t *out_len)
{
    *out_len = 0;
    switch (field->kind) {
    case RH_FIELD_TEXT:
    case RH_FIELD_BLOB:
        *out_len = field->len;
        return field->data;
    case RH_FIELD_INTEGER:
        *out_len = (size_t)snprintf(buffer, NUMBER_BYTES, "%" PRId64, field->integer);
        return buffer;
    case RH_FIELD_REAL:
        *out_len = (size_t)snprintf(buffer, NUMBER_BYTES, "%.17g", field->real);
        return buffer;
    case RH_FIELD_NULL:
    case RH_FIELD_UNREAD:
        break;
    }
    return NULL;
}

/* A mask of whole values that changes nothing is broken; one of parts may find nothing to change.
 */
static bool is_same(const rh_field *raw, const rh_field *masked)
{
    return raw->kind == masked->kind && raw->len == masked->len &&
           raw->integer == masked->integer &&
           (raw->len == 0 || memcmp(raw->data, masked->data, raw->len) == 0) &&
           (raw->kind == RH_FIELD_TEXT || raw->kind == RH_FIELD_BLOB);
}

static rh_status keep_value(void *ctx, const char *value, rh_error *err)
{
    return rh_seen_keep(ctx, value, strlen(value), err);
}

rh_status rh_anonymizer_remember_kept(const rh_anonymizer *anonymizer, const rh_mask *mask,
                                      rh_error *err)
{
    return anonymizer->seen == NULL ? RH_OK
                                    : rh_mask_each_kept(mask, keep_value, anonymizer->seen, err);
}

rh_status rh_anonymizer_remember(const rh_anonymizer *anonymizer, const rh_masked_column *column,
                                 const rh_field *raw, const rh_field *masked, rh_error *err)
{
    char raw_number[NUMBER_BYTES];
    char masked_number[NUMBER_BYTES];
    bool number = raw->kind == RH_FIELD_INTEGER || raw->kind == RH_FIELD_REAL;
    rh_seen_value value = {.kind = column->seen_as};

    if (anonymizer->seen == NULL || (column->may_pass && is_same(raw, masked)))
        return RH_OK;
    if (raw->kind == RH_FIELD_BLOB)
        value.kind = RH_SEEN_BINARY;
    else if (number)
        value.kind = RH_SEEN_NUMBER;
    value.raw = text_of(raw, raw_number, &value.raw_len);
    value.masked = text_of(masked, masked_number, &value.masked_len);
    return rh_seen_add(anonymizer->seen, &value, err);
}
