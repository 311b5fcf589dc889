/*
 * The state of a capture, and what its files do for each other:
 *
 *   capture_events.c    events -> messages (lines put together, per session)
 *   capture_flow.c      messages -> executions (costs summed, double lines told apart)
 *   capture_plans.c     plans of auto_explain, held until their statement is logged
 *   capture_emit.c      executions -> filters, transactions, the workload's writer
 *   capture_own.c       what this program itself sent
 *   capture_shapes.c    text -> fingerprint and normalised text, remembered
 *   capture_sessions.c  the sessions that are open, by process
 *   capture_tally.c     what was skipped, by reason
 */
#ifndef CAPTURE_INTERNAL_H
#define CAPTURE_INTERNAL_H

#include "capture_message.h"
#include "capture_params.h"
#include "core/buf.h"
#include "core/sql_fingerprint.h"
#include "profiler/capture.h"

enum {
    CAPTURE_NAME_BYTES = 64, /* NAMEDATALEN */
    CAPTURE_VXID_BYTES = 32,
    CAPTURE_KEY_BYTES = 32,
    CAPTURE_STATE_BYTES = 8,
    CAPTURE_MAX_PLANS = 16,
    CAPTURE_MAX_TEXT_BYTES = 128 << 20,
};

/* A message of which more lines may come. */
typedef struct capture_pending {
    bool any;
    bool damaged; /* a piece is missing */
    rh_log_severity severity;
    uint64_t line;
    uint64_t source;
    uint64_t piece;
    int64_t time_us;
    char sqlstate[CAPTURE_STATE_BYTES];
    char vxid[CAPTURE_VXID_BYTES];
    rh_buf text, detail, context, statement;
    rh_buf *last; /* where the next line goes; NULL: a part that nobody needs */
} capture_pending;

/* An execution that may still get its duration, an error, or the cost of a fetch. */
typedef struct capture_held {
    bool any;
    bool wants_duration;
    bool is_execute; /* extended protocol */
    bool damaged;
    int64_t time_us;
    int64_t duration_us;
    uint64_t line;
    uint64_t source;
    char name[CAPTURE_NAME_BYTES];
    char portal[CAPTURE_NAME_BYTES];
    char vxid[CAPTURE_VXID_BYTES];
    char sqlstate[CAPTURE_STATE_BYTES];
    rh_buf sql;
    rh_buf values;  /* "$1 = ..." */
    rh_buf prepare; /* "PREPARE p AS ..." of an EXECUTE */
} capture_held;

typedef struct capture_plan {
    bool json;
    bool nested;    /* of a statement inside a function */
    size_t at, len; /* in `plans` */
    size_t query_at, query_len;
    size_t values_at, values_len; /* "$1 = ..." */
    int64_t time_us;
    int64_t duration_us;
    uint64_t line;
    uint64_t source;
} capture_plan;

/* Whether a session is pg_dump's: see capture_own.c. */
typedef enum capture_dump {
    CAPTURE_DUMP_NONE,
    CAPTURE_DUMP_OPENED,
    CAPTURE_DUMP,
    CAPTURE_DUMP_READS,
} capture_dump;

typedef struct capture_session {
    struct capture_session *next;          /* in its bucket */
    struct capture_session *newer, *older; /* by last use */
    uint64_t process;
    uint64_t number;             /* in the workload; 0: nothing was written yet */
    char key[CAPTURE_KEY_BYTES]; /* %c */
    char user[CAPTURE_NAME_BYTES];
    char database[CAPTURE_NAME_BYTES];
    char application[CAPTURE_NAME_BYTES];
    char client[CAPTURE_NAME_BYTES];
    int64_t start_us, last_us;
    bool sampled; /* false: left out by --sample */
    capture_dump dump;
    capture_pending pending;
    capture_held held;

    /* parse and bind of the execution to come */
    int64_t extra_us;
    unsigned bare; /* durations alone that no statement asked for */
    uint64_t bare_line;
    bool bound; /* a bind without its execute */
    uint64_t bind_line;

    rh_buf plans;
    capture_plan marks[CAPTURE_MAX_PLANS];
    size_t plan_count;

    /* transactions */
    bool in_block;
    uint64_t transaction;                 /* number of the open block, or of shared_vxid */
    char block_vxid[CAPTURE_VXID_BYTES];  /* "" while not known */
    char shared_vxid[CAPTURE_VXID_BYTES]; /* several statements outside a block had it */
} capture_session;

typedef struct capture_skip {
    const char *reason;
    uint64_t source;
    uint64_t line;
    uint64_t count;
} capture_skip;

enum { CAPTURE_MAX_REASONS = 256 };

/* A shape, remembered; strings live in the arena of shapes. */
typedef struct capture_shape {
    rh_workload_statement statement;
    rh_sql_command command;
    bool several; /* the text holds more than one statement */
} capture_shape;

typedef struct capture_shapes capture_shapes;

typedef struct capture_filtered {
    uint64_t own, database, user, application, time, duration, fingerprint, sample;
} capture_filtered;

struct rh_capture {
    char *path;
    rh_capture_options options;
    rh_workload_writer *writer; /* NULL until the engine is known */
    rh_sql_dialect dialect;     /* of the writer */
    capture_shapes *shapes;

    capture_session **buckets;
    size_t bucket_count; /* a power of two */
    size_t session_count;
    capture_session *newest, *oldest;
    capture_session *last; /* of the last event */
    uint64_t next_session;
    uint64_t next_transaction;

