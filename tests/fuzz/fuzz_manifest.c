/*
 * Manifests: any text is either a manifest whose every name, number and reference is possible, or
 * refused.
 *
 * modules: core_base core_io core_sql core_db core_db_postgres core_db_sqlite snapshot
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "fuzz.h"
#include "manifest.h"
#include "repo.h"

static void check_table(const rh_manifest *manifest, const rh_stored_table *table)
{
    int64_t rows = 0;

    assert(table->table->full_name != NULL);
    for (size_t i = 0; i < table->range_count; i++) {
        const rh_stored_range *range = &table->ranges[i];

        assert(range->from < range->to && range->rows >= 0 && range->bytes >= range->rows);
        assert(range->list_count == 0 || range->list_pack < rh_manifest_pack_count(manifest));
        rows += range->rows;
    }
    assert(rows == table->rows);
    assert(table->dictionary == 0 || rh_manifest_dictionary(manifest, table->dictionary) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int started;
    rh_manifest *manifest = NULL;
    long blocks = rh_mem_live_blocks();
    char *text = malloc(size + 1);

    if (!started) {
        rh_mem_adopt_jansson();
        if (rh_crypto_start(NULL) != RH_OK)
            abort();
    }
    started = 1;
    assert(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    if (rh_manifest_parse(NULL, NULL, text, size, &manifest, NULL) == RH_OK) {
        for (size_t i = 0; i < rh_manifest_pack_count(manifest); i++)
            assert(rh_repo_is_pack_name(rh_manifest_pack(manifest, i)));
        for (size_t i = 0; i < rh_manifest_table_count(manifest); i++)
            check_table(manifest, rh_manifest_table(manifest, i));
        for (size_t i = 0; i < rh_manifest_section_count(manifest); i++)
            assert(rh_manifest_section(manifest, i)->bytes >= 0);
    }
    rh_manifest_free(manifest);
    free(text);
    assert(rh_mem_live_blocks() == blocks);
    (void)blocks;
    return 0;
}
