/*
 * Order of OIDs. CREATE INDEX takes the new OID early, before it reads the table, so that indexes
 * of one table can be built side by side and still in a given order: a task with a rank is started
 * when the one before it has its OID. Seen from another session, that is so when the first holds an
 * exclusive lock on a relation that nobody else sees yet.
 */
#include "pg_tasks.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/mem.h"
#include "core/pool.h"
#include "core/str.h"
#include "pg_sql.h"
#include "pg_statement.h"

enum {
    DEADLOCK_TRIES = 5,
    LOOK_AGAIN_US = 1000,
};

typedef struct task_run {
    const rh_pg_target *target;
    const rh_pg_script *script;
    rh_pg_task *tasks;
    size_t count;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t left;
    bool stop;
} task_run;

static bool same_table(const rh_pg_task *a, const rh_pg_task *b)
{
    return a->table != NULL && b->table != NULL && strcmp(a->table, b->table) == 0 &&
           rh_str_eq(a->schema, b->schema);
}

static bool collides(const task_run *run, const rh_pg_task *task)
{
    for (size_t i = 0; i < run->count; i++) {
        const rh_pg_task *other = &run->tasks[i];

        if (other->taken && !other->done && !(task->shared && other->shared) &&
            same_table(task, other))
            return true;
    }
    return false;
}

/* Has the one before it its OID? */
static bool in_turn(const rh_pg_task *task)
{
    return task->after == NULL || task->after->done || task->after->begun;
}

/* The largest that may run now; NULL when none may (or none is left). *out_starting: one that will
 * let another go on as soon as it has its OID. Under the lock. */
static rh_pg_task *choose(const task_run *run, const rh_pg_task **out_starting)
{
    rh_pg_task *best = NULL;

    *out_starting = NULL;
    for (size_t i = 0; i < run->count; i++) {
        rh_pg_task *task = &run->tasks[i];

        if (task->taken || (best != NULL && task->weight <= best->weight) || collides(run, task))
            continue;
        if (in_turn(task))
            best = task;
        else if (task->after->taken)
            *out_starting = task->after;
    }
    return best;
}

/* Nothing is left for the other connections, so the server's own parallel workers may help with
 * this one; before that they would only compete. Under the lock. */
static bool is_alone(const task_run *run, const rh_pg_task *task)
{
    if (run->left == 0)
        return true;
    for (size_t i = 0; i < run->count; i++) {
        const rh_pg_task *other = &run->tasks[i];

        if (other == task || other->done)
            continue;
        if (other->taken || (task->shared && other->shared) || !same_table(task, other))
            return false;
    }
    return true;
}

/* Under the lock, which is given up meanwhile. */
static rh_status look_for_oid(task_run *run, rh_pg *pg, const rh_pg_task *starting, rh_error *err)
{
    char pid[16];
    const char *params[] = {pid};
    char *begun = NULL;
    rh_status status;

    (void)snprintf(pid, sizeof pid, "%d", starting->pid);
    (void)pthread_mutex_unlock(&run->lock);
    status = rh_pg_query_text(pg, rh_pg_sql_index_begun, 1, params, &begun, err);
    if (status == RH_OK && !rh_str_eq(begun, "t"))
        status = rh_clock_sleep_us(LOOK_AGAIN_US, run->target->options.cancel, err);
    (void)pthread_mutex_lock(&run->lock);
    if (rh_str_eq(begun, "t"))
        run->tasks[starting - run->tasks].begun = true;
    rh_mem_free(begun);
    return status;
}

/* *out NULL: there is nothing left to do. */
static rh_status next_task(task_run *run, rh_pg *pg, rh_pg_task **out, bool *out_alone,
                           rh_error *err)
{
    const rh_pg_task *starting = NULL;
    rh_pg_task *task = NULL;
    rh_status status = RH_OK;

    (void)pthread_mutex_lock(&run->lock);
    while (status == RH_OK && !run->stop && run->left > 0 &&
           (task = choose(run, &starting)) == NULL) {
        if (starting != NULL)
            status = look_for_oid(run, pg, starting, err);
        else
            (void)pthread_cond_wait(&run->changed, &run->lock);
    }
    if (task != NULL) {
        task->taken = true;
        task->pid = PQbackendPID(pg->conn);
        run->left--;
        *out_alone = is_alone(run, task);
    }
    (void)pthread_mutex_unlock(&run->lock);
    *out = task;
    return status;
}

static void finished(task_run *run, rh_pg_task *task, bool failed)
{
    (void)pthread_mutex_lock(&run->lock);
    if (task != NULL)
        task->done = true;
    if (failed)
        run->stop = true;
    (void)pthread_cond_broadcast(&run->changed);
    (void)pthread_mutex_unlock(&run->lock);
}

