/*
 * Mapping files of ledgers' databases: a text is either names that can be used, or refused with its
 * place.
 */
#include <assert.h>
#include <string.h>

#include "core/mem.h"
#include "fuzz.h"
#include "ledger/db_mapping.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    long blocks = rh_mem_live_blocks();
    rh_error err = RH_ERROR_INIT;
    rh_db_mapping m;
    rh_status status = rh_db_mapping_parse("fuzz", (const char *)data, size, &m, &err);

    assert(status == RH_OK || (status == RH_ECONFIG && strncmp(err.text, "fuzz", 4) == 0));
    if (status == RH_OK) {
        assert(m.parts[RH_DB_BLOCKS].table != NULL);
        assert(m.parts[RH_DB_BLOCKS].columns[RH_DB_HEIGHT] != NULL);
        assert(m.parts[RH_DB_TRANSACTIONS].columns[RH_DB_POSITION] != NULL);
        for (int i = RH_DB_INPUTS; i < RH_DB_PARTS; i++) {
            const rh_db_names *p = &m.parts[i];

            assert(p->table == NULL || p->columns[RH_DB_TXID] != NULL ||
                   p->columns[RH_DB_HEIGHT] != NULL);
        }
        rh_db_mapping_done(&m);
    }
    assert(rh_mem_live_blocks() == blocks);
    (void)blocks;
    return 0;
}
