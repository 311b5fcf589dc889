/*
 * The target: a new database built beside the one that it will replace. See pg_target.c for the
 * states.
 */
#ifndef PG_TARGET_H
#define PG_TARGET_H

#include "core/engine.h"
#include "pg_connection.h"
#include "pg_conninfo.h"
#include "pg_script.h"

enum { RH_PG_NAME_BYTES = 64 }; /* with the NUL: NAMEDATALEN */

typedef struct rh_pg_target {
    rh_target_options options;
    rh_pg_conninfo *info;
    rh_pg *admin;                    /* connected to postgres or template1 */
    rh_pg *pg;                       /* connected to the staged database, from begin on */
    const rh_restore_input *input;   /* from begin on */
    char database[RH_PG_NAME_BYTES]; /* the name that the user gave */
    char staged[RH_PG_NAME_BYTES];   /* "" while nothing was created */
    bool superuser;
} rh_pg_target;

/** What is known of an existing database. */
typedef struct rh_pg_existing {
    bool exists;
    bool empty;  /* no user objects in it */
    bool marked; /* made by this program */
    bool owned;  /* the role may rename it */
    bool open;   /* accepts connections */
    bool template_database;
} rh_pg_existing;

rh_status rh_pg_target_open(const char *name, const rh_target_options *options, void **out,
                            rh_error *err);
rh_status rh_pg_target_check(void *handle, const rh_restore_input *input, rh_problems *problems,
                             rh_error *err);
rh_status rh_pg_target_begin(void *handle, const rh_restore_input *input, rh_error *err);
size_t rh_pg_target_max_loaders(const void *handle);
rh_status rh_pg_target_finish(void *handle, rh_problems *notes, rh_error *err);
rh_status rh_pg_target_commit(void *handle, json_t **out, rh_error *err);
void rh_pg_target_free(void *handle);
rh_status rh_pg_target_rollback(const char *name, const rh_target_options *options, json_t **out,
                                rh_error *err);

rh_status rh_pg_loader_open(void *handle, void **out, rh_error *err);
void rh_pg_loader_close(void *handle);
rh_status rh_pg_loader_load(void *handle, const rh_table *table, bool whole,
                            const rh_row_reader *rows, int64_t *out_rows, rh_error *err);

/** One more connection to the staged database with the settings of a bulk load. */
rh_status rh_pg_target_connect(const rh_pg_target *target, rh_pg **out,
                               rh_error *err) RH_MUST_CHECK;

/** Is an item left out by no_owner, no_privileges? */
bool rh_pg_target_leaves_out(const rh_pg_target *target, const rh_pg_item *item);

/** Parse one section of the input; an absent one is an empty script. */
rh_status rh_pg_target_script(const rh_pg_target *target, const char *section, rh_pg_script **out,
                              rh_error *err) RH_MUST_CHECK;

/** Look at database `name` of the admin connection's cluster (pg_database.c). */
rh_status rh_pg_existing_look(const rh_pg_target *target, const char *name, rh_pg_existing *out,
                              rh_error *err) RH_MUST_CHECK;

/** Build the name "<database><tag><suffix>", the database's part cut at 63 bytes (UTF-8 safe). */
void rh_pg_name_derive(const char *database, const char *tag, const char *suffix,
                       char out[RH_PG_NAME_BYTES]);

/** Stages of finish. */
rh_status rh_pg_post_data_run(rh_pg_target *target, const rh_pg_script *script, rh_problems *notes,
                              rh_error *err) RH_MUST_CHECK;
rh_status rh_pg_sequences_restore(rh_pg_target *target, rh_problems *notes,
                                  rh_error *err) RH_MUST_CHECK;
rh_status rh_pg_statistics_restore(rh_pg_target *target, rh_problems *notes,
                                   rh_error *err) RH_MUST_CHECK;
/** Before post-data: a refresh must not reach production through a foreign table. */
rh_status rh_pg_defang_credentials(rh_pg_target *target, rh_problems *notes,
                                   rh_error *err) RH_MUST_CHECK;
rh_status rh_pg_defang(rh_pg_target *target, rh_problems *notes, rh_error *err) RH_MUST_CHECK;

/** Drop a database of ours, with its connections and, if need be, its subscriptions. */
rh_status rh_pg_database_drop(const rh_pg_target *target, const char *name,
                              rh_error *err) RH_MUST_CHECK;

/** CREATE DATABASE target->staged like the source's, and mark it. */
rh_status rh_pg_database_create(rh_pg_target *target, rh_error *err) RH_MUST_CHECK;

/** Drop what killed runs for the same database left behind. */
rh_status rh_pg_database_drop_stale(const rh_pg_target *target, rh_error *err) RH_MUST_CHECK;

#endif
