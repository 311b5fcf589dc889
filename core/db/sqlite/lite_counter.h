/*
 * Counters of a statement beyond the 32 bits in which SQLite keeps them. A progress handler that is
 * called every RH_LITE_TICK_STEPS opcodes tells how often the steps went round; the other counters
 * are smaller, and taken before they can.
 */
#ifndef LITE_COUNTER_H
#define LITE_COUNTER_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

enum { RH_LITE_TICK_STEPS = 1000, RH_LITE_TICKS_BETWEEN_TAKING = 1 << 20 };

/** A counter (SQLITE_STMTSTATUS_*) since it was last taken: fewer than 2^32. It begins again. */
int64_t rh_lite_counter_take(sqlite3_stmt *stmt, int which);

/** VM steps since they were last taken, in which the progress handler was called `ticks` times.
 * SQLite adds them up at the end of sqlite3_step(): not for a progress handler. They begin again.
 */
int64_t rh_lite_steps_take(sqlite3_stmt *stmt, int64_t ticks);

/** True in each tick in which a progress handler takes the other counters. */
bool rh_lite_counter_is_due(int64_t ticks);

#endif
