/*
 * Defaults of masked columns: a literal there is a value like those in the rows.
 */
#ifndef ANONYMIZE_SCHEMA_DEFAULT_H
#define ANONYMIZE_SCHEMA_DEFAULT_H

#include "core/sql_scan.h"
#include "filter.h"
#include "schema_image.h"

/** All of them, free with schema_images_done: literals, with a sign or a cast perhaps. Other
 * expressions stay as they are. */
rh_status masked_defaults_find(const rh_anonymizer *anonymizer, schema_images *out,
                               rh_error *err) RH_MUST_CHECK;
/** SQL with CREATE TABLE and ALTER TABLE statements: copied to out, the defaults replaced. */
rh_status masked_defaults_apply(const schema_images *defaults, rh_sql_dialect dialect,
                                const char *sql, size_t len, rh_buf *out,
                                rh_error *err) RH_MUST_CHECK;

#endif
