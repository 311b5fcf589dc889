/*
 * Speed of the leak scan on one core: `bench_leaks [values]`, exit 1 when a bar is missed.
 *
 * remember: values per second that masking hands over; scan: megabytes per second of COPY text of
 * eight columns, none of which holds what was seen.
 */
#define _DEFAULT_SOURCE /* clock_gettime together with C11 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "anonymize/leak_scan.h"
#include "core/buf.h"
#include "core/hash.h"
#include "core/mem.h"
#include "core/num.h"

enum { ROWS = 300000, BATCH = 256, SCAN_BAR_MB = 200 };

static const uint8_t key[RH_SEEN_KEY_BYTES] = "a key for measurements only";

static double cpu_seconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

typedef struct sample {
    char raw[64];
    char masked[64];
    size_t raw_len;
    size_t masked_len;
} sample;

static void make_samples(sample *samples, int64_t first)
{
    for (int64_t i = 0; i < BATCH; i++) {
        sample *s = &samples[i];

        s->raw_len =
            (size_t)snprintf(s->raw, sizeof s->raw, "secret%" PRId64 "@raw.example.org", first + i);
        s->masked_len = (size_t)snprintf(s->masked, sizeof s->masked,
                                         "kwqzab%" PRId64 "@raw.example.net", first + i);
    }
}

static rh_status remember(int64_t values, rh_seen_set **out, rh_error *err)
{
    static sample samples[BATCH];
    rh_buf file = RH_BUF_INIT;
    rh_seen *seen = NULL;
    double took = 0;
    rh_status status = rh_seen_new(0, &seen, err);

    for (int64_t i = 0; status == RH_OK && i < values; i += BATCH) {
        double start;

        make_samples(samples, i);
        start = cpu_seconds();
        for (size_t b = 0; status == RH_OK && b < BATCH; b++)
            status = rh_seen_add(seen,
                                 &(rh_seen_value){RH_SEEN_TEXT, samples[b].raw, samples[b].raw_len,
                                                  samples[b].masked, samples[b].masked_len},
                                 err);
        took += cpu_seconds() - start;
    }
    if (status == RH_OK) {
        printf("remember    %8.2f M values/s\n", (double)values / took / 1e6);
        status = rh_seen_seal(seen, key, &file, err);
    }
    if (status == RH_OK) {
        printf("side file   %8.2f bytes a value\n", (double)file.len / (double)values);
        status = rh_seen_unseal(file.data, file.len, key, out, err);
    }
    rh_buf_done(&file);
    rh_seen_free(seen);
    return status;
}

static rh_status make_rows(rh_buf *rows, rh_error *err)
{
    static const char *const names[] = {"Jane Doe", "John Smith", "Ana Maria Silva", "Wei Chen"};
    uint64_t state = 88172645463325252u;
    rh_status status = RH_OK;

    for (unsigned i = 0; status == RH_OK && i < ROWS; i++)
        status = rh_buf_printf(
            rows, err,
            "%u\tuser%" PRIu64 "@example%u.org\t%s\t2024-%02u-%02u 12:34:%02u.%06u+00\t%u.%02u\t"
            "shipped\t%016" PRIx64 "%016" PRIx64
            "\tsome free text about order number %u and more words here\n",
            i, next_random(&state) % 10000000, i % 50, names[i % 4], i % 12 + 1, i % 28 + 1, i % 60,
            i, i * 7 % 100000, i % 100, next_random(&state), next_random(&state), i);
    return status;
}

static rh_status scan(const rh_seen_set *set, const rh_buf *rows, double *out_mb, rh_error *err)
{
    static const rh_column columns[8] = {{.name = "id"},     {.name = "mail"},  {.name = "name"},
                                         {.name = "at"},     {.name = "price"}, {.name = "state"},
                                         {.name = "digest"}, {.name = "note"}};
    rh_table table = {.full_name = "public.t", .name = "t", .columns = columns, .column_count = 8};
    rh_leak_options options = RH_LEAK_OPTIONS_INIT;
    rh_leak_table *reader = NULL;
    rh_leak *leak = NULL;
    double start = cpu_seconds();
    rh_status closed;
    rh_status status;

    options.seen = set;
    status = rh_leak_new(&options, &leak, err);
    if (status == RH_OK)
        status = rh_leak_table_open(leak, &table, &reader, err);
    if (status == RH_OK)
        status = rh_leak_table_text(reader, RH_ENGINE_POSTGRESQL, rows->data, rows->len, err);
    closed = rh_leak_table_close(reader, status == RH_OK ? err : NULL);
    *out_mb = (double)rows->len / 1e6 / (cpu_seconds() - start);
    rh_leak_free(leak);
    return status == RH_OK ? closed : status;
}

int main(int argc, char **argv)
{
    rh_error err = RH_ERROR_INIT;
    rh_seen_set *set = NULL;
    rh_buf rows = RH_BUF_INIT;
    int64_t values = 500000;
    double mb = 0;
    rh_status status = rh_crypto_start(&err);

    if (status == RH_OK && argc > 1)
        status = rh_num_int64(argv[1], "the number of values", 64, 100000000, &values, &err);
    if (status == RH_OK)
        status = remember(values, &set, &err);
    if (status == RH_OK)
        status = make_rows(&rows, &err);
    if (status == RH_OK)
        status = scan(set, &rows, &mb, &err);
    if (status == RH_OK)
        printf("scan        %8.0f MB/s (bar: %d)\n", mb, SCAN_BAR_MB);
    else
        fprintf(stderr, "bench_leaks: %s\n", err.text);
    rh_seen_set_free(set);
    rh_buf_done(&rows);
    return status == RH_OK && mb >= SCAN_BAR_MB ? 0 : 1;
}
