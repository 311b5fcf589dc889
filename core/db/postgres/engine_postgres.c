/*
 * The PostgreSQL engine: the function table.
 */
#include "core/engine_ops.h"

#include "pg_call.h"
#include "pg_conninfo.h"
#include "pg_profile.h"
#include "pg_source.h"
#include "pg_target.h"
#include "pg_trial.h"

static const char *const sections[] = {"pre-data", "post-data", "statistics", "structure", NULL};

/* COPY text is readable as it is. */
static rh_status render(const rh_table *table, const rh_batch *batch, rh_buf *out, rh_error *err)
{
    (void)table;
    return rh_buf_append(out, batch->data, batch->len, err);
}

const rh_engine rh_engine_postgresql = {
    .kind = RH_ENGINE_POSTGRESQL,
    .name = "postgresql",
    .rows_format = RH_ROWS_PGCOPY,
    .sections = sections,
    .describe = rh_pg_conninfo_describe,
    .render = render,
    .source =
        {
            .open = rh_pg_source_open,
            .preflight = rh_pg_source_preflight,
            .begin = rh_pg_source_begin,
            .catalog = rh_pg_source_catalog,
            .facts = rh_pg_source_facts,
            .section = rh_pg_source_section,
            .check_extra = rh_pg_check_extra,
            .set_extras = rh_pg_set_extras,
            .end = rh_pg_source_end,
            .close = rh_pg_source_close,
            .session_open = rh_pg_session_open,
            .session_close = rh_pg_session_close,
            .session_rows = rh_pg_session_rows,
            .session_explain = rh_pg_session_explain,
        },
    .target =
        {
            .open = rh_pg_target_open,
            .check = rh_pg_target_check,
            .begin = rh_pg_target_begin,
            .max_loaders = rh_pg_target_max_loaders,
            .loader_open = rh_pg_loader_open,
            .loader_close = rh_pg_loader_close,
            .loader_load = rh_pg_loader_load,
            .finish = rh_pg_target_finish,
            .commit = rh_pg_target_commit,
            .free = rh_pg_target_free,
            .rollback = rh_pg_target_rollback,
        },
    .trial =
        {
            .open = rh_pg_trial_open,
            .open_stored = rh_pg_trial_open_stored,
            .analyze = rh_pg_trial_analyze,
            .explain = rh_pg_trial_explain,
            .end = rh_pg_trial_end,
            .close = rh_pg_trial_close,
        },
    .profile =
        {
            .open = rh_pg_profile_open,
            .close = rh_pg_profile_close,
            .about = rh_pg_profile_about,
            .run = rh_pg_profile_run,
            .tables = rh_pg_profile_tables,
            .try_index = rh_pg_profile_try_index,
            .values = rh_pg_profile_values,
            .view = rh_pg_profile_view,
        },
    .call =
        {
            .open = rh_pg_call_open,
            .close = rh_pg_call_close,
            .version = rh_pg_call_version,
            .exec = rh_pg_call_exec,
            .commit = rh_pg_call_commit,
            .prepare = rh_pg_call_prepare,
            .statement_free = rh_pg_call_statement_free,
            .column = rh_pg_call_column,
            .execute = rh_pg_call_execute,
            .explain = rh_pg_call_explain,
            .open_copies = rh_pg_call_open_copies,
            .fill_copies = rh_pg_call_fill_copies,
            .copies = rh_pg_call_copies,
        },
};
