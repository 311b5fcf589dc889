#include "lite_counter.h"

int64_t rh_lite_counter_take(sqlite3_stmt *stmt, int which)
{
    return (uint32_t)sqlite3_stmt_status(stmt, which, 1);
}

/* Of all numbers with the counter's low bits the one that is nearest to what the ticks say. */
int64_t rh_lite_steps_take(sqlite3_stmt *stmt, int64_t ticks)
{
    int64_t about = ticks * RH_LITE_TICK_STEPS;
    uint32_t low = (uint32_t)rh_lite_counter_take(stmt, SQLITE_STMTSTATUS_VM_STEP);

    return about + (int32_t)(low - (uint32_t)about);
}

bool rh_lite_counter_is_due(int64_t ticks)
{
    return ticks % RH_LITE_TICKS_BETWEEN_TAKING == 0;
}
