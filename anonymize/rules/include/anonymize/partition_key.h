/*
 * The key of a partitioned table, as far as masks are concerned: which columns, in which order.
 */
#ifndef ANONYMIZE_PARTITION_KEY_H
#define ANONYMIZE_PARTITION_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "core/structure.h"

enum { RH_PARTITION_MAX_COLUMNS = 32 }; /* PostgreSQL's own limit */

typedef enum rh_partition_method {
    RH_PARTITION_RANGE,
    RH_PARTITION_LIST,
    RH_PARTITION_HASH,
} rh_partition_method;

typedef struct rh_partition_key {
    rh_partition_method method;
    size_t columns[RH_PARTITION_MAX_COLUMNS]; /* positions in the table, in the key's order */
    size_t count;
} rh_partition_key;

/** Is the table partitioned by HASH? Also by an expression's. */
bool rh_partition_is_by_hash(const rh_structure_table *table);

/** Does the key, which may be an expression, read the column? False without a key. */
bool rh_partition_key_uses(const rh_structure_table *table, size_t column);

/** False when the table has no key, or one with expressions. */
bool rh_partition_key_read(const rh_structure_table *table, rh_partition_key *out);

#endif
