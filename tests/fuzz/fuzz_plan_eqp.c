/*
 * Lines of EXPLAIN QUERY PLAN; what stands behind a line of "---" is the statement.
 *
 * modules: core_base core_io core_sql core_plan profiler_subquery profiler_findings
 */
#include <assert.h>

#include "core/mem.h"
#include "core/plan_sqlite.h"
#include "fuzz.h"
#include "fuzz_plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    size_t cut = fuzz_find_cut(text, size);
    size_t start = fuzz_behind_cut(cut, size);
    long blocks = rh_mem_live_blocks();
    rh_plan *plan = NULL;
    rh_error err = RH_ERROR_INIT;
    rh_status status = rh_plan_read_eqp("fuzz", text, cut, &plan, &err);

    assert(status == RH_OK || status == RH_EFORMAT);
    if (status == RH_OK)
        fuzz_judge(plan, RH_SQL_SQLITE, text + start, size - start);
    rh_plan_free(plan);
    assert(rh_mem_live_blocks() == blocks);
    return 0;
}
