/*
 * Lists of chunk references and the text form of a reference: what is read is in range, and comes
 * out the same when it is written again.
 *
 * modules: core_base core_io core_sql core_db core_db_postgres core_db_sqlite snapshot
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "chunk_list.h"
#include "core/mem.h"
#include "fuzz.h"
#include "pack_format.h"

enum { PACKS = 300 };

static void read_list(const uint8_t *data, size_t size)
{
    size_t at = 0;
    rh_chunk_run run;

    while (rh_chunk_list_next(data, size, &at, PACKS, &run, NULL) == RH_OK) {
        assert(at <= size);
        assert(run.pack < PACKS && run.count > 0);
        assert((uint64_t)run.first + run.count <= RH_PACK_MAX_ENTRIES);
    }
}

static void read_reference(const uint8_t *data, size_t size)
{
    char text[64];
    char again[RH_CHUNK_REF_BYTES];
    rh_chunk_run run;
    rh_chunk_run back;

    if (size >= sizeof text)
        return;
    memcpy(text, data, size);
    text[size] = '\0';
    if (rh_chunk_ref_parse(text, PACKS, &run, NULL) != RH_OK)
        return;
    rh_chunk_ref_format(&run, again);
    if (rh_chunk_ref_parse(again, PACKS, &back, NULL) != RH_OK)
        abort();
    assert(memcmp(&run, &back, sizeof run) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    long blocks = rh_mem_live_blocks();

    read_list(data, size);
    read_reference(data, size);
    assert(rh_mem_live_blocks() == blocks);
    (void)blocks;
    return 0;
}
