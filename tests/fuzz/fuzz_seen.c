/*
 * The side file of the leak scan. The first byte says what the rest is: a sealed file, an opened
 * body (what a holder of the key could write), a value to remember and search, an SQLite file.
 *
 * modules: core_base core_io core_sql core_db core_db_postgres core_db_sqlite anonymize_leak
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/hash.h"
#include "core/mem.h"
#include "fuzz.h"
#include "leak_internal.h"

static const uint8_t key[RH_SEEN_KEY_BYTES] = "0123456789abcdef0123456789abcdef";

static void use(rh_seen_set *set)
{
    rh_seen_info info;

    rh_seen_set_info(set, &info);
    (void)seen_set_has(set, seen_hash_of(seen_set_hash_key(set), "jane@example.org", 16));
    rh_seen_set_free(set);
}

static void read_sealed(const uint8_t *data, size_t size)
{
    rh_seen_set *set = NULL;
    rh_error err = RH_ERROR_INIT;
    rh_status status = rh_seen_unseal(data, size, key, &set, &err);

    if (status == RH_OK)
        use(set);
    else
        assert(status == RH_EFORMAT || status == RH_EKEY);
}

static void read_body(const uint8_t *data, size_t size)
{
    rh_seen_set *set = NULL;
    rh_error err = RH_ERROR_INIT;
    rh_status status = seen_body_read(data, size, key, &set, &err);

    if (status == RH_OK)
        use(set);
    else
        assert(status == RH_EFORMAT && set == NULL);
}

/* What was remembered is found again, as it stands. */
static void remember(const uint8_t *data, size_t size)
{
    rh_leak_options options = RH_LEAK_OPTIONS_INIT;
    rh_buf file = RH_BUF_INIT;
    rh_seen *seen = NULL;
    rh_seen_set *set = NULL;
    leak_counts counts;
    leak_eye eye;

    if (rh_seen_new(128 << 10, &seen, NULL) != RH_OK ||
        rh_seen_add(seen, &(rh_seen_value){RH_SEEN_TEXT, data, size, NULL, 0}, NULL) != RH_OK ||
        rh_seen_seal(seen, key, &file, NULL) != RH_OK ||
        rh_seen_unseal(file.data, file.len, key, &set, NULL) != RH_OK)
        abort();
    memset(&counts, 0, sizeof counts);
    options.seen = set;
    leak_eye_init(&eye, &options);
    eye.counts = &counts;
    leak_eye_text(&eye, data, size, true);
    if (size < 4 || data[0] != '\\') {
        rh_seen_info info;

        rh_seen_set_info(set, &info);
        assert(info.remembered == 0 || counts.any);
    }
    leak_eye_bytes(&eye, data, size);
    leak_carve(&eye, data, size);
    (void)leak_carve_record(&eye, data, size);
    leak_eye_done(&eye);
    rh_seen_set_free(set);
    rh_seen_free(seen);
    rh_buf_done(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int started;
    long blocks = rh_mem_live_blocks();

    if (!started && rh_crypto_start(NULL) != RH_OK)
        abort();
    started = 1;
    if (size == 0)
        return 0;
    if (data[0] == 'S')
        read_sealed(data + 1, size - 1);
    else if (data[0] == 'B')
        read_body(data + 1, size - 1);
    else
        remember(data + 1, size - 1);
    assert(rh_mem_live_blocks() == blocks);
    return 0;
}
