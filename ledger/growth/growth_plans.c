/*
 * Plans at the three sizes: SQLite plans by sqlite_stat1 alone, so an empty copy of the schema and
 * statistics scaled to the size are enough. Where an index holds one value it holds one at every
 * size; else rows per value stay as they are, as in a ledger that grows by new addresses and
 * assets.
 */
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/num.h"
#include "growth_internal.h"

/* "N a b" at `factor` times the rows into out; empty where there is no number to begin with. */
static rh_status scale_stat(const char *stat, double factor, rh_buf *out, rh_error *err)
{
    int64_t rows = 0, value = 0;
    size_t len = strcspn(stat, " ");
    int64_t scaled;
    rh_status status = RH_OK;

    if (!rh_num_scan_int64(stat, len, &rows))
        return RH_OK;
    scaled = (int64_t)((double)rows * factor) + 1;
    status = rh_buf_printf(out, err, "%lld", (long long)scaled);
    for (stat += len; status == RH_OK && *stat == ' '; stat += len) {
        stat++;
        len = strcspn(stat, " ");
        if (!rh_num_scan_int64(stat, len, &value)) {
            status = rh_buf_printf(out, err, " %.*s", (int)len, stat);
            continue;
        }
        value = value == rows || value > scaled ? scaled : value;
        status = rh_buf_printf(out, err, " %lld", (long long)value);
    }
    return status;
}

static rh_status scale(const json_t *statistics, double factor, json_t **out, rh_error *err)
{
    json_t *scaled = json_deep_copy(statistics);
    rh_buf text = RH_BUF_INIT;
    rh_status status = scaled == NULL ? rh_error_oom(err) : RH_OK;

    for (size_t i = 0; status == RH_OK && i < json_array_size(scaled); i++) {
        json_t *row = json_array_get(scaled, i);
        const char *stat = json_string_value(json_array_get(row, 2));

        rh_buf_clear(&text);
        if (stat != NULL)
            status = scale_stat(stat, factor, &text, err);
        if (status == RH_OK && text.len > 0 &&
            json_array_set_new(row, 2, json_string(rh_buf_cstr(&text))) != 0)
            status = rh_error_oom(err);
    }
    rh_buf_done(&text);
    if (status == RH_OK)
        *out = scaled;
    else
        json_decref(scaled);
    return status;
}

static rh_status explain(rh_call_session *session, const rh_calls_call *call, json_t **out,
                         rh_error *err)
{
    json_t *lines = json_array();
    rh_status status = lines == NULL ? rh_error_oom(err) : RH_OK;

    for (size_t i = 0; status == RH_OK && i < call->step_count; i++)
        status = rh_call_explain_lines(session, call->steps[i].sql, lines, err);
    if (status == RH_OK)
        *out = lines;
    else
        json_decref(lines);
    return status;
}

/* Rows of the largest table that the statistics were gathered on; 0: they do not know it. */
static int64_t rows_told(const growth *g)
{
    int64_t most = 0;

    for (size_t i = 0; i < json_array_size(g->options->statistics); i++) {
        const json_t *row = json_array_get(g->options->statistics, i);
        const char *table = json_string_value(json_array_get(row, 0));
        const char *stat = json_string_value(json_array_get(row, 2));
        int64_t rows = 0;

        if (table != NULL && stat != NULL && strcmp(table, g->largest) == 0 &&
            rh_num_scan_int64(stat, strcspn(stat, " "), &rows) && rows > most)
            most = rows;
    }
    return most;
}

static rh_status read_size(growth *g, size_t at, int64_t told, rh_error *err)
{
    json_t *statistics = NULL;
    rh_call_session *session = NULL;
    double factor = told > 0 ? (double)g->sizes[at].rows / (double)told : 1;
    rh_status status = scale(g->options->statistics, factor, &statistics, err);

    if (status == RH_OK)
        status = rh_call_open_empty(g->options->target, statistics, &session, err);
    for (size_t i = 0; status == RH_OK && i < g->count; i++) {
        if (g->calls[i].active)
            status = explain(session, g->calls[i].call, &g->calls[i].plans[at], err);
    }
    rh_call_close(session);
    json_decref(statistics);
    return status;
}

rh_status rh_growth_read_plans(growth *g, rh_error *err)
{
    int64_t told = g->options->statistics == NULL ? 0 : rows_told(g);
    rh_status status = RH_OK;

    if (g->options->statistics == NULL)
        return RH_OK;
    for (size_t at = 0; status == RH_OK && at < GROWTH_TABLE; at++)
        status = read_size(g, at, told, err);
    return status;
}