    capture_skip skips[CAPTURE_MAX_REASONS];
    size_t skip_count;
    capture_filtered filtered;
    uint64_t source;      /* number of the input being read */
    json_t *inputs;       /* report of each */
    uint64_t *per_source; /* executions by source - 1; held ones are written later */
    size_t source_cap;
    json_t *settings;
    uint64_t messages; /* log messages, of them: */
    uint64_t others;   /* that are no statements */
    uint64_t executions;
    uint64_t unreplayable;
    uint64_t multiple; /* texts of several statements */
    uint64_t plans;
    int64_t first_us, last_us;
    rh_arena *arena; /* of one execution */
    capture_params params;
};

/* ---- capture.c ---- */
/** Count one more input: `source` is its number. */
rh_status capture_source_next(rh_capture *c, rh_error *err) RH_MUST_CHECK;

/* ---- capture_tally.c ---- */
void capture_skip_add(rh_capture *c, const char *reason, uint64_t source, uint64_t line);
uint64_t capture_skip_total(const rh_capture *c, uint64_t source);

/* ---- capture_shapes.c ---- */
capture_shapes *capture_shapes_new(rh_sql_dialect dialect) RH_MUST_CHECK;
void capture_shapes_free(capture_shapes *shapes);
/** *out lives until the next call. */
rh_status capture_shapes_get(capture_shapes *shapes, const char *text, size_t len,
                             const capture_shape **out, rh_error *err) RH_MUST_CHECK;
/** The shape has an execution in the workload. */
rh_status capture_shapes_count_in(capture_shapes *shapes, const capture_shape *shape,
                                  rh_error *err) RH_MUST_CHECK;
/** Distinct fingerprints that were counted in. */
uint64_t capture_shapes_count(const capture_shapes *shapes);

/* ---- capture_own.c ---- */
/** The session's next statement is this program's, or of the pg_dump that it runs. What a replay
 * sent is a workload for those who ask for its name. */
bool capture_is_own(const rh_capture *c, capture_session *s, const char *sql);

/* ---- capture_sessions.c ---- */
/** The session of a process, made when there is none; the one used longest ago may be closed. */
rh_status capture_session_get(rh_capture *c, uint64_t process, bool create, capture_session **out,
                              rh_error *err) RH_MUST_CHECK;
/** Complete and write it, then forget it. */
rh_status capture_session_close(rh_capture *c, capture_session *session,
                                rh_error *err) RH_MUST_CHECK;
rh_status capture_session_close_all(rh_capture *c, rh_error *err) RH_MUST_CHECK;
void capture_session_free_all(rh_capture *c);
/** Copy a name of at most CAPTURE_NAME_BYTES - 1 bytes; an empty one changes nothing. */
void capture_name_set(char name[CAPTURE_NAME_BYTES], rh_log_text text);

/* ---- capture_events.c ---- */
rh_status capture_event(void *ctx, const rh_log_event *event, rh_error *err);
/** Work on the message that is pending. */
rh_status capture_pending_done(rh_capture *c, capture_session *session,
                               rh_error *err) RH_MUST_CHECK;
void capture_pending_free(capture_pending *pending);

/* ---- capture_flow.c ---- */
/** A whole message. */
typedef struct capture_view {
    rh_log_severity severity;
    bool damaged;
    uint64_t line;
    uint64_t source;
    int64_t time_us;
    rh_log_text sqlstate, vxid;
    rh_log_text text, detail, context, statement;
} capture_view;

rh_status capture_flow(rh_capture *c, capture_session *session, const capture_view *view,
                       const capture_message *message, rh_error *err) RH_MUST_CHECK;
/** Write the held execution; next_vxid: of what follows in the session, "" at its end. */
rh_status capture_held_done(rh_capture *c, capture_session *session, rh_log_text next_vxid,
                            rh_error *err) RH_MUST_CHECK;
/** The session ends: count what never came to an execution. */
rh_status capture_flow_end(rh_capture *c, capture_session *session, rh_error *err) RH_MUST_CHECK;

/* ---- capture_plans.c ---- */
rh_status capture_plan_hold(rh_capture *c, capture_session *session, const capture_view *view,
                            const capture_message *message, rh_error *err) RH_MUST_CHECK;
/** Is the plan at hand that of this text? */
bool capture_plan_fits(const capture_session *session, rh_log_text sql);
/** Write the plans at hand to an execution. */
rh_status capture_plans_write(rh_capture *c, capture_session *session, uint64_t execution,
                              rh_error *err) RH_MUST_CHECK;
/** Plans whose statement was not logged become executions of their own. */
rh_status capture_plans_alone(rh_capture *c, capture_session *session, rh_error *err) RH_MUST_CHECK;

/* ---- capture_emit.c ---- */
typedef struct capture_execution {
    rh_workload_item item; /* sql terminated; session, transaction and statement are filled in */
    size_t sql_len;
    rh_log_text vxid, next_vxid;
} capture_execution;

/** *out_execution: its number, 0 when a filter left it out. */
rh_status capture_emit(rh_capture *c, capture_session *session, capture_execution *execution,
                       uint64_t *out_execution, rh_error *err) RH_MUST_CHECK;
/** A statement of a trace or script: the sink's function. */
rh_status capture_statement(void *ctx, const rh_log_statement *statement, rh_error *err);
/** Start the writer for an engine, or check that it is the same. */
rh_status capture_engine(rh_capture *c, rh_sql_dialect dialect, rh_error *err) RH_MUST_CHECK;

#endif
