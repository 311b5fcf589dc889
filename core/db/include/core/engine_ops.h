/*
 * What an engine implements: the function tables behind engine.h. Each engine keeps its own state
 * behind void pointers; core/db/engine_*.c dispatch. See engine.h for what each function must do.
 */
#ifndef CORE_ENGINE_OPS_H
#define CORE_ENGINE_OPS_H

#include "core/call_session.h"
#include "core/engine.h"
#include "core/profile_session.h"

typedef struct rh_source_ops {
    rh_status (*open)(const char *name, const rh_source_options *options, void **out,
                      rh_error *err);
    rh_status (*preflight)(void *source, rh_problems *problems, rh_error *err);
    rh_status (*begin)(void *source, rh_error *err);
    rh_status (*catalog)(void *source, const rh_catalog **out, rh_error *err);
    rh_status (*facts)(void *source, json_t **out, rh_error *err);
    rh_status (*section)(void *source, const char *section, rh_buf *out, rh_error *err);
    /* Compile one extra column; those of a table that all compile are kept by the second. */
    rh_status (*check_extra)(void *source, const rh_table *table, const rh_extra_column *extra,
                             rh_error *err);
    rh_status (*set_extras)(void *source, const rh_table *table, const rh_extra_column *extras,
                            size_t count, rh_error *err);
    void (*end)(void *source);
    void (*close)(void *source);
    rh_status (*session_open)(void *source, void **out, rh_error *err);
    void (*session_close)(void *session);
    rh_status (*session_rows)(void *session, const rh_table *table, const rh_range *range,
                              const rh_row_sink *sink, rh_error *err);
    /* NULL where the statistics hold a sample. */
    rh_status (*session_spread)(void *session, const rh_table *table, size_t rows,
                                const rh_row_look *look, rh_error *err);
    rh_status (*session_explain)(void *session, const char *sql, json_t **out, rh_error *err);
} rh_source_ops;

typedef struct rh_target_ops {
    rh_status (*open)(const char *name, const rh_target_options *options, void **out,
                      rh_error *err);
    rh_status (*check)(void *target, const rh_restore_input *input, rh_problems *problems,
                       rh_error *err);
    rh_status (*begin)(void *target, const rh_restore_input *input, rh_error *err);
    size_t (*max_loaders)(const void *target);
    rh_status (*loader_open)(void *target, void **out, rh_error *err);
    void (*loader_close)(void *loader);
    rh_status (*loader_load)(void *loader, const rh_table *table, bool whole,
                             const rh_row_reader *rows, int64_t *out_rows, rh_error *err);
    rh_status (*finish)(void *target, rh_problems *notes, rh_error *err);
    rh_status (*commit)(void *target, json_t **out, rh_error *err);
    void (*free)(void *target);
    rh_status (*rollback)(const char *name, const rh_target_options *options, json_t **out,
                          rh_error *err);
} rh_target_ops;

/* open and analyze: NULL where the engine knows stored statistics only. */
typedef struct rh_trial_ops {
    rh_status (*open)(const char *name, const rh_cancel *cancel, void **out, rh_error *err);
    rh_status (*open_stored)(const char *target, const rh_trial_stored *stored,
                             const rh_cancel *cancel, void **out, int64_t *out_refused,
                             rh_error *err);
    rh_status (*analyze)(void *trial, rh_error *err);
    rh_status (*explain)(void *trial, const char *sql, json_t **out, rh_error *err);
    rh_status (*end)(void *trial, rh_error *err);
    void (*close)(void *trial);
} rh_trial_ops;

/* values: NULL where the statistics hold none. */
typedef struct rh_profile_ops {
    rh_status (*open)(const char *target, const rh_profile_options *options, void **out,
                      rh_error *err);
    void (*close)(void *session);
    rh_status (*about)(void *session, json_t **out, rh_error *err);
    rh_status (*run)(void *session, const rh_profile_statement *statement, rh_profile_result *out,
                     rh_error *err);
    rh_status (*tables)(void *session, const rh_profile_table *tables, size_t count, json_t **out,
                        rh_error *err);
    rh_status (*try_index)(void *session, const rh_profile_statement *statement,
                           const rh_profile_index *index, json_t **out, rh_error *err);
    rh_status (*values)(void *session, const rh_profile_table *table, const char *column,
                        json_t **out, rh_error *err);
    rh_status (*view)(void *session, const rh_profile_table *view, char **out, rh_error *err);
} rh_profile_ops;

/* A statement knows its session. open_empty and statistics: NULL where the engine has none. */
typedef struct rh_call_ops {
    rh_status (*open)(const char *target, const rh_call_options *options, void **out,
                      rh_error *err);
    rh_status (*open_empty)(const char *target, const json_t *statistics, void **out,
                            rh_error *err);
    void (*close)(void *session);
    const char *(*version)(const void *session);
    rh_status (*exec)(void *session, const char *sql, rh_error *err);
    rh_status (*commit)(void *session, rh_error *err);
    rh_status (*prepare)(void *session, const char *sql, void **out, rh_error *err);
    void (*statement_free)(void *statement);
    const char *(*column)(const void *statement, size_t at);
    rh_status (*execute)(void *statement, const rh_call_run *run, rh_call_counters *counters,
                         rh_error *err);
    rh_status (*explain)(void *session, const char *sql, const rh_parameter *parameters,
                         size_t count, json_t **out, rh_error *err);
    rh_status (*statistics)(void *session, json_t **out, rh_error *err);
    rh_status (*open_copies)(const char *target, const rh_call_options *options,
                             const char *const *statements, void **out, rh_error *err);
    rh_status (*fill_copies)(void *session, int64_t rows, rh_error *err);
    rh_status (*copies)(void *session, json_t **out, rh_error *err);
} rh_call_ops;

typedef struct rh_engine {
    rh_engine_kind kind;
    const char *name;
    rh_rows_format rows_format;
    const char *const *sections; /* NULL-terminated */
    rh_status (*describe)(const char *name, rh_buf *out, rh_error *err);
    rh_status (*render)(const rh_table *table, const rh_batch *batch, rh_buf *out, rh_error *err);
    rh_source_ops source;
    rh_target_ops target;
    rh_trial_ops trial;
    rh_profile_ops profile;
    rh_call_ops call;
} rh_engine;

extern const rh_engine rh_engine_postgresql; /* core/db/postgres/engine_postgres.c */
extern const rh_engine rh_engine_sqlite;     /* core/db/sqlite/engine_sqlite.c */

/** The functions of one engine. */
const rh_engine *rh_engine_get(rh_engine_kind kind);

/** The same by a database's name; statuses as rh_engine_of. */
rh_status rh_engine_find(const char *name, const rh_engine **out, rh_error *err) RH_MUST_CHECK;

#endif
