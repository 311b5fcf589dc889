/*
 * EXPLAIN (FORMAT JSON), read, judged and written as a line.
 *
 * modules: core_base core_io core_sql profiler_plan profiler_findings
 */
#include <assert.h>
#include <string.h>

#include "core/mem.h"
#include "fuzz.h"
#include "profiler/findings.h"
#include "profiler/plan_postgres.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const rh_finding_config config = rh_finding_config_default();
    long blocks = rh_mem_live_blocks();
    rh_plan *plan = NULL;
    rh_findings *findings = NULL;
    rh_error err = RH_ERROR_INIT;
    rh_status status = rh_plan_read_postgres("fuzz", (const char *)data, size, &plan, &err);

    assert(status == RH_OK || status == RH_EFORMAT);
    if (status == RH_OK) {
        const rh_finding_input input = {
            .plan = plan, .dialect = RH_SQL_POSTGRES, .config = &config};
        uint64_t hash = 0;

        assert(rh_findings_new(&input, &findings, &err) == RH_OK);
        for (size_t i = 0; i < rh_findings_count(findings); i++)
            assert(rh_findings_at(findings, i)->name != NULL);
        assert(rh_plan_shape_hash(plan, &hash, &err) == RH_OK);
    }
    rh_findings_free(findings);
    rh_plan_free(plan);
    assert(rh_mem_live_blocks() == blocks);
    return 0;
}
