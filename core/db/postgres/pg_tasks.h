/*
 * Tasks for several sessions: the largest that collides with nothing goes first.
 */
#ifndef PG_TASKS_H
#define PG_TASKS_H

#include "pg_script_run.h"
#include "pg_target.h"

typedef struct rh_pg_task {
    const rh_pg_item *item; /* its settings and label; NULL for a statement of our own */
    const char *sql;        /* NULL: the item's own */
    const char *label;      /* for errors when there is no item */
    const char *schema;     /* the table that it locks */
    const char *table;
    bool shared;    /* may run beside other shared tasks of its table */
    int64_t rank;   /* > 0: what it creates gets its OID after that of a lower rank of its table */
    int64_t weight; /* bytes or pages: only the order matters */
    bool done;
    rh_status outcome; /* with tolerate: what became of it */
    rh_error *error;   /* with tolerate: filled on failure; NULL when nobody wants it */
    bool tolerate;     /* a refusal by the database does not end the run */
    bool taken;        /* internal, as all below */
    bool begun;        /* has its OID for sure */
    int pid;           /* of the server process that works on it */
    const struct rh_pg_task *after; /* of the same table, the next lower rank */
} rh_pg_task;

/** Run all over at most jobs connections. script may be NULL when no task has an item. Tasks that
 * met a deadlock are tried again. */
rh_status rh_pg_tasks_run(const rh_pg_target *target, const rh_pg_script *script, rh_pg_task *tasks,
                          size_t count, rh_error *err) RH_MUST_CHECK;

#endif
