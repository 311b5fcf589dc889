/*
 * Runs that `replay --compare` is given: any bytes are compared or refused.
 *
 * modules: core_base core_io core_sql core_db core_db_postgres core_db_sqlite profiler_replay
 */
#include <assert.h>
#include <stdlib.h>

#include "core/mem.h"
#include "fuzz.h"
#include "fuzz_file.h"
#include "replay_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rp_outcome outcomes[] = {{.loop = 1, .execution = 1, .rows = 2}, {.loop = 1, .execution = 2}};
    rh_replay_run run = {.outcomes = {.held = outcomes, .count = 2, .cap = 2, .limit = 2}};
    rh_error err = RH_ERROR_INIT;
    json_t *report = NULL;
    bool same = false;
    rh_status status;
    long blocks;

    fuzz_file_start();
    blocks = rh_mem_live_blocks();
    fuzz_file_put(data, size);
    status = rh_replay_run_compare(&run, fuzz_path, &report, &same, &err);
    assert((status == RH_OK) == (report != NULL));
    assert(status == err.code);
    if (report != NULL)
        assert(same == json_is_true(json_object_get(report, "same")));
    json_decref(report);
    assert(rh_mem_live_blocks() == blocks);
    return 0;
}
