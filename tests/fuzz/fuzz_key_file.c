/*
 * Key files: any bytes are either a key, which is written and read back the same, or refused
 * without telling what was in them.
 *
 * modules: core_base core_io
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/fs.h"
#include "core/key_file.h"
#include "core/mem.h"
#include "fuzz.h"

static char dir[] = "/tmp/rh_fuzz_key_XXXXXX";
static char path[64];
static char copy[64];

static void remove_dir(void)
{
    if (rh_fs_remove_tree(dir, NULL) != RH_OK)
        abort();
}

static void start(void)
{
    (void)umask(077); /* else every secret is refused for its mode */
    rh_mem_adopt_jansson();
    if (rh_crypto_start(NULL) != RH_OK || mkdtemp(dir) == NULL || atexit(remove_dir) != 0)
        abort();
    (void)snprintf(path, sizeof path, "%s/key", dir);
    (void)snprintf(copy, sizeof copy, "%s/copy", dir);
}

/* Plain stdio: durable writes would only make the fuzzer wait for the disk. */
static void put(const uint8_t *data, size_t size)
{
    FILE *file = fopen(path, "wb");

    if (file == NULL || fwrite(data, 1, size, file) != size || fclose(file) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int started;
    long blocks = rh_mem_live_blocks();
    rh_error err = RH_ERROR_INIT;
    rh_key key;
    rh_key back;

    if (!started)
        start();
    started = 1;
    put(data, size);

    rh_status status = rh_key_read(path, &key, &err);

    if (status == RH_OK) {
        char a[17];
        char b[17];

        (void)unlink(copy);
        status = rh_key_write(copy, &key, &err);
        assert(status == RH_OK);
        status = rh_key_read(copy, &back, &err);
        assert(status == RH_OK && memcmp(&key, &back, sizeof key) == 0);
        rh_key_fingerprint(&key, a);
        rh_key_fingerprint(&back, b);
        assert(strcmp(a, b) == 0);
    } else {
        assert(status == RH_EKEY && err.code == RH_EKEY);
    }
    assert(rh_mem_live_blocks() == blocks);
    return 0;
}
