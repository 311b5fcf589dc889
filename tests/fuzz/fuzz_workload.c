/*
 * Workload files, which may come from anywhere: everything in them is read or refused.
 *
 * modules: core_base core_io core_sql core_db core_db_postgres core_db_sqlite
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/workload_file.h"
#include "fuzz.h"
#include "fuzz_file.h"

static size_t touched;

static void touch(const char *text)
{
    touched += text == NULL ? 0 : strlen(text);
}

static void read_all(rh_workload_file *file, rh_workload_order order)
{
    rh_workload_filter filter = {.order = order};
    rh_workload_cursor *cursor = NULL;
    rh_error err = RH_ERROR_INIT;
    rh_workload_item item;
    rh_workload workload;
    rh_status status = rh_workload_cursor_open(file, &filter, &cursor, &err);

    if (status != RH_OK) {
        assert(err.code == status);
        return;
    }
    workload = rh_workload_from_cursor(cursor);
    while ((status = workload.next(workload.ctx, &item, &err)) == RH_OK) {
        assert(item.sql != NULL && item.statement != NULL && item.session != 0);
        touch(item.sql);
        touch(item.statement->normalized);
        touch(item.unreplayable);
        for (size_t i = 0; i < item.parameter_count; i++)
            for (size_t j = 0; j < item.parameters[i].len; j++)
                touched += ((const uint8_t *)item.parameters[i].data)[j];
    }
    assert(status == RH_DONE || err.code == status);
    rh_workload_cursor_close(cursor);
}

static rh_status see_session(void *ctx, const rh_workload_session *session, rh_error *err)
{
    (void)ctx;
    (void)err;
    touch(session->user);
    touch(session->client);
    return RH_OK;
}

static rh_status see_source(void *ctx, const rh_workload_source *source, rh_error *err)
{
    (void)ctx;
    (void)err;
    touch(source->path);
    touch(source->system_id);
    return RH_OK;
}

static rh_status see_unit(void *ctx, const rh_workload_unit *unit, rh_error *err)
{
    (void)ctx;
    (void)err;
    touch(unit->kind);
    return RH_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rh_workload_file *file = NULL;
    rh_error err = RH_ERROR_INIT;
    rh_status status;
    long blocks;

    fuzz_file_start();
    blocks = rh_mem_live_blocks();
    fuzz_file_put(data, size);
    status = rh_workload_file_open(fuzz_path, &file, &err);
    assert((status == RH_OK) == (file != NULL));
    assert(status == err.code);
    if (file != NULL) {
        read_all(file, RH_WORKLOAD_ORDER_STORED);
        read_all(file, RH_WORKLOAD_ORDER_TIME);
        read_all(file, RH_WORKLOAD_ORDER_SESSION);
        (void)!rh_workload_file_sessions(file, see_session, NULL, NULL);
        (void)!rh_workload_file_sources(file, see_source, NULL, NULL);
        (void)!rh_workload_file_units(file, see_unit, NULL, NULL);
    }
    rh_workload_file_close(file);
    assert(rh_mem_live_blocks() == blocks);
    return 0;
}
