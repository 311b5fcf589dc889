/*
 * What kind of values a column's type stands for, as far as a draft cares.
 */
#ifndef RH_DRAFT_TYPE_H
#define RH_DRAFT_TYPE_H

#include "draft_column.h"

typedef enum value_class {
    CLASS_OTHER,
    CLASS_TEXT,
    CLASS_INTEGER,
    CLASS_NUMBER,
    CLASS_BOOL,
    CLASS_BYTES,
    CLASS_UUID,
    CLASS_NETWORK,
    CLASS_MAC,
    CLASS_TIME,
    CLASS_JSON,
    CLASS_ENUM,
    CLASS_RANGE_TIME,
    CLASS_RANGE_INTEGER,
    CLASS_RANGE_NUMBER,
    CLASS_HSTORE,
    CLASS_XML,
    CLASS_OID,
} value_class;

/** Of the elements, for arrays. seen: SQLite's columns hold what somebody put there. */
value_class draft_class_of(const rh_structure_column *column, const draft_column *seen);

/** Text in small letters, cut to size. */
void draft_lower(char *out, size_t size, const char *text);

#endif
