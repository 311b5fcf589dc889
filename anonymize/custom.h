/*
 * Columns under mask `custom`: what the source computes for them, and what commands answer.
 *
 * A command is started per worker and table, and gets the column's values of a batch at once, so
 * that it never has to answer faster than it is asked. Protocol: docs/masks.md, "custom".
 */
#ifndef ANONYMIZE_CUSTOM_H
#define ANONYMIZE_CUSTOM_H

#include <pthread.h>

#include "core/process_talk.h"
#include "filter.h"

/** The first command that failed after its last row; any thread may record one. */
struct rh_late_failure {
    pthread_mutex_t lock;
    rh_error error;
};

typedef struct custom_command {
    const rh_masked_column *column;
    char *environment[8]; /* owned, NULL-terminated */
    rh_talk *talk;        /* NULL until the first value */
    rh_buf questions;     /* of this batch */
    rh_buf answers;
    size_t asked;
    const uint8_t *next; /* in answers */
    rh_rows_format format;
    char name[512]; /* of the column, for errors */
} custom_command;

rh_status custom_command_init(custom_command *command, const rh_masked_table *table,
                              const rh_masked_column *column, rh_rows_format format,
                              rh_error *err) RH_MUST_CHECK;

/** Add one value of the batch; NULL is not sent. */
rh_status custom_command_ask(custom_command *command, const rh_field *value,
                             rh_error *err) RH_MUST_CHECK;
/** All of the batch are asked: get the answers. */
rh_status custom_command_run(custom_command *command, rh_error *err) RH_MUST_CHECK;
/** The next answer, for a value that was sent; its bytes live in scratch. */
rh_status custom_command_answer(custom_command *command, const rh_field *value, rh_arena *scratch,
                                rh_field *out, rh_error *err) RH_MUST_CHECK;
/** No more rows. failed: some went wrong, and its end is of no interest. Frees everything. */
void custom_command_done(custom_command *command, bool failed, rh_late_failure *late);

#endif
