/*
 * Which snapshots a set of keep rules keeps. Pure: times in, verdicts out.
 */
#ifndef SNAPSHOT_RETENTION_H
#define SNAPSHOT_RETENTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct rh_retention_rules {
    size_t keep_last;    /* the newest n */
    size_t keep_daily;   /* the newest of each of the last n days (UTC) that have one */
    size_t keep_weekly;  /* the same by ISO weeks, which start on Monday */
    size_t keep_monthly; /* the same by calendar months */
} rh_retention_rules;

/** True when at least one rule is given. */
bool rh_retention_any(const rh_retention_rules *rules);

/**
 * Judge the snapshots of one lineage. times_us: wall clock, newest first. keep[i] becomes true when
 * some rule keeps snapshot i; without any rule all are kept. The newest is always kept.
 */
void rh_retention_judge(const rh_retention_rules *rules, const int64_t *times_us, size_t count,
                        bool *keep);

#endif
