/*
 * Source: who holds what, and when.
 *
 *   open() -> [connected] -- begin() -> [holding] -- end() -> [released] -- close()
 *
 * Invariants
 * 1. Locks come before the snapshot: what the snapshot sees is what is locked, under the same oid
 *    and name. A table that appears, disappears or changes its name in between starts begin() over.
 * 2. Between two tries of begin() nothing is held: no lock, no snapshot, no session.
 * 3. Each session imports the main connection's snapshot from the same instance, or fails.
 * 4. No connection ever writes: default_transaction_read_only, and READ ONLY by name.
 */
#include "pg_source.h"

#include <inttypes.h>
#include <string.h>

#include "core/clock.h"
#include "core/mem.h"
#include "core/str.h"
#include "pg_locks.h"
#include "pg_statement.h"

enum {
    FIRST_DELAY_US = 50000,
    MAX_DELAY_US = 2000000,
    MAX_CHANGES = 20,
    /* Sessions lock the tables as well, so that DDL that queues up behind us cannot come between;
     * but not where that would fill the server's lock table. */
    MAX_SESSION_LOCKS = 2000,
};

static const char source_settings[] =
    "SET default_transaction_read_only = on; SET row_security = off; "
    "SET synchronize_seqscans = off";

static const char begin_read_only[] = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";

static rh_status connect_plain(const rh_pg_source *source, rh_pg **out, rh_error *err)
{
    rh_pg *pg = NULL;
    rh_status status = rh_pg_open(source->info, NULL, source->options.cancel, &pg, err);

    if (status == RH_OK)
        status = rh_pg_exec(pg, source_settings, err);
    if (status == RH_OK)
        *out = pg;
    else
        rh_pg_close(pg);
    return status;
}

rh_status rh_pg_source_open(const char *name, const rh_source_options *options, void **out,
                            rh_error *err)
{
    rh_status status = RH_OK;
    rh_pg_source *source = rh_mem_zalloc(sizeof *source);

    if (source == NULL)
        return rh_error_oom(err);
    if (pthread_mutex_init(&source->lock, NULL) != 0) {
        rh_mem_free(source);
        return rh_error_oom(err);
    }
    source->options = *options;
    status = rh_pg_conninfo_parse(name, &source->info, err);
    if (status == RH_OK)
        status = connect_plain(source, &source->main, err);
    if (status == RH_OK)
        status = rh_pg_pin(source->main, source->info, err);
    if (status == RH_OK)
        status = rh_pg_identity_get(source->main, &source->identity, err);
    if (status == RH_OK) {
        source->in_recovery = rh_str_starts_with(source->identity.instance, "true");
        *out = source;
        source = NULL;
    }
    rh_pg_source_close(source);
    return status;
}

/* ---- sessions ---- */

static rh_status connect_to_snapshot(const rh_pg_source *source, rh_pg **out, rh_error *err)
{
    rh_pg *pg = NULL;
    rh_status status = connect_plain(source, &pg, err);

    if (status == RH_OK)
        status = rh_pg_identity_check(pg, &source->identity, err);
    if (status == RH_OK)
        status = rh_pg_exec(pg, begin_read_only, err);
    if (status == RH_OK)
        status = rh_pg_execf(pg, err, "SET TRANSACTION SNAPSHOT '%s'", source->snapshot);
    if (status == RH_OK)
        *out = pg;
    else
        rh_pg_close(pg);
    return status;
}

rh_status rh_pg_source_connect(rh_pg_source *source, rh_pg **out, rh_error *err)
{
    rh_pg *pg = NULL;

    (void)pthread_mutex_lock(&source->lock);
    if (source->spare_count > 0)
        pg = source->spare[--source->spare_count];
    (void)pthread_mutex_unlock(&source->lock);
    if (pg == NULL)
        return connect_to_snapshot(source, out, err);
    *out = pg;
    return RH_OK;
}

static void close_spare(rh_pg_source *source)
{
    while (source->spare_count > 0)
        rh_pg_close(source->spare[--source->spare_count]);
    rh_mem_free(source->spare);
    source->spare = NULL;
}

static rh_status open_spare(rh_pg_source *source, const PGresult *locks, rh_error *err)
{
    size_t jobs = source->options.jobs > 0 ? source->options.jobs : 1;
    rh_status status = RH_OK;

    if (jobs * (size_t)PQntuples(locks) > MAX_SESSION_LOCKS)
        return RH_OK;
    source->spare = rh_mem_array(jobs, sizeof *source->spare);
    if (source->spare == NULL)
        return rh_error_oom(err);
    while (source->spare_count < jobs && status == RH_OK) {
        rh_pg *pg = NULL;

        status = connect_to_snapshot(source, &pg, err);
        if (status != RH_OK)
            break;
        source->spare[source->spare_count++] = pg;
        status = rh_pg_locks_take(pg, locks, source->options.lock_timeout_us, err);
    }
    return status;
}

/* ---- begin ---- */

/* The snapshot is taken by the first query, which comes after the locks. RH_SKIPPED: the tables
 * changed meanwhile. */
