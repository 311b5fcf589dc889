#include "pg_tasks.h"

#include <pthread.h>
#include <string.h>

#include "core/pool.h"
#include "core/str.h"

enum { DEADLOCK_TRIES = 5 };

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

/* The largest that may run now; NULL when none may (or none is left). Under the lock. */
static rh_pg_task *choose(const task_run *run)
{
    rh_pg_task *best = NULL;

    for (size_t i = 0; i < run->count; i++) {
        rh_pg_task *task = &run->tasks[i];

        if (!task->taken && (best == NULL || task->weight > best->weight) && !collides(run, task))
            best = task;
    }
    if (best != NULL)
        best->taken = true;
    return best;
}

/* *out_alone: nothing is left for the other connections, so the server's own parallel workers may
 * help with this one; before that they would only compete. */
static rh_pg_task *next_task(task_run *run, bool *out_alone)
{
    rh_pg_task *task = NULL;

    (void)pthread_mutex_lock(&run->lock);
    while (!run->stop && run->left > 0 && (task = choose(run)) == NULL)
        (void)pthread_cond_wait(&run->changed, &run->lock);
    if (task != NULL)
        run->left--;
    *out_alone = run->left == 0;
    (void)pthread_mutex_unlock(&run->lock);
    return task;
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
    while (status == RH_OK && (task = next_task(run, &alone)) != NULL) {
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

rh_status rh_pg_tasks_run(const rh_pg_target *target, const rh_pg_script *script, rh_pg_task *tasks,
                          size_t count, rh_error *err)
{
    size_t threads = target->options.jobs > 0 ? target->options.jobs : 1;
    task_run run = {.target = target, .script = script, .tasks = tasks, .count = count};
    rh_status status;

    if (count == 0)
        return RH_OK;
    run.left = count;
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
