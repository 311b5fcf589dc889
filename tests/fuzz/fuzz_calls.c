/*
 * Call files of ledgers, for both engines: a text is either calls whose every parameter has a
 * source, or refused with its place.
 * corpus: calls examples/ledger
 */
#include <assert.h>
#include <string.h>

#include "core/mem.h"
#include "fuzz.h"
#include "ledger/calls.h"

static void look_at_step(const rh_calls_call *call, size_t number)
{
    const rh_calls_step *step = &call->steps[number];

    assert(step->sql != NULL && step->text != NULL);
    assert(step->parameter_count <= RH_CALLS_MAX_PARAMETERS);
    assert(step->first_taken + step->take_count <= call->taken_count);
    for (size_t i = 0; i < step->parameter_count; i++) {
        const rh_calls_parameter *p = &step->parameters[i];

        assert((p->field >= 0) != (p->taken >= 0));
        assert(p->taken < 0 || (size_t)p->taken < call->taken_count);
        assert(!p->list || call->batch > 1);
    }
}

static void look_at(const rh_calls *calls)
{
    assert(calls->setup != NULL);
    assert(calls->budget.interval_us > 0 && calls->budget.share > 0);
    for (size_t i = 0; i < calls->count; i++) {
        const rh_calls_call *call = &calls->calls[i];

        assert(call->name != NULL && call->batch >= 1 && call->active_from >= 0);
        assert(call->taken_count <= RH_CALLS_MAX_PARAMETERS);
        assert((call->cache_sql == NULL) == (call->cache_key == NULL));
        for (size_t j = 0; j < call->step_count; j++)
            look_at_step(call, j);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    long blocks = rh_mem_live_blocks();

    for (int dialect = RH_SQL_POSTGRES; dialect <= RH_SQL_SQLITE; dialect++) {
        rh_error err = RH_ERROR_INIT;
        rh_calls *calls = NULL;
        rh_status status =
            rh_calls_parse("fuzz", (const char *)data, size, (rh_sql_dialect)dialect, &calls, &err);

        assert(status == RH_OK || (status == RH_ECONFIG && strncmp(err.text, "fuzz", 4) == 0));
        if (status == RH_OK)
            look_at(calls);
        rh_calls_free(calls);
    }
    assert(rh_mem_live_blocks() == blocks);
    (void)blocks;
    return 0;
}
