/*
 * What replayed SQL may not do: a rolled back transaction takes rows back, but neither another file
 * nor a PRAGMA that works outside of transactions.
 */
#include "core/str.h"
#include "lite_replay.h"

/* With a value these only touch the connection, or are rolled back; without one all only tell. */
static bool may_set(const char *pragma)
{
    static const char *const harmless[] = {
        "analysis_limit",      "automatic_index",
        "busy_timeout",        "cache_size",
        "case_sensitive_like", "cell_size_check",
        "count_changes",       "defer_foreign_keys",
        "foreign_key_check",   "foreign_key_list",
        "foreign_keys",        "full_column_names",
        "hard_heap_limit",     "index_info",
        "index_list",          "index_xinfo",
        "integrity_check",     "mmap_size",
        "quick_check",         "read_uncommitted",
        "recursive_triggers",  "reverse_unordered_selects",
        "short_column_names",  "soft_heap_limit",
        "synchronous",         "table_info",
        "table_list",          "table_xinfo",
        "temp_store",          "threads",
        "user_version",        "application_id",
        "query_only",          "encoding",
    };

    for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++) {
        if (rh_str_ieq(pragma, harmless[i]))
            return true;
    }
    return false;
}

/* These change the file although they have no value. */
static bool acts_alone(const char *pragma)
{
    static const char *const acting[] = {"wal_checkpoint", "incremental_vacuum", "optimize"};

    for (size_t i = 0; i < sizeof acting / sizeof acting[0]; i++) {
        if (rh_str_ieq(pragma, acting[i]))
            return true;
    }
    return false;
}

int rh_lite_replay_authorize(void *ctx, int action, const char *a, const char *b,
                             const char *database, const char *trigger)
{
    (void)ctx;
    (void)database;
    (void)trigger;
    switch (action) {
    case SQLITE_ATTACH:
    case SQLITE_DETACH:
        return SQLITE_DENY;
    case SQLITE_PRAGMA:
        if (acts_alone(a) || (b != NULL && !may_set(a)))
            return SQLITE_DENY;
        return SQLITE_OK;
    default:
        return SQLITE_OK;
    }
}
