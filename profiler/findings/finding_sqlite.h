/*
 * Lines of SQLite's plan and the relations of the text that they read.
 */
#ifndef FINDING_SQLITE_H
#define FINDING_SQLITE_H

#include "finding_run.h"

typedef struct rh_lite_place {
    const json_t *table; /* statistics; NULL when it is no table or not known */
    size_t level;        /* RH_SQL_NONE when it is not certain */
    size_t relation;
} rh_lite_place;

/** What a scan reads. SQLite prints aliases, which may be the same in several levels: then the
 * level stays open unless only one fits. */
rh_lite_place rh_lite_resolve(const rh_finding_run *run, const rh_plan_node *scan);

/** Rows of the table; -1 when not known. */
double rh_lite_rows(const rh_finding_run *run, const rh_plan_node *scan);

/** Counters, or all -1 when it was not run. */
const rh_plan_steps *rh_lite_steps(const rh_finding_run *run);

/** The first scan of the FROM in which this one stands. */
const rh_plan_node *rh_lite_first_scan(const rh_finding_run *run, const rh_plan_node *scan);

#endif