static rh_status take_snapshot(rh_pg_source *source, const PGresult *planned, rh_error *err)
{
    PGresult *seen = NULL;
    char *id = NULL;
    int row = 0;
    rh_status status = rh_pg_exec(source->main, begin_read_only, err);

    if (status == RH_OK)
        status = rh_pg_locks_take(source->main, planned, source->options.lock_timeout_us, err);
    if (status == RH_OK)
        status = rh_pg_query_text(source->main, "SELECT pg_catalog.pg_export_snapshot()", 0, NULL,
                                  &id, err);
    if (status == RH_OK &&
        (id == NULL || !rh_str_copy(source->snapshot, sizeof source->snapshot, id) ||
         strchr(id, '\'') != NULL))
        status = rh_error_set(err, RH_EUNSUPPORTED, "the server's snapshot name makes no sense");
    if (status == RH_OK)
        status = rh_pg_locks_plan(source->main, &seen, err);
    if (status == RH_OK && !rh_pg_locks_cover(planned, seen, &row)) {
        rh_error_set(err, RH_EBUSY, "table '%s.%s' keeps changing its name or identity",
                     PQgetvalue(seen, row, 1), PQgetvalue(seen, row, 2));
        status = RH_SKIPPED;
    }
    PQclear(seen);
    rh_mem_free(id);
    return status;
}

static void release(rh_pg_source *source)
{
    close_spare(source);
    if (source->main != NULL && PQtransactionStatus(source->main->conn) != PQTRANS_IDLE)
        rh_pg_exec_quietly(source->main, "ROLLBACK");
    rh_catalog_free(source->catalog);
    source->catalog = NULL;
}

/* One try; on failure nothing is held. RH_SKIPPED as in take_snapshot. */
static rh_status try_begin(rh_pg_source *source, rh_error *err)
{
    PGresult *planned = NULL;
    rh_status status = rh_pg_locks_plan(source->main, &planned, err);

    if (status != RH_OK)
        return status;
    status = take_snapshot(source, planned, err);
    if (status == RH_OK)
        status = rh_pg_catalog_read(source, &source->catalog, err);
    if (status == RH_OK)
        status = open_spare(source, planned, err);
    if (status != RH_OK)
        release(source);
    if (status == RH_EBUSY) {
        rh_error_clear(err);
        status = rh_pg_locks_blame(source->main, planned, err);
    }
    PQclear(planned);
    return status;
}

rh_status rh_pg_source_begin(void *handle, rh_error *err)
{
    rh_pg_source *source = handle;
    int64_t give_up = rh_clock_mono_us() + source->options.lock_wait_us;
    int64_t delay = FIRST_DELAY_US;
    int changes = 0;
    rh_error last = RH_ERROR_INIT;
    rh_status status;

    for (;;) {
        rh_error_clear(&last);
        status = try_begin(source, &last);
        if (status == RH_OK) {
            source->begun = true;
            return RH_OK;
        }
        /* Dropped between plan and lock: it is not part of the snapshot, so plan again. */
        if ((status == RH_SKIPPED || status == RH_ENOTFOUND) && changes++ < MAX_CHANGES)
            continue;
        if (status != RH_EBUSY || rh_clock_mono_us() >= give_up)
            break;
        status = rh_clock_sleep_us(delay, source->options.cancel, err);
        if (status != RH_OK)
            return status;
        delay = delay * 2 > MAX_DELAY_US ? MAX_DELAY_US : delay * 2;
    }
    rh_error_set(err, last.code, "%s", last.text);
    rh_error_hint(err, "%s", last.hint);
    rh_error_sqlstate(err, last.sqlstate);
    return last.code;
}

rh_status rh_pg_source_catalog(void *handle, const rh_catalog **out, rh_error *err)
{
    rh_pg_source *source = handle;

    if (source->catalog == NULL)
        return rh_error_set(err, RH_EUSAGE, "the catalog is known only under a snapshot");
    *out = source->catalog;
    return RH_OK;
}

rh_status rh_pg_source_section(void *handle, const char *section, rh_buf *out, rh_error *err)
{
    rh_pg_source *source = handle;

    if (strcmp(section, "statistics") == 0)
        return rh_pg_statistics_capture(source, out, err);
    if (strcmp(section, "structure") == 0)
        return rh_pg_structure(source, out, err);
    if (strcmp(section, "pre-data") == 0 || strcmp(section, "post-data") == 0)
        return rh_pg_dump_section(source, section, out, err);
    return rh_error_set(err, RH_ENOTFOUND, "there is no section '%s'", section);
}

void rh_pg_source_end(void *handle)
{
    rh_pg_source *source = handle;

    close_spare(source);
    if (source->begun && source->main != NULL)
        rh_pg_exec_quietly(source->main, "ROLLBACK");
    source->begun = false;
}

void rh_pg_source_close(void *handle)
{
    rh_pg_source *source = handle;

    if (source == NULL)
        return;
    rh_pg_source_end(source);
    rh_catalog_free(source->catalog);
    rh_pg_close(source->main);
    rh_pg_conninfo_free(source->info);
    (void)pthread_mutex_destroy(&source->lock);
    rh_mem_free(source->dump_program);
    rh_mem_free(source);
}
