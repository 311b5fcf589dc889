/*
 * What a node stores of spent outputs, on hostile bytes: as the record of one block, and as a whole
 * rev*.dat. No crash, nothing outside of the bytes, and no value below zero.
 *
 * modules: core_base core_io core_chain ledger_block
 */
/* mkdtemp(3) */
#define _XOPEN_SOURCE 700

#include <assert.h>
#include <string.h>

#include "core/mem.h"
#include "fuzz.h"
#include "fuzz_file.h"
#include "ledger/rev_file.h"

static void walk(rh_undo *undo)
{
    rh_block_output output;
    uint8_t sum = 0;

    while (rh_undo_next(undo, &output, NULL) == RH_OK) {
        assert(output.value >= 0 && undo->at <= undo->len);
        for (size_t i = 0; i < output.script_len; i++)
            sum ^= output.script[i];
    }
    (void)sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const rh_block_file_options options = {NULL, NULL, 0};
    uint8_t *exact = rh_mem_alloc(size); /* exactly as long, for the sanitizer */
    rh_undo undo = {.data = exact, .len = size, .node = true};
    rh_block block = {.previous = data, .tx_count = 3};
    rh_rev_file *file = NULL;

    fuzz_file_start();
    if (exact == NULL)
        return 0;
    if (size > 0)
        memcpy(exact, data, size);
    walk(&undo);
    fuzz_file_put(data, size);
    if (rh_rev_file_open(fuzz_path, &options, &file, NULL) == RH_OK) {
        if (size >= RH_BLOCK_HASH_BYTES && rh_rev_file_find(file, NULL, &block, &undo))
            walk(&undo);
        rh_rev_file_close(file);
    }
    rh_mem_free(exact);
    return 0;
}
