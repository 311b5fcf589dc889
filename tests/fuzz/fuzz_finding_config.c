/*
 * The member "findings" of a configuration: read, or refused with a place; what is read judges.
 *
 * modules: core_base core_sql core_plan profiler_findings
 */
#include <assert.h>

#include "core/mem.h"
#include "fuzz.h"
#include "profiler/findings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rh_finding_config config = rh_finding_config_default();
    rh_doc *doc = NULL;
    rh_error err = RH_ERROR_INIT;
    long blocks;
    rh_status status;
    static int started;

    if (!started)
        rh_mem_adopt_jansson();
    started = 1;
    blocks = rh_mem_live_blocks();
    status = rh_doc_parse("fuzz.yaml", (const char *)data, size, &doc, &err);
    if (status == RH_OK) {
        status = rh_finding_config_read(doc, json_object_get(rh_doc_root(doc), "findings"), &config,
                                        &err);
        assert(status == RH_OK || (status == RH_ECONFIG && err.text[0] != '\0'));
        for (int i = 0; i < RH_FINDING_KINDS; i++) {
            assert(config.rules[i].name != NULL);
            assert(config.rules[i].severity <= RH_SEVERITY_ERROR);
            for (int k = 0; k < RH_FINDING_LIMITS; k++)
                assert(config.rules[i].limits[k].value >= 0);
        }
    }
    rh_doc_free(doc);
    assert(rh_mem_live_blocks() == blocks);
    (void)blocks;
    return 0;
}
