/*
 * One thread per errand. Caller and thread both hold it; who lets go last frees it, so a caller
 * that was interrupted need not wait for a host that may never answer.
 */
#include "pg_errand.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "core/bell.h"
#include "core/mem.h"
#include "pg_connection.h"

struct rh_pg_errand {
    rh_bell *ended;
    atomic_int holders;
    bool over; /* the caller has heard the bell */
    bool threaded;
    pthread_t thread;
    rh_pg_conninfo *info;
    PGconn *conn;
    PGcancel *cancel; /* NULL: connect */
};

static void let_go(rh_pg_errand *errand)
{
    if (atomic_fetch_sub(&errand->holders, 1) > 1)
        return;
    PQfinish(errand->conn);
    PQfreeCancel(errand->cancel);
    rh_pg_conninfo_free(errand->info);
    rh_bell_free(errand->ended);
    rh_mem_free(errand);
}

static void *run(void *ctx)
{
    rh_pg_errand *errand = ctx;
    char ignored[256];

    if (errand->cancel != NULL)
        (void)PQcancel(errand->cancel, ignored, (int)sizeof ignored);
    else
        errand->conn = rh_pg_connect_waiting(errand->info);
    rh_bell_ring(errand->ended);
    let_go(errand);
    return NULL;
}

/* Where no thread can be had, the caller waits after all. */
static void set_off(rh_pg_errand *errand)
{
    atomic_store(&errand->holders, 2);
    errand->threaded = pthread_create(&errand->thread, NULL, run, errand) == 0;
    if (!errand->threaded)
        (void)run(errand);
}

static rh_pg_errand *errand_new(void)
{
    rh_pg_errand *errand = rh_mem_zalloc(sizeof *errand);

    if (errand == NULL)
        return NULL;
    atomic_init(&errand->holders, 1);
    errand->ended = rh_bell_new();
    if (errand->ended != NULL)
        return errand;
    rh_mem_free(errand);
    return NULL;
}

rh_pg_errand *rh_pg_errand_connect(const rh_pg_conninfo *info, const char *dbname)
{
    rh_pg_errand *errand = errand_new();

    if (errand == NULL)
        return NULL;
    if (rh_pg_conninfo_copy(info, &errand->info, NULL) != RH_OK ||
        (dbname != NULL && rh_pg_conninfo_set(errand->info, "dbname", dbname, NULL) != RH_OK)) {
        let_go(errand);
        return NULL;
    }
    set_off(errand);
    return errand;
}

rh_pg_errand *rh_pg_errand_cancel(PGconn *conn)
{
    rh_pg_errand *errand = errand_new();

    if (errand == NULL)
        return NULL;
    errand->cancel = PQgetCancel(conn);
    if (errand->cancel == NULL) {
        let_go(errand);
        return NULL;
    }
    set_off(errand);
    return errand;
}

bool rh_pg_errand_wait_us(rh_pg_errand *errand, int64_t timeout_us)
{
    errand->over = errand->over || rh_bell_wait_us(errand->ended, timeout_us);
    return errand->over;
}

PGconn *rh_pg_errand_take(rh_pg_errand *errand)
{
    PGconn *conn = errand->conn;

    errand->conn = NULL;
    return conn;
}

void rh_pg_errand_leave(rh_pg_errand *errand)
{
    if (errand == NULL)
        return;
    if (errand->threaded && errand->over)
        (void)pthread_join(errand->thread, NULL);
    else if (errand->threaded)
        (void)pthread_detach(errand->thread);
    let_go(errand);
}
