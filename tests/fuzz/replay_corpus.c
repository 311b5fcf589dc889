/*
 * Runs a fuzz target on every file of a corpus folder and on a few thousand mutations of them.
 *
 * The mutations are the same in every run: bit flips, truncations, doubled and removed spans, and
 * splices of two files, from a generator with a fixed seed. Usage: fuzz_x_replay FOLDER
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

enum {
    MAX_INPUTS = 1024,
    MAX_INPUT_BYTES = 1 << 20,
    MUTATIONS = 4000,
    MAX_STEPS = 6, /* changes stacked on one mutation */
};

typedef struct input {
    uint8_t *bytes;
    size_t size;
} input;

static uint64_t random_state = 0x5245484541525345U;

/* splitmix64: the run must be repeatable, and libc's generators differ between systems. */
static uint64_t next_random(void)
{
    uint64_t z = (random_state += 0x9e3779b97f4a7c15U);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

static size_t random_below(size_t limit)
{
    return limit == 0 ? 0 : (size_t)(next_random() % limit);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Behind the count paths that are there. The order of readdir() differs between file systems and
 * would change the mutations. */
static size_t list_files(const char *folder, char *paths[MAX_INPUTS], size_t count)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    size_t first = count;

    if (dir == NULL) {
        perror(folder);
        exit(2);
    }
    while ((entry = readdir(dir)) != NULL && count < MAX_INPUTS) {
        size_t size = strlen(folder) + strlen(entry->d_name) + 2;
        struct stat info;
        char *path = malloc(size);

        if (path == NULL)
            abort();
        (void)snprintf(path, size, "%s/%s", folder, entry->d_name);
        if (stat(path, &info) == 0 && S_ISREG(info.st_mode) && info.st_size <= MAX_INPUT_BYTES)
            paths[count++] = path;
        else
            free(path);
    }
    (void)closedir(dir);
    qsort(paths + first, count - first, sizeof paths[0], by_name);
    return count;
}

static void read_input(const char *path, input *out)
{
    FILE *file = fopen(path, "rb");

    out->bytes = malloc(MAX_INPUT_BYTES);
    if (file == NULL || out->bytes == NULL) {
        perror(path);
        exit(2);
    }
    out->size = fread(out->bytes, 1, MAX_INPUT_BYTES, file);
    (void)fclose(file);
}

/* An exact copy on the heap, so that the sanitizers see a read of one byte too many. */
static void run_one(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size == 0 ? 1 : size);

    if (copy == NULL)
        abort();
    if (size > 0)
        memcpy(copy, bytes, size);
    (void)LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

/* Change work, which holds up to MAX_INPUT_BYTES, in one random way. */
static void mutate(input *work, const input *other)
{
    size_t at = random_below(work->size);
    size_t length = 1 + random_below(64);

    if (length > work->size - at)
        length = work->size - at;
    switch (random_below(6)) {
    case 0: /* flip a bit */
        if (work->size > 0)
            work->bytes[at] ^= (uint8_t)(1U << random_below(8));
        break;
    case 1: /* put a byte that parsers care about */
        if (work->size > 0)
            work->bytes[at] = (uint8_t) "\0\xff\x7f\x80\"\\{}[]:,-\n\t 09"[random_below(18)];
        break;
    case 2: /* truncate */
        work->size = at;
        break;
    case 3: /* remove a span */
        memmove(work->bytes + at, work->bytes + at + length, work->size - at - length);
        work->size -= length;
        break;
    case 4: /* double a span */
        if (work->size + length <= MAX_INPUT_BYTES) {
            memmove(work->bytes + at + length, work->bytes + at, work->size - at);
            work->size += length;
        }
        break;
    default: /* go on with the rest of another file */
        length = random_below(other->size + 1);
        if (at + (other->size - length) <= MAX_INPUT_BYTES && other->size > length) {
            memcpy(work->bytes + at, other->bytes + length, other->size - length);
            work->size = at + (other->size - length);
        }
        break;
    }
}

int main(int argc, char **argv)
{
    static char *paths[MAX_INPUTS];
    static input inputs[MAX_INPUTS];
    input work = {malloc(MAX_INPUT_BYTES), 0};
    size_t count = 0;

    if (argc < 2 || work.bytes == NULL) {
        (void)fprintf(stderr, "usage: %s CORPUS_FOLDER...\n", argv[0]);
        return 2;
    }
    for (int i = 1; i < argc; i++) {
        size_t before = count;

        count = list_files(argv[i], paths, count);
        if (count == before) {
            (void)fprintf(stderr, "no files in '%s'\n", argv[i]);
            return 2;
        }
    }
    run_one(NULL, 0);
    for (size_t i = 0; i < count; i++) {
        read_input(paths[i], &inputs[i]);
        run_one(inputs[i].bytes, inputs[i].size);
    }
    for (size_t i = 0; i < MUTATIONS; i++) {
        const input *from = &inputs[random_below(count)];
        size_t steps = 1 + random_below(MAX_STEPS);

        memcpy(work.bytes, from->bytes, from->size);
        work.size = from->size;
        while (steps-- > 0)
            mutate(&work, &inputs[random_below(count)]);
        run_one(work.bytes, work.size);
    }
    (void)printf("%zu files and %d mutations\n", count, MUTATIONS);
    for (size_t i = 0; i < count; i++) {
        free(inputs[i].bytes);
        free(paths[i]);
    }
    free(work.bytes);
    return 0;
}
