/*
 * Packs: any bytes are either a pack whose every chunk is what its id says, or refused. The header
 * and table of sealed packs are read as well; their content needs a key.
 *
 * modules: core_base core_io core_sql core_db core_db_postgres core_db_sqlite snapshot
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fs.h"
#include "core/mem.h"
#include "fuzz.h"
#include "pack_reader.h"

enum { MAX_DECODED = 64 };

/* The repository that the packs of the corpus were made in. */
static const char config[] =
    "{\"chunk\":{\"max\":65536,\"min\":4096,\"target\":16384},\"created\":\"2026-"
    "11-20T10:49:45.801430Z\",\"features\":[],\"id\":\"8ec4581b51b597efd55d09a9ec"
    "3b9ead\",\"id_key\":\"564cf5e0e569632a0e51c768b66e9139143f3b107608fe9197eb24"
    "5a0f38b872\",\"id_key_check\":\"3586b7bdd1b7296d2af1807e06dd8c0a\",\"mac\":"
    "\"fe054bcd121c47aa602331c79640461181f13cb3120c218aa315895305208ed2\",\"rehea"
    "rse_repository\":1}";

static char dir[] = "/tmp/rh_fuzz_pack_XXXXXX";
static char path[64];
static rh_repo *repo;

static void stop(void)
{
    rh_repo_close(repo);
    if (rh_fs_remove_tree(dir, NULL) != RH_OK)
        abort();
}

/* Plain stdio: durable writes would only make the fuzzer wait for the disk. */
static void put(const char *name, const void *data, size_t size)
{
    FILE *file = fopen(name, "wb");

    if (file == NULL || fwrite(data, 1, size, file) != size || fclose(file) != 0)
        abort();
}

static void start(void)
{
    rh_repo_options options = RH_REPO_OPTIONS_INIT;

    rh_mem_adopt_jansson();
    if (rh_crypto_start(NULL) != RH_OK || mkdtemp(dir) == NULL || atexit(stop) != 0)
        abort();
    (void)snprintf(path, sizeof path, "%s/config", dir);
    put(path, config, sizeof config - 1);
    if (rh_repo_open(dir, &options, &repo, NULL) != RH_OK)
        abort();
    (void)snprintf(path, sizeof path, "%s/pack", dir);
}

/* In memory, as one frame after the other. */
static void read_parts(const uint8_t *data, size_t size)
{
    rh_pack_header header;
    rh_pack_table table;
    size_t table_bytes = 0;
    const uint8_t *end = data + size;

    if (size < RH_PACK_TRAILER_BYTES || rh_pack_header_read(data, size, &header, NULL) != RH_OK ||
        rh_pack_trailer_read(end - RH_PACK_TRAILER_BYTES, size, &table_bytes, NULL) != RH_OK)
        return;
    assert(table_bytes <= size && header.bytes <= size);
    if (rh_pack_table_read(end - table_bytes, table_bytes, &header, size, &table, NULL) != RH_OK)
        return;
    for (size_t i = 0; i < table.count; i++)
        assert(table.entries[i].offset + table.entries[i].stored_bytes <= size - table_bytes);
    for (size_t i = 0; i < table.span_count; i++)
        assert(table.spans[i].first + table.spans[i].count <= table.count);
    rh_pack_table_done(&table);
}

static void decode(const rh_pack *pack)
{
    rh_pack_decoder *decoder = rh_pack_decoder_new();
    size_t count = rh_pack_get_table(pack)->count;
    rh_buf stored = RH_BUF_INIT;

    assert(decoder != NULL);
    for (size_t i = 0; i < count && i < MAX_DECODED; i++) {
        const uint8_t *plain = NULL;
        rh_status status = rh_pack_read_stored(pack, i, 1, &stored, NULL);

        if (status == RH_OK)
            status = rh_pack_decode(pack, i, stored.data, NULL, decoder, &plain, NULL);
        if (status == RH_OK) {
            const rh_pack_entry *entry = &rh_pack_get_table(pack)->entries[i];
            rh_id id;

            rh_hash_id(rh_repo_id_key(repo), plain, entry->plain_bytes, &id);
            assert(memcmp(id.bytes, entry->id.bytes, sizeof id.bytes) == 0);
        }
    }
    rh_buf_done(&stored);
    rh_pack_decoder_free(decoder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int started;
    rh_pack *pack = NULL;
    long blocks;

    if (!started)
        start();
    started = 1;
    blocks = rh_mem_live_blocks();
    read_parts(data, size);
    put(path, data, size);
    if (rh_pack_open_path(repo, path, "fuzz", false, &pack, NULL) == RH_OK)
        decode(pack);
    rh_pack_free(pack);
    assert(rh_mem_live_blocks() == blocks);
    (void)blocks;
    return 0;
}
