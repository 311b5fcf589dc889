/*
 * A directory of its own for a group of tests: cmocka group set-up and tear-down.
 */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fs.h"
#include "core/hash.h"
#include "core/mem.h"

static char scratch_dir[] = "/tmp/rh_test_XXXXXX";

static inline int scratch_setup(void **state)
{
    (void)state;
    rh_mem_adopt_jansson();
    if (rh_crypto_start(NULL) != RH_OK)
        return -1;
    return mkdtemp(scratch_dir) == NULL ? -1 : 0;
}

static inline int scratch_teardown(void **state)
{
    (void)state;
    return rh_fs_remove_tree(scratch_dir, NULL) == RH_OK ? 0 : -1;
}

/* Path of a name in the directory; one of four buffers in turn. */
static inline const char *scratch(const char *name)
{
    static char paths[4][512];
    static unsigned turn;
    char *path = paths[turn++ % 4];

    (void)snprintf(path, sizeof paths[0], "%s/%s", scratch_dir, name);
    return path;
}

/* Number of entries in the directory, hidden ones too: finds temporary files left behind. */
static inline size_t scratch_entries(void)
{
    char **names = NULL;
    size_t count = 0;

    if (rh_fs_list(scratch_dir, &names, &count, NULL) != RH_OK)
        return (size_t)-1;
    rh_fs_list_free(names);
    return count;
}

/* Make a file of this text. */
static inline void scratch_file(const char *name, const char *text)
{
    FILE *file = fopen(scratch(name), "wb");

    if (file != NULL) {
        (void)fwrite(text, 1, strlen(text), file);
        (void)fclose(file);
    }
}

#endif
