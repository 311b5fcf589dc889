/*
 * Where a workload must not run: production, what is not known to be staging, and where it was
 * captured.
 */
#include "core/str.h"
#include "profiler/replay.h"

typedef struct origin {
    const rh_replay_target *target;
    bool same_system;
    bool same;
} origin;

static rh_status compare_source(void *ctx, const rh_workload_source *source, rh_error *err)
{
    origin *seen = ctx;
    bool sqlite = seen->target->engine == RH_ENGINE_SQLITE;
    bool same_system = sqlite || (source->system_id != NULL && seen->target->system_id[0] != '\0' &&
                                  rh_str_eq(source->system_id, seen->target->system_id));

    (void)err;
    seen->same_system = seen->same_system || (same_system && !sqlite);
    if (same_system && rh_str_eq(source->database, seen->target->database))
        seen->same = true;
    return RH_OK;
}

/* A server's log holds statements of all its databases; the source names but one. */
static rh_status compare_session(void *ctx, const rh_workload_session *session, rh_error *err)
{
    origin *seen = ctx;

    (void)err;
    seen->same = seen->same || rh_str_eq(session->database, seen->target->database);
    return seen->same ? RH_DONE : RH_OK;
}

static rh_status look_at_origin(rh_workload_file *file, origin *seen, rh_error *err)
{
    rh_status status = rh_workload_file_sources(file, compare_source, seen, err);

    if (status == RH_OK && seen->same_system && !seen->same)
        status = rh_workload_file_sessions(file, compare_session, seen, err);
    return status;
}

static rh_status object(bool sure, rh_problems *notes, rh_error *err, const char *text,
                        const char *hint)
{
    if (sure)
        return rh_problems_add(notes, false, NULL, err, "%s; replayed all the same", text);
    rh_error_set(err, RH_EUSAGE, "%s", text);
    rh_error_hint(err, "%s", hint);
    return RH_EUSAGE;
}

rh_status rh_replay_permit(rh_workload_file *file, const rh_replay_target *target, bool sure,
                           rh_problems *notes, rh_error *err)
{
    origin seen = {target, false, false};
    rh_status status = RH_OK;

    if (rh_workload_file_summary(file)->engine != target->engine)
        return rh_error_set(err, RH_EUSAGE, "a workload of %s cannot be replayed on %s",
                            rh_engine_name(rh_workload_file_summary(file)->engine),
                            rh_engine_name(target->engine));
    status = look_at_origin(file, &seen, err);
    if (status == RH_OK && target->production)
        status = object(sure, notes, err, "the target is marked as production",
                        "replay on a copy; only take the mark away when it is wrong");
    if (status == RH_OK && seen.same)
        status = object(sure, notes, err, "the target is where the workload was captured",
                        "replay on a copy, or say --i-know-this-is-not-production");
    if (status == RH_OK && !target->staging)
        status = object(sure, notes, err, "the target is not marked as a staging database",
                        "build one with 'rehearse restore', or say "
                        "--i-know-this-is-not-production");
    return status;
}
