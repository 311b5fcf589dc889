/*
 * Where the expressions and queries of a schema statement stand, and whose columns they speak of.
 */
#ifndef RH_SCHEMA_PARTS_H
#define RH_SCHEMA_PARTS_H

#include "anonymize/schema_sql.h"

typedef enum schema_part_kind {
    PART_EXPRESSION, /* over the columns of table */
    PART_KEYS,       /* the same, several with commas, ASC, COLLATE ... */
    PART_ROW,        /* over new.x and old.x */
    PART_QUERY,      /* a statement */
    PART_SKIP,       /* holds no values: storage parameters, dollar quotes */
} schema_part_kind;

typedef struct schema_part {
    schema_part_kind kind;
    size_t offset;
    size_t len;
    const rh_structure_table *table;
} schema_part;

typedef struct schema_parts {
    schema_part *items; /* in the order of the text, apart from each other; in an arena */
    size_t count;
} schema_parts;

/** Of a token between dollar quotes: bytes of the quote at each end; 0 when it is none. */
size_t schema_dollar_quote(const char *text, size_t len);

/** Of one text. RH_ENOMEM only. */
rh_status schema_parts_find(const rh_literals *literals, const rh_schema_sql *sql,
                            schema_parts *out, rh_error *err) RH_MUST_CHECK;

#endif
