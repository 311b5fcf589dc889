/*
 * A SQLite snapshot as one database file, made by the same code that restores.
 */
#include <rehearse/restore.h>

#include <string.h>

#include "core/engine.h"
#include "core/fs.h"
#include "core/mem.h"
#include "core/problems.h"
#include "core/str.h"
#include "export.h"
#include "repo.h"
#include "report_json.h"

/* "<database>.sqlite", without the directory and with only one suffix. */
static char *file_name(const rh_export *x)
{
    const char *database =
        json_string_value(json_object_get(rh_manifest_source(x->manifest), "database"));
    char safe[RH_EXPORT_NAME_BYTES];
    const char *slash;

    if (database == NULL || *database == '\0')
        database = "database";
    slash = strrchr(database, '/');
    rh_export_name(slash == NULL || slash[1] == '\0' ? database : slash + 1, safe);
    return rh_mem_printf("%s%s", safe, rh_str_ends_with(safe, ".sqlite") ? "" : ".sqlite");
}

static json_t *about_tables(const rh_export *x)
{
    json_t *tables = json_object();
    bool good = tables != NULL;

    for (size_t i = 0; good && i < rh_manifest_table_count(x->manifest); i++) {
        const rh_stored_table *stored = rh_manifest_table(x->manifest, i);

        good = rh_report_set(tables, stored->table->full_name,
                             json_integer((json_int_t)stored->rows), NULL) == RH_OK;
    }
    if (!good) {
        json_decref(tables);
        return NULL;
    }
    return tables;
}

static rh_status adopt(rh_export *x, const char *name, rh_error *err)
{
    json_t *about = json_object();
    json_int_t rows = 0;
    rh_status status = about == NULL ? rh_error_oom(err) : RH_OK;

    for (size_t i = 0; i < rh_manifest_table_count(x->manifest); i++)
        rows += rh_manifest_table(x->manifest, i)->rows;
    if (status == RH_OK)
        status = rh_report_set(about, "kind", rh_report_text("database"), err);
    if (status == RH_OK)
        status = rh_report_set(about, "rows", json_integer(rows), err);
    if (status == RH_OK)
        status = rh_report_set(about, "tables", about_tables(x), err);
    if (status == RH_OK)
        return rh_export_adopt(x, name, about, err);
    json_decref(about);
    return status;
}

rh_status rh_export_sqlite(rh_export *x, rh_error *err)
{
    rh_target_options options = RH_TARGET_OPTIONS_INIT;
    rh_problems problems = RH_PROBLEMS_INIT;
    char *name = file_name(x);
    char *target = name == NULL ? NULL : rh_mem_printf("sqlite:%s/%s", x->dir, name);
    json_t *report = NULL;
    rh_status status = target == NULL ? rh_error_oom(err) : RH_OK;

    options.progress = rh_repo_progress(x->repo);
    options.cancel = rh_repo_cancel(x->repo);
    if (status == RH_OK)
        status = rh_restore_run(x->repo, rh_manifest_id(x->manifest), target, &options, &problems,
                                &report, err);
    for (size_t i = 0; status != RH_OK && i < problems.count; i++) {
        if (problems.items[i].fatal) {
            rh_error_hint(err, "%s", problems.items[i].text);
            break;
        }
    }
    if (status == RH_OK)
        status = adopt(x, name, err);
    json_decref(report);
    rh_problems_done(&problems);
    rh_mem_free(target);
    rh_mem_free(name);
    return status;
}
