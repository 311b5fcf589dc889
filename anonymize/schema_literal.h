/*
 * Literals in the texts of the schema, as the filter's sections hold them: each that meets a masked
 * column becomes its image, and is remembered for the leak scan.
 */
#ifndef ANONYMIZE_SCHEMA_LITERAL_H
#define ANONYMIZE_SCHEMA_LITERAL_H

#include "anonymize/schema_sql.h"
#include "filter.h"

typedef struct masked_literals {
    const rh_anonymizer *anonymizer;
    rh_literals literals; /* with a scratch of its own */
} masked_literals;

/** In place: it must not move afterwards. */
rh_status masked_literals_init(masked_literals *m, const rh_anonymizer *anonymizer,
                               rh_error *err) RH_MUST_CHECK;
void masked_literals_done(masked_literals *m);

/** One text, copied to out with its images. */
rh_status masked_literals_apply(masked_literals *m, const rh_schema_sql *sql, rh_buf *out,
                                rh_error *err) RH_MUST_CHECK;

/** Every statement of a script. */
rh_status masked_literals_script(masked_literals *m, const rh_buf *in, rh_buf *out,
                                 rh_error *err) RH_MUST_CHECK;

/** The texts of one table of the section "structure": CHECKs, indexes, generated columns, views. */
rh_status masked_literals_table(masked_literals *m, json_t *table, rh_error *err) RH_MUST_CHECK;

/** Its texts beside those of tables: functions, triggers, policies. */
rh_status masked_literals_texts(masked_literals *m, json_t *texts, rh_error *err) RH_MUST_CHECK;

#endif
