/*
 * An SQLite file that is being built aside and then moved into place.
 */
#ifndef LITE_TARGET_H
#define LITE_TARGET_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/engine_ops.h"
#include "lite_schema.h"
#include "lite_table.h"

/* What the manifest's "source" says about the file. */
typedef struct rh_lite_file_facts {
    int64_t page_size;
    int64_t auto_vacuum;
    int64_t user_version;
    int64_t application_id;
    int64_t file_bytes;
    bool utf16;
    bool big_endian;
    bool wal;
} rh_lite_file_facts;

/* How the rows of one table are put into the softened schema. */
typedef struct rh_lite_plan {
    rh_lite_table stored; /* the exact table */
    bool typed;           /* columns keep their affinity, see lite_soften.c */
    bool dropped;         /* its rows are not wanted (statistics) */
    int64_t converted;    /* values that lost their storage class (typed tables only) */
} rh_lite_plan;

typedef struct rh_lite_target {
    rh_target_options options;
    char *path;  /* absolute; may not exist yet */
    char *build; /* the file built aside, NULL before begin and after commit */
    sqlite3 *db;
    rh_lite_file_facts facts;

    rh_lite_schema exact; /* what sqlite_schema must hold in the end, root pages filled in */
    rh_arena *arena;      /* of the plans */
    rh_lite_plan *plans;
    size_t plan_count;
    bool loading; /* a loader is open */
    bool finished;
} rh_lite_target;

/* lite_target.c */
rh_status rh_lite_target_open(const char *name, const rh_target_options *options, void **out,
                              rh_error *err) RH_MUST_CHECK;
rh_status rh_lite_target_check(void *ctx, const rh_restore_input *input, rh_problems *problems,
                               rh_error *err) RH_MUST_CHECK;
rh_status rh_lite_target_begin(void *ctx, const rh_restore_input *input,
                               rh_error *err) RH_MUST_CHECK;
rh_status rh_lite_target_commit(void *ctx, json_t **out, rh_error *err) RH_MUST_CHECK;
void rh_lite_target_free(void *ctx);

/* lite_build.c */

/** Create the file, its exact schema, run the hook, soften the schema, begin the transaction. */
rh_status rh_lite_build(rh_lite_target *target, const rh_restore_input *input,
                        rh_error *err) RH_MUST_CHECK;
rh_status rh_lite_read_facts(const json_t *facts, rh_lite_file_facts *out,
                             rh_error *err) RH_MUST_CHECK;

/* lite_soften.c */

/** The CREATE TABLE text under which rows of plan's table are loaded; appended to out. */
rh_status rh_lite_soft_table(sqlite3 *db, const rh_lite_plan *plan, const char *exact_sql,
                             rh_buf *out, rh_error *err) RH_MUST_CHECK;

/** The INSERT that goes with it: ?1 is the rowid where the table has a name for it, then the
 * values. *out_first: number of the first value's parameter. */
rh_status rh_lite_soft_insert(const rh_lite_plan *plan, rh_buf *out, int *out_first,
                              rh_error *err) RH_MUST_CHECK;

/* lite_load.c */
size_t rh_lite_max_loaders(const void *target);
rh_status rh_lite_loader_open(void *ctx, void **out, rh_error *err) RH_MUST_CHECK;
void rh_lite_loader_close(void *ctx);
rh_status rh_lite_loader_load(void *ctx, const rh_table *table, bool whole,
                              const rh_row_reader *rows, int64_t *out_rows,
                              rh_error *err) RH_MUST_CHECK;

/* lite_finish.c */
rh_status rh_lite_finish(void *ctx, rh_problems *notes, rh_error *err) RH_MUST_CHECK;

/* lite_place.c */

/** Is there a mark of ours beside path that belongs to the file there? */
bool rh_lite_is_marked(const char *path);

/** Put target->build (closed and complete) in the place of target->path. *out as for commit. */
rh_status rh_lite_place(rh_lite_target *target, json_t **out, rh_error *err) RH_MUST_CHECK;
rh_status rh_lite_rollback(const char *name, const rh_target_options *options, json_t **out,
                           rh_error *err) RH_MUST_CHECK;

/** Absolute path of a file that may not exist yet; its directory must. RH_EUSAGE. */
rh_status rh_lite_target_path(const char *name, char **out, rh_error *err) RH_MUST_CHECK;

/** Remove path with the files that SQLite keeps beside it; missing ones are fine. */
void rh_lite_remove(const char *path);

#endif
