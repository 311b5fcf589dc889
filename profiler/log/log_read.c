/*
 * Read one input from its first byte to its last, see profiler/log_read.h.
 */
#include "profiler/log_read.h"

#include <string.h>

#include "core/clock.h"
#include "log_input.h"

enum { LOOK_EVERY_LINES = 1024 };

static rh_status dispatch(log_input *in, char *line, size_t len, rh_error *err)
{
    log_outer outer = {.line = in->lines.number};

    switch (in->format) {
    case RH_LOG_FORMAT_CSV:
        return log_csv_line(in, line, len, err);
    case RH_LOG_FORMAT_JSON:
        return log_json_line(in, line, len, err);
    case RH_LOG_FORMAT_SYSLOG:
        return log_syslog_line(in, line, len, err);
    case RH_LOG_FORMAT_HEROKU:
        return log_heroku_line(in, line, len, err);
    case RH_LOG_FORMAT_CRI:
        return log_cri_line(in, line, len, err);
    case RH_LOG_FORMAT_TRACE:
        return log_trace_line(in, line, len, err);
    default:
        return log_stderr_line(in, line, len, &outer, err);
    }
}

static rh_status next_line(log_input *in, rh_error *err)
{
    char *line = NULL;
    size_t len = 0;
    rh_status status = log_lines_next(&in->lines, &line, &len, err);

    if (status == RH_SKIPPED)
        return log_skip(in, "line too long", in->lines.number, err);
    return status == RH_OK ? dispatch(in, line, len, err) : status;
}

static rh_status read_lines(log_input *in, rh_error *err)
{
    uint64_t reported = 0;

    for (;;) {
        rh_status status = next_line(in, err);

        if (status == RH_OK && in->lines.number % LOOK_EVERY_LINES == 0) {
            rh_progress_add(in->options->progress, in->lines.bytes - reported, 0, 0);
            reported = in->lines.bytes;
            status = rh_cancel_check(in->options->cancel, err);
        }
        if (status == RH_OK)
            continue;
        rh_progress_add(in->options->progress, in->lines.bytes - reported, 0, 0);
        return status == RH_DONE ? log_pending_end(in, err) : status;
    }
}

static void summarize(const log_input *in, const char *compression, rh_log_summary *out)
{
    *out = (rh_log_summary){
        .format = in->format,
        .compression = compression,
        .prefix_inferred = in->options->prefix == NULL,
        .lines = in->lines.number,
        .bytes = in->lines.bytes,
        .unknown_zone = in->clock.unknown_zone,
        .sqlite = in->format == RH_LOG_FORMAT_TRACE && in->sqlite,
        .damaged = in->lines.broken != RH_OK,
    };
    memcpy(out->prefix, in->first_prefix, sizeof out->prefix);
    for (size_t i = 0; i < 1 + in->follow.count; i++) {
        const log_prefix *prefix = i == 0 ? &in->prefix : &in->follow.others[i - 1];

        if (strcmp(prefix->text, in->first_prefix) != 0)
            memcpy(out->later_prefixes[out->later_count++], prefix->text, sizeof prefix->text);
    }
}

static rh_status read_all(log_input *in, rh_error *err)
{
    const char *sample = NULL;
    size_t len = 0;
    rh_status status = log_lines_peek(&in->lines, &sample, &len, err);

    if (status == RH_OK && len == 0 && in->lines.broken == RH_OK)
        return RH_OK; /* an empty file: a log that was rotated a moment ago */
    if (status == RH_OK)
        status = log_detect(in, sample, len, err);
    memcpy(in->first_prefix, in->prefix.text, sizeof in->first_prefix);
    in->clock.unknown_zone = 0;
    if (status == RH_OK)
        status =
            in->format == RH_LOG_FORMAT_SCRIPT ? log_script_read(in, err) : read_lines(in, err);
    if (status == RH_OK && in->lines.broken != RH_OK)
        status = log_skip(in, "compressed data damaged or cut off", in->lines.number, err);
    return status;
}

rh_status rh_log_read(const char *name, rh_reader *reader, const rh_log_options *options,
                      const rh_log_sink *sink, rh_log_summary *out, rh_error *err)
{
    size_t max_line =
        options->max_line_bytes == 0 ? RH_LOG_MAX_LINE_BYTES : options->max_line_bytes;
    const char *compression = "plain";
    log_input in = {.name = name,
                    .options = options,
                    .sink = sink,
                    .dialect = options->dialect,
                    .sqlite = true, /* traces that do not say */
                    .format = options->format};
    rh_status status = rh_reader_decompress(reader, &compression, &reader, err);

    if (status != RH_OK)
        return status;
    status = log_lines_init(&in.lines, reader, max_line, err);
    if (status != RH_OK)
        return status;
    rh_buf_init(&in.pending, max_line);
    in.clock.now_us = options->now_us == 0 ? rh_clock_wall_us() : options->now_us;
    status = read_all(&in, err);
    if (status == RH_OK)
        summarize(&in, compression, out);
    else
        rh_error_where(err, "'%s'", name);
    rh_buf_done(&in.pending);
    log_lines_done(&in.lines);
    return status;
}
