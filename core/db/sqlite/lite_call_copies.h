/*
 * Growing copies of tables in a scratch file: the target's first rows, by rowid, in its own schema.
 */
#ifndef LITE_CALL_COPIES_H
#define LITE_CALL_COPIES_H

#include "core/call_session.h"
#include "lite_scratch.h"

typedef struct rh_lite_copies rh_lite_copies;

/** Make the schema in scratch (an open, empty one) and find the tables that the statements use.
 * path's read transaction is held until rh_lite_copies_free(). RH_EDB names the statement. */
rh_status rh_lite_copies_open(const char *path, const rh_call_options *options,
                              const char *const *statements, sqlite3 *scratch, rh_lite_copies **out,
                              rh_error *err) RH_MUST_CHECK;
void rh_lite_copies_free(rh_lite_copies *copies); /* before scratch is closed; NULL is a no-op */

/** See rh_call_fill_copies(). scratch is not in a transaction, before or after. */
rh_status rh_lite_copies_fill(rh_lite_copies *copies, int64_t rows, rh_error *err) RH_MUST_CHECK;

/** See rh_call_copies(). */
rh_status rh_lite_copies_list(const rh_lite_copies *copies, json_t **out,
                              rh_error *err) RH_MUST_CHECK;

#endif
