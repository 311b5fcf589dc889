/*
 * Profile sessions on PostgreSQL; see core/profile_session.h. pg_profile.c has the states.
 */
#ifndef PG_PROFILE_H
#define PG_PROFILE_H

#include "core/arena.h"
#include "core/profile_session.h"
#include "pg_connection.h"

enum {
    RH_PG_PROFILE_OLDEST = 120000,
    RH_PG_PROFILE_NEWEST = 189999, /* of the versions whose plans are known */
};

typedef struct rh_pg_profile {
    rh_pg_conninfo *info;
    rh_pg *pg;
    rh_profile_options options;
} rh_pg_profile;

/** Values of parameters as libpq wants them. */
typedef struct rh_pg_values {
    const char **texts;
    size_t count;
    rh_arena *arena;
} rh_pg_values;

/** RH_EUNSUPPORTED for servers before 12; newer ones than known are RH_OK. */
rh_status rh_pg_profile_check_version(int version, rh_error *err) RH_MUST_CHECK;

rh_status rh_pg_values_new(const rh_profile_statement *statement, rh_pg_values *out,
                           rh_error *err) RH_MUST_CHECK;
void rh_pg_values_done(rh_pg_values *values);

/** Highest $n outside of quotes and comments; 0 = none. */
size_t rh_pg_count_parameters(const char *sql);

/** BEGIN with our limits and the application's search_path; ends with rh_pg_profile_end. */
rh_status rh_pg_profile_begin(rh_pg_profile *profile, rh_error *err) RH_MUST_CHECK;
void rh_pg_profile_end(rh_pg_profile *profile); /* rolls back */

/** [{"oid", "schema", "table", "scans", "rows"}] of what this session has scanned; new reference.
 */
rh_status rh_pg_profile_reads(rh_pg_profile *profile, json_t **out, rh_error *err) RH_MUST_CHECK;
/** The difference of two such lists as rh_profile_result has it. */
rh_status rh_pg_profile_reads_since(const json_t *before, const json_t *after, json_t **out,
                                    rh_error *err) RH_MUST_CHECK;

rh_status rh_pg_profile_open(const char *target, const rh_profile_options *options, void **out,
                             rh_error *err);
void rh_pg_profile_close(void *session);
rh_status rh_pg_profile_about(void *session, json_t **out, rh_error *err);
rh_status rh_pg_profile_run(void *session, const rh_profile_statement *statement,
                            rh_profile_result *out, rh_error *err);
rh_status rh_pg_profile_tables(void *session, const rh_profile_table *tables, size_t count,
                               json_t **out, rh_error *err);
rh_status rh_pg_profile_try_index(void *session, const rh_profile_statement *statement,
                                  const rh_profile_index *index, json_t **out, rh_error *err);
rh_status rh_pg_profile_values(void *session, const rh_profile_table *table, const char *column,
                               json_t **out, rh_error *err);
rh_status rh_pg_profile_view(void *session, const rh_profile_table *view, char **out,
                             rh_error *err);

#endif
