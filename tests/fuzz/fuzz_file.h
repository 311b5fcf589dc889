/*
 * The input as a file, for readers that open one by its name.
 */
#ifndef RH_TESTS_FUZZ_FILE_H
#define RH_TESTS_FUZZ_FILE_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/fs.h"
#include "core/hash.h"
#include "core/mem.h"

static char fuzz_dir[] = "/tmp/rh_fuzz_XXXXXX";
static char fuzz_path[64];

static void fuzz_remove_dir(void)
{
    if (rh_fs_remove_tree(fuzz_dir, NULL) != RH_OK)
        abort();
}

/* Before the first input: a folder, and what readers expect of the program. */
static void fuzz_file_start(void)
{
    if (fuzz_path[0] != '\0')
        return;
    rh_mem_adopt_jansson();
    if (rh_crypto_start(NULL) != RH_OK || mkdtemp(fuzz_dir) == NULL || atexit(fuzz_remove_dir) != 0)
        abort();
    (void)snprintf(fuzz_path, sizeof fuzz_path, "%s/input", fuzz_dir);
}

/* Plain stdio: durable writes would only make the fuzzer wait for the disk. */
static void fuzz_file_put(const uint8_t *data, size_t size)
{
    FILE *file = fopen(fuzz_path, "wb");

    if (file == NULL || fwrite(data, 1, size, file) != size || fclose(file) != 0)
        abort();
}

#endif
