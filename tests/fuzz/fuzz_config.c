/*
 * The config of a repository: any text is either one that can be used, or refused.
 *
 * modules: core_base core_io core_sql core_db core_db_postgres core_db_sqlite snapshot
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "fuzz.h"
#include "repo_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int started;
    rh_repo_config config;
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
    if (rh_repo_config_parse(text, size, &config, NULL) == RH_OK) {
        assert(config.chunk.min < config.chunk.target && config.chunk.target <= config.chunk.max);
        assert(config.sealed == (config.reader_count > 0));
        assert(config.reader_count <= RH_SEAL_MAX_READERS);
        (void)rh_repo_config_knows(&config, config.id_key);
        rh_repo_config_done(&config);
    }
    free(text);
    assert(rh_mem_live_blocks() == blocks);
    (void)blocks;
    return 0;
}
