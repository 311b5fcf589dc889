/*
 * A profile for people, on 80 columns.
 */
#ifndef CLI_PROFILE_TEXT_H
#define CLI_PROFILE_TEXT_H

#include "context.h"
#include "profiler/profile.h"

/** Print the report (rh_profile_make) to stdout; text: what the statement was cut from. */
rh_status profile_text_print(const cli_context *context, const json_t *report,
                             const rh_profile_text *text, rh_error *err) RH_MUST_CHECK;

/** The line of the text that the database complains about, with a caret, on stderr. */
void profile_text_caret(const cli_context *context, const rh_profile_text *text, size_t offset);

#endif