static rh_status run_once(rh_pg_runner *runner, const rh_pg_task *task, rh_error *err)
{
    rh_status status;

    if (task->item != NULL)
        return rh_pg_runner_item(runner, task->item, task->sql, err);
    status = rh_pg_exec(runner->pg, task->sql, err);
    if (status != RH_OK && status != RH_ECANCELED)
        rh_error_where(err, "'%.200s'", task->label);
    return status;
}

static bool tolerable(rh_status status)
{
    return status == RH_EDB || status == RH_ENOTFOUND || status == RH_EPRIVILEGE ||
           status == RH_EEXISTS || status == RH_EBUSY;
}

static rh_status run_task(rh_pg_runner *runner, rh_pg_task *task, rh_error *err)
{
    rh_error last = RH_ERROR_INIT;
    rh_status status = RH_OK;

    for (int i = 0; i < DEADLOCK_TRIES; i++) {
        rh_error_clear(&last);
        status = run_once(runner, task, &last);
        if (status == RH_OK || strcmp(last.sqlstate, "40P01") != 0)
            break;
    }
    task->outcome = status;
    if (status == RH_OK)
        return RH_OK;
    if (task->error != NULL)
        *task->error = last;
    if (task->tolerate && tolerable(status))
        return RH_OK;
    rh_error_set(err, status, "%s", last.text);
    rh_error_hint(err, "%s", last.hint);
    rh_error_sqlstate(err, last.sqlstate);
    return status;
}

static rh_status work(void *ctx, size_t index, rh_pool *pool, rh_error *err)
{
    task_run *run = ctx;
    rh_pg_runner runner = {.script = run->script};
    rh_pg_task *task = NULL;
    bool alone = true;
    bool parallel = true;
    rh_status status = rh_pg_target_connect(run->target, &runner.pg, err);

    (void)index;
    (void)pool;
    while (status == RH_OK) {
        status = next_task(run, runner.pg, &task, &alone, err);
        if (status != RH_OK || task == NULL)
            break;
        if (parallel != alone)
            status = rh_pg_exec(runner.pg,
                                alone ? "RESET max_parallel_maintenance_workers"
                                      : "SET max_parallel_maintenance_workers = 0",
                                err);
        parallel = alone;
        if (status == RH_OK)
            status = run_task(&runner, task, err);
        finished(run, task, status != RH_OK);
        rh_progress_add(run->target->options.progress, 0, 0, 1);
    }
    if (status != RH_OK)
        finished(run, NULL, true);
    rh_pg_close(runner.pg);
    return status;
}

/* Tables together, each by rank. */
static int by_rank(const void *a, const void *b)
{
    const rh_pg_task *x = *(rh_pg_task *const *)a;
    const rh_pg_task *y = *(rh_pg_task *const *)b;
    int order = strcmp(x->table, y->table);

    if (order == 0)
        order = strcmp(x->schema == NULL ? "" : x->schema, y->schema == NULL ? "" : y->schema);
    return order != 0 ? order : (x->rank > y->rank) - (x->rank < y->rank);
}

static rh_status link_ranks(const task_run *run, rh_error *err)
{
    rh_pg_task **ranked = rh_mem_array(run->count, sizeof(rh_pg_task *));
    size_t count = 0;

    if (ranked == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < run->count; i++) {
        if (run->tasks[i].rank > 0 && run->tasks[i].table != NULL)
            ranked[count++] = &run->tasks[i];
    }
    qsort(ranked, count, sizeof(rh_pg_task *), by_rank);
    for (size_t i = 1; i < count; i++) {
        if (same_table(ranked[i - 1], ranked[i]))
            ranked[i]->after = ranked[i - 1];
    }
    rh_mem_free(ranked);
    return RH_OK;
}

rh_status rh_pg_tasks_run(const rh_pg_target *target, const rh_pg_script *script, rh_pg_task *tasks,
                          size_t count, rh_error *err)
{
    size_t threads = target->options.jobs > 0 ? target->options.jobs : 1;
    task_run run = {.target = target, .script = script, .tasks = tasks, .count = count};
    rh_status status;

    if (count == 0)
        return RH_OK;
    run.left = count;
    status = link_ranks(&run, err);
    if (status != RH_OK)
        return status;
    if (pthread_mutex_init(&run.lock, NULL) != 0)
        return rh_error_oom(err);
    if (pthread_cond_init(&run.changed, NULL) != 0) {
        (void)pthread_mutex_destroy(&run.lock);
        return rh_error_oom(err);
    }
    status = rh_pool_run(threads < count ? threads : count, work, &run, err);
    (void)pthread_cond_destroy(&run.changed);
    (void)pthread_mutex_destroy(&run.lock);
    return status;
}
