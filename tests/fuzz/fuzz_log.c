/*
 * Logs, traces and scripts: any bytes, with the format found out or (by the first byte) forced, end
 * in events, counted lines or a refusal. What events point to lies in the input's memory.
 *
 * modules: core_base core_io core_sql profiler_log
 */
#include <assert.h>
#include <string.h>

#include "core/mem.h"
#include "fuzz.h"
#include "profiler/log_read.h"

typedef struct tally {
    uint64_t bytes; /* of all texts, so that they are read */
    uint64_t sum;
} tally;

static void look(tally *t, rh_log_text text)
{
    for (size_t i = 0; i < text.len; i++)
        t->sum += (unsigned char)text.data[i];
    t->bytes += text.len;
}

static rh_status on_event(void *ctx, const rh_log_event *e, rh_error *err)
{
    (void)err;
    assert(e->part <= RH_LOG_GLUE);
    look(ctx, e->session);
    look(ctx, e->user);
    look(ctx, e->database);
    look(ctx, e->application);
    look(ctx, e->client);
    look(ctx, e->vxid);
    look(ctx, e->sqlstate);
    look(ctx, e->text);
    look(ctx, e->detail);
    look(ctx, e->context);
    look(ctx, e->statement);
    return RH_OK;
}

static rh_status on_statement(void *ctx, const rh_log_statement *s, rh_error *err)
{
    (void)err;
    look(ctx, s->sql);
    look(ctx, s->session);
    for (size_t i = 0; i < s->parameter_count; i++) {
        const rh_parameter *p = &s->parameters[i];

        if (p->name != NULL)
            look(ctx, (rh_log_text){p->name, strlen(p->name)});
        if (p->kind == RH_PARAMETER_TEXT || p->kind == RH_PARAMETER_BLOB)
            look(ctx, (rh_log_text){p->data, p->len});
    }
    return RH_OK;
}

static rh_status on_skipped(void *ctx, const char *reason, uint64_t line, rh_error *err)
{
    (void)err;
    (void)line;
    look(ctx, (rh_log_text){reason, strlen(reason)});
    return RH_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    long blocks = rh_mem_live_blocks();
    tally t = {0};
    rh_log_sink sink = {on_event, on_statement, on_skipped, &t};
    rh_log_options options = {.now_us = 1700000000000000, .max_line_bytes = 1 << 20};
    rh_log_summary summary;
    rh_reader *reader = NULL;

    if (size == 0)
        return 0;
    if (data[0] <= RH_LOG_FORMAT_SCRIPT) {
        options.format = (rh_log_format)data[0];
        options.dialect = size % 2 == 0 ? RH_SQL_SQLITE : RH_SQL_POSTGRES;
        data++;
        size--;
    }
    if (rh_reader_mem(data, size, &reader, NULL) == RH_OK &&
        rh_log_read("fuzz", reader, &options, &sink, &summary, NULL) == RH_OK)
        assert(summary.format <= RH_LOG_FORMAT_SCRIPT);
    assert(rh_mem_live_blocks() == blocks);
    (void)blocks;
    return 0;
}
