/*
 * SQLite behind the engine seam.
 *
 * Sections: "schema", a JSON array with one object per row of sqlite_schema in rowid order:
 *   {"id": rowid, "type", "name", "tbl_name", "sql" (absent: the index of a constraint),
 *    "btree": true where it has one, "virtual": true, "shadow": owner}
 * Texts that are not valid UTF-8 stand as hex in "<member>_hex".
 * "structure": docs/format.md §11 (lite_structure.c).
 *
 * A table's `extra`: {"rowid": bool, "ipk": column that is the rowid, "rowid_hidden": true when SQL
 * has no name for the rowid, "encoding": "UTF-16le" or "UTF-16be"}.
 */
#include "core/engine_ops.h"

#include "lite_call.h"
#include "lite_conn.h"
#include "lite_profile.h"
#include "lite_render.h"
#include "lite_source.h"
#include "lite_target.h"
#include "lite_trial.h"

static const char *const section_names[] = {"schema", "structure", NULL};

static rh_status describe(const char *name, rh_buf *out, rh_error *err)
{
    rh_status status = rh_buf_append_str(out, "sqlite:", err);

    return status == RH_OK ? rh_buf_append_str(out, rh_lite_path(name), err) : status;
}

const rh_engine rh_engine_sqlite = {
    .kind = RH_ENGINE_SQLITE,
    .name = "sqlite",
    .rows_format = RH_ROWS_SQLITE,
    .sections = section_names,
    .describe = describe,
    .render = rh_lite_render,
    .source =
        {
            .open = rh_lite_source_open,
            .preflight = rh_lite_source_preflight,
            .begin = rh_lite_source_begin,
            .catalog = rh_lite_catalog,
            .facts = rh_lite_facts,
            .section = rh_lite_source_section,
            .check_extra = rh_lite_check_extra,
            .set_extras = rh_lite_set_extras,
            .end = rh_lite_source_end,
            .close = rh_lite_source_close,
            .session_open = rh_lite_session_open,
            .session_close = rh_lite_session_close,
            .session_rows = rh_lite_session_rows,
            .session_spread = rh_lite_session_spread,
            .session_explain = rh_lite_session_explain,
        },
    .target =
        {
            .open = rh_lite_target_open,
            .check = rh_lite_target_check,
            .begin = rh_lite_target_begin,
            .max_loaders = rh_lite_max_loaders,
            .loader_open = rh_lite_loader_open,
            .loader_close = rh_lite_loader_close,
            .loader_load = rh_lite_loader_load,
            .finish = rh_lite_finish,
            .commit = rh_lite_target_commit,
            .free = rh_lite_target_free,
            .rollback = rh_lite_rollback,
        },
    .trial =
        {
            .open_stored = rh_lite_trial_open_stored,
            .explain = rh_lite_trial_explain,
            .end = rh_lite_trial_end,
            .close = rh_lite_trial_close,
        },
    .profile =
        {
            .open = rh_lite_profile_open,
            .close = rh_lite_profile_close,
            .about = rh_lite_profile_about,
            .run = rh_lite_profile_run,
            .tables = rh_lite_profile_tables,
            .try_index = rh_lite_profile_try_index,
            .values = rh_lite_profile_values,
            .view = rh_lite_profile_view,
        },
    .call =
        {
            .open = rh_lite_call_open,
            .close = rh_lite_call_close,
            .version = rh_lite_call_version,
            .exec = rh_lite_call_exec,
            .commit = rh_lite_call_commit,
            .prepare = rh_lite_call_prepare,
            .statement_free = rh_lite_call_statement_free,
            .column = rh_lite_call_column,
            .execute = rh_lite_call_execute,
            .explain = rh_lite_call_explain,
            .open_empty = rh_lite_call_open_empty,
            .statistics = rh_lite_call_statistics,
            .open_copies = rh_lite_call_open_copies,
            .fill_copies = rh_lite_call_fill_copies,
            .copies = rh_lite_call_copies,
        },
};
