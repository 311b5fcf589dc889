/*
 * Values of parameters as PostgreSQL logs them, and as EXECUTE gives them.
 */
#ifndef CAPTURE_PARAMS_H
#define CAPTURE_PARAMS_H

#include "core/arena.h"
#include "profiler/log_event.h"

enum { CAPTURE_MAX_PARAMETERS = 65535 };

typedef struct capture_params {
    rh_parameter *items; /* in the arena, as their bytes */
    size_t count;
    size_t cap;
    size_t longest_whole; /* bytes of the longest value that is surely whole, over all lists read */
    bool cut;             /* a value of the last list was cut by log_parameter_max_length */
} capture_params;

/**
 * Read "$1 = 'it''s', $2 = NULL" into params (emptied first). Values may hold anything, also
 * "', $9 = '", quotes doubled and line ends. RH_OK; RH_SKIPPED: it is no such list; RH_ENOMEM.
 */
rh_status capture_params_read(rh_log_text list, rh_arena *arena, capture_params *params,
                              rh_error *err) RH_MUST_CHECK;

/** The list behind "parameters: " (any case) in a DETAIL or CONTEXT; false when there is none. */
bool capture_params_find(rh_log_text text, rh_log_text *out);

/** The statement behind "PREPARE name [(types)] AS"; false when it is no PREPARE. */
bool capture_params_prepared(rh_log_text prepare, rh_log_text *out);

/**
 * Take "EXECUTE name(1, 'x')" and "PREPARE name AS SELECT ..." apart: *out_sql is the prepared
 * text, params the values. RH_SKIPPED: they do not go together, or a value is more than a literal.
 */
rh_status capture_params_execute(rh_log_text execute, rh_log_text prepare, rh_arena *arena,
                                 capture_params *params, rh_log_text *out_sql,
                                 rh_error *err) RH_MUST_CHECK;

#endif
