/*
 * SQLite's plan of a statement, read into the model.
 */
#ifndef SQLITE_PLAN_H
#define SQLITE_PLAN_H

#include <sqlite3.h>

#include "core/plan.h"

/** Fails the test when the statement does not compile. Free with rh_plan_free. */
rh_plan *sqlite_plan_of(sqlite3 *db, const char *sql);

#endif
