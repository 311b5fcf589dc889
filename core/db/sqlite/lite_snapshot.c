/*
 * N connections on one snapshot of a live file, without sqlite3_snapshot_get() (most builds lack
 * it).
 *
 * WAL mode. A read transaction sees what the header of the wal-index said when it began. All
 * connections are opened and have their schema loaded first; then that header is copied, all
 * transactions are begun, and the header is copied again. Equal copies mean that nobody committed
 * in between (each commit changes the header's counter), so all transactions see the same snapshot.
 * Otherwise everything is rolled back and tried again. The header is read through SQLite's own
 * mapping: to open and close the -shm file ourselves would drop SQLite's POSIX locks on it.
 *
 * Rollback-journal mode. The first SHARED lock keeps every writer from committing until the end, so
 * whoever joins sees the same.
 *
 * Invariants
 *   1. Nothing here ever writes to or checkpoints the source.
 *   2. A reader is only handed out while its transaction is proved to be on main's snapshot.
 *
 *   closed -> rh_lite_snapshot_begin -> held -> rh_lite_snapshot_end -> closed
 */
#include <string.h>

#include "core/clock.h"
#include "core/hash.h"
#include "core/mem.h"
#include "core/str.h"
#include "lite_conn.h"
#include "lite_source.h"

enum {
    WALINDEX_REGION_BYTES = 32768, /* the unit in which SQLite maps the wal-index */
    WALINDEX_HEADER_WORDS = 12,    /* 48 bytes, stored twice */
    WALINDEX_IS_INIT_WORD = 3,     /* its low or high byte is isInit */
    WALINDEX_MAX_FRAME_WORD = 4,
    WALINDEX_SALT_WORD = 8,
    MAX_WAL_TRIES = 200,
};

typedef struct wal_header {
    uint32_t words[WALINDEX_HEADER_WORDS];
} wal_header;

/* Both copies of the header, or false: torn, not initialised, or no shared memory at all. */
static bool read_wal_header(sqlite3 *db, wal_header *out)
{
    sqlite3_file *file = NULL;
    void volatile *mapped = NULL;
    const uint32_t volatile *words;
    wal_header second;

    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
        file == NULL || file->pMethods == NULL || file->pMethods->iVersion < 2)
        return false;
    if (file->pMethods->xShmMap(file, 0, WALINDEX_REGION_BYTES, 0, &mapped) != SQLITE_OK ||
        mapped == NULL)
        return false;
    words = mapped;
    for (size_t i = 0; i < WALINDEX_HEADER_WORDS; i++)
        out->words[i] = words[i];
    file->pMethods->xShmBarrier(file);
    for (size_t i = 0; i < WALINDEX_HEADER_WORDS; i++)
        second.words[i] = words[WALINDEX_HEADER_WORDS + i];
    return memcmp(out, &second, sizeof second) == 0 && out->words[WALINDEX_IS_INIT_WORD] != 0;
}

/* Read something, so that the schema is loaded, or the transaction really begins. */
static rh_status touch(sqlite3 *db, rh_error *err)
{
    int64_t ignored = 0;
    rh_status status =
        rh_lite_get_int(db, "SELECT 1 FROM main.sqlite_master LIMIT 1", &ignored, err);

    return status == RH_ENOTFOUND ? RH_OK : status;
}

