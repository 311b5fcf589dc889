/*
 * See syncer.h. A pack goes fsync -> rename -> fsync of its folder; after the first failure the
 * rest is thrown away, because the run cannot succeed any more.
 */
#include "syncer.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "core/fs.h"
#include "core/mem.h"
#include "core/queue.h"

enum { QUEUE_PACKS = 8 };

typedef struct job {
    rh_pack_writer *writer;
    char name[RH_REPO_PACK_NAME_BYTES];
} job;

struct rh_syncer {
    rh_repo *repo;
    rh_queue *queue;
    pthread_t thread;
    bool running;
    pthread_mutex_t lock;
    rh_status status; /* under lock, with error */
    rh_error error;
};

static void job_free(job *work)
{
    if (work == NULL)
        return;
    rh_pack_writer_free(work->writer);
    rh_mem_free(work);
}

static rh_status make_folder(rh_repo *repo, const char *name, rh_error *err)
{
    char *packs = rh_mem_printf("%s/packs", rh_repo_dir(repo));
    char *folder = rh_mem_printf("%s/packs/%.2s", rh_repo_dir(repo), name);
    rh_status status = packs == NULL || folder == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK && !rh_fs_is_dir(folder)) {
        status = rh_fs_mkdir(folder, err);
        if (status == RH_OK)
            status = rh_fs_sync(packs, err);
    }
    rh_mem_free(packs);
    rh_mem_free(folder);
    return status;
}

static rh_status publish(rh_syncer *syncer, job *work, rh_error *err)
{
    char *path = NULL;
    rh_status status = rh_pack_writer_sync(work->writer, err);

    if (status == RH_OK)
        status = make_folder(syncer->repo, work->name, err);
    if (status == RH_OK)
        status = rh_repo_pack_path(syncer->repo, work->name, &path, err);
    if (status == RH_OK)
        status = rh_fs_rename(rh_pack_writer_path(work->writer), path, err);
    if (status == RH_OK)
        rh_pack_writer_taken(work->writer);
    rh_mem_free(path);
    return status;
}

static rh_status current(rh_syncer *syncer, rh_error *err)
{
    rh_status status;

    pthread_mutex_lock(&syncer->lock);
    status = syncer->status;
    if (status != RH_OK && err != NULL && err->code == RH_OK)
        *err = syncer->error;
    pthread_mutex_unlock(&syncer->lock);
    return status;
}

static void *run(void *ctx)
{
    rh_syncer *syncer = ctx;
    job *work;

    while ((work = rh_queue_get(syncer->queue)) != NULL) {
        rh_error error = RH_ERROR_INIT;

        if (current(syncer, NULL) == RH_OK) {
            rh_status status = publish(syncer, work, &error);

            if (status != RH_OK) {
                pthread_mutex_lock(&syncer->lock);
                syncer->status = status;
                syncer->error = error;
                pthread_mutex_unlock(&syncer->lock);
            }
        }
        job_free(work);
    }
    return NULL;
}

static rh_status start_thread(rh_syncer *syncer, rh_error *err)
{
    sigset_t all;
    sigset_t before;
    int failed;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&syncer->thread, NULL, run, syncer);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed != 0)
        return rh_error_errno(err, failed, "cannot start a thread");
    syncer->running = true;
    return RH_OK;
}

rh_status rh_syncer_start(rh_repo *repo, rh_syncer **out, rh_error *err)
{
    rh_syncer *syncer = rh_mem_zalloc(sizeof *syncer);
    rh_status status;

    if (syncer == NULL)
        return rh_error_oom(err);
    syncer->repo = repo;
    if (pthread_mutex_init(&syncer->lock, NULL) != 0) {
        rh_mem_free(syncer);
        return rh_error_oom(err);
    }
    syncer->queue = rh_queue_new(QUEUE_PACKS);
    status = syncer->queue == NULL ? rh_error_oom(err) : start_thread(syncer, err);
    if (status != RH_OK) {
        rh_syncer_free(syncer);
        return status;
    }
    *out = syncer;
    return RH_OK;
}

rh_status rh_syncer_put(rh_syncer *syncer, rh_pack_writer *writer, const char *name, rh_error *err)
{
    job *work = rh_mem_zalloc(sizeof *work);
    rh_status status = current(syncer, err);

    if (status == RH_OK && work == NULL)
        status = rh_error_oom(err);
    if (status != RH_OK) {
        rh_pack_writer_free(writer);
        rh_mem_free(work);
        return status;
    }
    work->writer = writer;
    memcpy(work->name, name, sizeof work->name);
    if (!rh_queue_put(syncer->queue, work)) {
        job_free(work);
        return rh_error_set(err, RH_EIO, "the run is over, no pack can be added");
    }
    return RH_OK;
}

static void join(rh_syncer *syncer)
{
    if (!syncer->running)
        return;
    rh_queue_close(syncer->queue);
    (void)pthread_join(syncer->thread, NULL);
    syncer->running = false;
}

rh_status rh_syncer_finish(rh_syncer *syncer, rh_error *err)
{
    join(syncer);
    return current(syncer, err);
}

void rh_syncer_free(rh_syncer *syncer)
{
    if (syncer == NULL)
        return;
    join(syncer);
    rh_queue_free(syncer->queue);
    pthread_mutex_destroy(&syncer->lock);
    rh_mem_free(syncer);
}
