/*
 * Defaults of masked columns: a literal there is a value like those in the rows.
 */
#ifndef ANONYMIZE_SCHEMA_DEFAULT_H
#define ANONYMIZE_SCHEMA_DEFAULT_H

#include "filter.h"

/** One default that goes through the mask of its column. */
typedef struct masked_default {
    const rh_decision *decision;
    const char *text; /* as the schema has it; borrowed from the structure */
    rh_buf image;     /* what stands there instead */
} masked_default;

typedef struct masked_defaults {
    masked_default *items;
    size_t count;
} masked_defaults;

/** All of them: literals, with a sign or a cast perhaps. Other expressions stay as they are. */
rh_status masked_defaults_find(const rh_anonymizer *anonymizer, masked_defaults *out,
                               rh_error *err) RH_MUST_CHECK;
void masked_defaults_done(masked_defaults *defaults);

/** NULL when the column's default stays. */
const masked_default *masked_defaults_of(const masked_defaults *defaults, const char *schema,
                                         const char *table, const char *column);

/** SQL with CREATE TABLE and ALTER TABLE statements: copied to out, the defaults replaced. */
rh_status masked_defaults_apply(const masked_defaults *defaults, const char *sql, size_t len,
                                rh_buf *out, rh_error *err) RH_MUST_CHECK;

#endif
