/*
 * Call files of ledgers, in both dialects: calls that can be run, or refused with their place.
 *
 * corpus: calls examples/ledger
 */
#include <assert.h>
#include <string.h>

#include "core/mem.h"
#include "fuzz.h"
#include "ledger/calls.h"

static void parse(const char *text, size_t size, rh_sql_dialect dialect)
{
    rh_error err = RH_ERROR_INIT;
    rh_calls *calls = NULL;
    rh_status status = rh_calls_parse("fuzz", text, size, dialect, &calls, &err);

    assert(status == RH_OK || (status == RH_ECONFIG && strncmp(err.text, "fuzz", 4) == 0));
    for (size_t i = 0; status == RH_OK && i < calls->count; i++) {
        const rh_calls_call *call = &calls->calls[i];

        assert(call->batch >= 1 && call->name != NULL);
        assert(call->cache_sql != NULL || call->step_count > 0);
        for (size_t j = 0; j < call->step_count; j++) {
            for (size_t k = 0; k < call->steps[j].parameter_count; k++) {
                const rh_calls_parameter *p = &call->steps[j].parameters[k];

                assert((p->field >= 0) != (p->taken >= 0));
            }
        }
    }
    rh_calls_free(calls);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    long blocks = rh_mem_live_blocks();

    parse((const char *)data, size, RH_SQL_SQLITE);
    parse((const char *)data, size, RH_SQL_POSTGRES);
    assert(rh_mem_live_blocks() == blocks);
    (void)blocks;
    return 0;
}
