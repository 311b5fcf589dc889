/*
 * rehearse_bench_workload: what one execution costs in a workload file, to add and to read back.
 *
 *   rehearse_bench_workload FILE [EXECUTIONS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/hash.h"
#include "core/mem.h"
#include "core/num.h"
#include "core/workload_file.h"

enum {
    TEXTS = 1000,
    SESSIONS = 50,
    LITERALS_EVERY = 10, /* each tenth has a text of its own */
};

static void must(rh_status status, const rh_error *err)
{
    if (status == RH_OK || status == RH_DONE)
        return;
    (void)fprintf(stderr, "bench_workload: %s\n", err->text);
    exit(2);
}

static void report(const char *what, int64_t count, int64_t started_us)
{
    int64_t us = rh_clock_mono_us() - started_us;

    (void)printf("%-8s %10lld executions  %6.3f us each\n", what, (long long)count,
                 (double)us / (double)count);
}

static void write_file(const char *path, int64_t count)
{
    static const rh_workload_statement shape = {0, 12345, "parser", "read",
                                                "SELECT a, b, c FROM orders WHERE customer = $1"};
    static const rh_parameter parameters[] = {
        {.kind = RH_PARAMETER_TEXT, .data = "8612377", .len = 7},
        {.kind = RH_PARAMETER_TEXT, .data = "2026-11-20 09:17:18", .len = 19}};
    rh_workload_writer_options options = {RH_ENGINE_POSTGRESQL, "bench", NULL, true};
    rh_workload_writer *writer = NULL;
    rh_error err = RH_ERROR_INIT;
    int64_t started = rh_clock_mono_us();
    int64_t added;

    must(rh_workload_writer_create(path, &options, &writer, &err), &err);
    for (int64_t i = 1; i <= count; i++) {
        rh_workload_item item = RH_WORKLOAD_ITEM_INIT;
        char sql[128];

        (void)snprintf(sql, sizeof sql,
                       "SELECT a, b, c FROM orders WHERE customer = $1 AND day > $2 -- %lld",
                       (long long)(i % LITERALS_EVERY == 0 ? i : i % TEXTS));
        item.time_us = 1700000000000000 + i * 37;
        item.duration_us = i % 977;
        item.session = (uint64_t)(i % SESSIONS + 1);
        item.sql = sql;
        item.statement = &shape;
        item.protocol = RH_WORKLOAD_EXTENDED;
        item.source = 1;
        item.source_line = (uint64_t)i * 3;
        item.parameters = parameters;
        item.parameter_count = i % 2 == 0 ? 2 : 0;
        must(rh_workload_writer_add(writer, &item, NULL, &err), &err);
    }
    report("add", count, started);
    added = rh_clock_mono_us();
    must(rh_workload_writer_commit(writer, &err), &err);
    report("commit", count, added);
    rh_workload_writer_free(writer);
}

static void read_file(const char *path, int64_t count)
{
    rh_workload_filter filter = {.order = RH_WORKLOAD_ORDER_TIME};
    rh_workload_file *file = NULL;
    rh_workload_cursor *cursor = NULL;
    rh_error err = RH_ERROR_INIT;
    int64_t started = rh_clock_mono_us();
    rh_workload workload;
    rh_workload_item item;
    rh_status status;

    must(rh_workload_file_open(path, &file, &err), &err);
    must(rh_workload_cursor_open(file, &filter, &cursor, &err), &err);
    workload = rh_workload_from_cursor(cursor);
    do {
        status = workload.next(workload.ctx, &item, &err);
        must(status, &err);
    } while (status == RH_OK);
    report("read", count, started);
    rh_workload_cursor_close(cursor);
    rh_workload_file_close(file);
}

int main(int argc, char **argv)
{
    rh_error err = RH_ERROR_INIT;
    int64_t count = 1000000;

    rh_mem_adopt_jansson();
    must(rh_crypto_start(&err), &err);
    if (argc < 2) {
        (void)fprintf(stderr, "usage: rehearse_bench_workload FILE [EXECUTIONS]\n");
        return 2;
    }
    if (argc > 2)
        must(rh_num_int64(argv[2], "the number of executions", 1, INT64_MAX / 64, &count, &err),
             &err);
    write_file(argv[1], count);
    read_file(argv[1], count);
    return 0;
}
