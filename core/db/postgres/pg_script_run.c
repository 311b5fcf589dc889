#include "pg_script_run.h"
#include "pg_statement.h"

#include <string.h>

/* Settings of the dump that are ours to decide: its timeouts of 0 are what we have anyway. */
static rh_status follow_settings(rh_pg_runner *runner, size_t wanted, rh_error *err)
{
    rh_status status = RH_OK;

    if (wanted < runner->applied)
        runner->applied = 0; /* all of them again, up to there: later ones win */
    while (runner->applied < wanted && status == RH_OK) {
        status = rh_pg_exec(runner->pg, runner->script->settings[runner->applied], err);
        runner->applied++;
    }
    return status;
}

rh_status rh_pg_runner_item(rh_pg_runner *runner, const rh_pg_item *item, const char *sql,
                            rh_error *err)
{
    rh_status status = follow_settings(runner, item->settings, err);

    if (status == RH_OK)
        status = rh_pg_exec(runner->pg, sql == NULL ? item->sql : sql, err);
    if (status != RH_OK && status != RH_ECANCELED)
        rh_error_where(err, "schema object '%.200s'", item->label);
    return status;
}
