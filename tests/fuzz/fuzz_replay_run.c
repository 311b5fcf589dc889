/*
 * Runs that `replay --compare` is given: any bytes are compared or refused.
 *
 * modules: core_base core_io core_sql core_db core_db_postgres core_db_sqlite profiler_replay
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/fs.h"
#include "core/hash.h"
#include "core/mem.h"
#include "fuzz.h"
#include "replay_internal.h"

static char dir[] = "/tmp/rh_fuzz_run_XXXXXX";
static char path[64];

static void remove_dir(void)
{
    if (rh_fs_remove_tree(dir, NULL) != RH_OK)
        abort();
}

static void start(void)
{
    rh_mem_adopt_jansson();
    if (rh_crypto_start(NULL) != RH_OK || mkdtemp(dir) == NULL || atexit(remove_dir) != 0)
        abort();
    (void)snprintf(path, sizeof path, "%s/run", dir);
}

/* Plain stdio: durable writes would only make the fuzzer wait for the disk. */
static void put(const uint8_t *data, size_t size)
{
    FILE *file = fopen(path, "wb");

    if (file == NULL || fwrite(data, 1, size, file) != size || fclose(file) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rp_outcome outcomes[] = {{.loop = 1, .execution = 1, .rows = 2}, {.loop = 1, .execution = 2}};
    rh_replay_run run = {.outcomes = outcomes, .outcome_count = 2};
    rh_error err = RH_ERROR_INIT;
    json_t *report = NULL;
    bool same = false;
    rh_status status;
    long blocks;

    if (path[0] == '\0')
        start();
    blocks = rh_mem_live_blocks();
    put(data, size);
    status = rh_replay_run_compare(&run, path, &report, &same, &err);
    assert((status == RH_OK) == (report != NULL));
    assert(status == err.code);
    if (report != NULL)
        assert(same == json_is_true(json_object_get(report, "same")));
    json_decref(report);
    assert(rh_mem_live_blocks() == blocks);
    return 0;
}