static void roll_back(sqlite3 *db)
{
    if (!sqlite3_get_autocommit(db))
        (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
}

static void roll_back_all(rh_lite_source *source)
{
    roll_back(source->main);
    for (size_t i = 0; i < source->reader_count; i++)
        roll_back(source->readers[i]);
}

static void close_readers(rh_lite_source *source)
{
    for (size_t i = 0; i < source->reader_count; i++) {
        rh_lite_close(source->readers[i]);
        source->readers[i] = NULL;
    }
    source->reader_count = 0;
}

static rh_status open_readers(rh_lite_source *source, rh_error *err)
{
    rh_status status = RH_OK;

    while (status == RH_OK && source->reader_count < source->options.jobs) {
        sqlite3 **db = &source->readers[source->reader_count];

        status =
            rh_lite_open(source->path, RH_LITE_SOURCE, source->options.lock_timeout_us, db, err);
        if (status == RH_OK) {
            source->reader_count++;
            status = touch(*db, err);
        }
    }
    return status;
}

static rh_status begin_one(sqlite3 *db, rh_error *err)
{
    rh_status status = rh_lite_exec(db, "BEGIN", err);

    return status == RH_OK ? touch(db, err) : status;
}

static rh_status begin_all(rh_lite_source *source, rh_error *err)
{
    rh_status status = begin_one(source->main, err);

    for (size_t i = 0; status == RH_OK && i < source->reader_count; i++)
        status = begin_one(source->readers[i], err);
    return status;
}

static rh_status is_wal(sqlite3 *db, bool *out, rh_error *err)
{
    rh_buf mode = RH_BUF_INIT;
    rh_status status = rh_lite_get_text(db, "PRAGMA main.journal_mode", &mode, err);

    if (status == RH_OK)
        *out = rh_str_ieq(rh_buf_cstr(&mode), "wal");
    rh_buf_done(&mode);
    return status;
}

static rh_status pause_before_retry(rh_lite_source *source, int try, rh_error *err)
{
    uint16_t random = 0;

    rh_random(&random, sizeof random);
    return rh_clock_sleep_us(random % (1000 * (try < 20 ? try + 1 : 20)), source->options.cancel,
                             err);
}

/* Invariant 2 for WAL mode. RH_SKIPPED when a writer was always faster. */
static rh_status begin_equal(rh_lite_source *source, rh_error *err)
{
    for (int try = 0; try < MAX_WAL_TRIES; try++) {
        wal_header before, after;
        bool known = read_wal_header(source->main, &before);
        rh_status status = begin_all(source, err);

        if (status != RH_OK)
            return status;
        if (known && read_wal_header(source->main, &after) &&
            memcmp(&before, &after, sizeof after) == 0) {
            source->wal.frames = after.words[WALINDEX_MAX_FRAME_WORD];
            memcpy(source->wal.salt, &after.words[WALINDEX_SALT_WORD], sizeof source->wal.salt);
            return RH_OK;
        }
        roll_back_all(source);
        if (!known && try > 2)
            return RH_SKIPPED;
        status = pause_before_retry(source, try, err);
        if (status != RH_OK)
            return status;
    }
    return RH_SKIPPED;
}

/* One attempt. RH_EBUSY: a lock was not to be had within lock_timeout_us. */
static rh_status try_begin(rh_lite_source *source, rh_error *err)
{
    rh_status status = touch(source->main, err);

    if (status == RH_OK)
        status = is_wal(source->main, &source->wal.on, err);
    if (status == RH_OK && !source->wal.on) {
        /* Take the SHARED lock first: while it is held, opening the others cannot block. */
        status = begin_one(source->main, err);
        if (status == RH_OK)
            status = open_readers(source, err);
        for (size_t i = 0; status == RH_OK && i < source->reader_count; i++)
            status = begin_one(source->readers[i], err);
        if (status == RH_OK)
            status = is_wal(source->main, &source->wal.on, err);
        return status;
    }
    if (status == RH_OK)
        status = open_readers(source, err);
    if (status == RH_OK)
        status = begin_equal(source, err);
    if (status == RH_SKIPPED) {
        close_readers(source);
        status = begin_one(source->main, err);
    }
    return status;
}

rh_status rh_lite_snapshot_begin(rh_lite_source *source, rh_error *err)
{
    int64_t deadline = rh_clock_mono_us() + source->options.lock_wait_us;
    rh_status status;

    source->readers = rh_mem_array(source->options.jobs, sizeof *source->readers);
    source->taken = rh_mem_array(source->options.jobs, sizeof *source->taken);
    if (source->readers == NULL || source->taken == NULL)
        return rh_error_oom(err);
    for (int try = 0;; try++) {
        rh_error attempt = RH_ERROR_INIT;

        status = try_begin(source, &attempt);
        if (status == RH_OK)
            return RH_OK;
        roll_back_all(source);
        close_readers(source);
        if (status != RH_EBUSY || rh_clock_mono_us() >= deadline) {
            if (err != NULL && err->code == RH_OK)
                *err = attempt;
            if (status == RH_EBUSY)
                rh_error_hint(err, "a writer holds the file's lock; try again later or allow a "
                                   "longer wait");
            return status;
        }
        status = pause_before_retry(source, try, err);
        if (status != RH_OK)
            return status;
    }
}

void rh_lite_snapshot_end(rh_lite_source *source)
{
    if (source->main != NULL)
        roll_back(source->main);
    close_readers(source);
    rh_mem_free(source->readers);
    rh_mem_free(source->taken);
    source->readers = NULL;
    source->taken = NULL;
}
