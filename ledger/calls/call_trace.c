/*
 * The statements of a trace as calls: one for each shape, that is, for texts that differ in their
 * values only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/sql_fingerprint.h"
#include "ledger/calls.h"
#include "ledger/ledger_file.h"

enum { NAME_BYTES = 64, TABLE_BYTES = 32 };

typedef struct collecting {
    rh_calls *calls;
    size_t cap;
} collecting;

/* Does the text hold one statement that reads or writes rows? */
static bool can_be_call(rh_sql_dialect dialect, const char *text, rh_sql_command *out)
{
    rh_sql_scan scan;
    rh_sql_piece piece;

    rh_sql_scan_init(&scan, dialect, text, strlen(text));
    if (!rh_sql_split_next(&scan, &piece) || rh_sql_split_next(&scan, &piece))
        return false;
    *out = rh_sql_command_of(dialect, text, strlen(text));
    return out->kind == RH_SQL_COMMAND_READ || out->kind == RH_SQL_COMMAND_WRITE;
}

/* The first name behind FROM, INTO or UPDATE, letters and digits of it; "" where there is none. */
static void first_table(rh_sql_dialect dialect, const char *text, char out[TABLE_BYTES])
{
    rh_sql_scan scan;
    rh_sql_token token;
    size_t len = 0;

    rh_sql_scan_init(&scan, dialect, text, strlen(text));
    do {
        token = rh_sql_scan_next_code(&scan);
    } while (token.kind != RH_SQL_TOKEN_END && !rh_sql_token_is(&token, text, "from") &&
             !rh_sql_token_is(&token, text, "into") && !rh_sql_token_is(&token, text, "update"));
    do {
        token = rh_sql_scan_next_code(&scan);
    } while (token.kind == RH_SQL_TOKEN_OPEN || rh_sql_token_is(&token, text, "select") ||
             rh_sql_token_is(&token, text, "only"));
    if (token.kind != RH_SQL_TOKEN_WORD && token.kind != RH_SQL_TOKEN_IDENT)
        token.len = 0;
    for (size_t i = 0; i < token.len && len + 1 < TABLE_BYTES; i++) {
        char c = text[token.offset + i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_')
            out[len++] = c;
    }
    out[len] = '\0';
}

static const char *name_of(rh_calls *calls, const rh_workload_statement *shape, const char *verb)
{
    char table[TABLE_BYTES];

    first_table(calls->dialect, shape->normalized, table);
    return rh_arena_printf(calls->arena, "%s%s%s-%08x", verb, table[0] == '\0' ? "" : "-", table,
                           (unsigned)(shape->fingerprint >> 32));
}

static rh_status grow(collecting *c, rh_error *err)
{
    size_t cap = c->cap == 0 ? 64 : 2 * c->cap;
    rh_calls_call *calls;
    rh_calls_shape *shapes;

    if (c->calls->count < c->cap)
        return RH_OK;
    if (c->calls->count >= RH_CALLS_MAX_SHAPES) {
        rh_error_set(err, RH_ELIMIT, "the trace has more than %d different statements",
                     (int)RH_CALLS_MAX_SHAPES);
        rh_error_hint(err, "texts with names of their own (temporary tables?) are each counted as "
                           "one; a call file says which calls to look at");
        return RH_ELIMIT;
    }
    calls = rh_arena_array(c->calls->arena, cap, sizeof *calls);
    shapes = rh_arena_array(c->calls->arena, cap, sizeof *shapes);
    if (calls == NULL || shapes == NULL)
        return rh_error_oom(err);
    if (c->calls->count > 0) {
        memcpy(calls, c->calls->calls, c->calls->count * sizeof *calls);
        memcpy(shapes, c->calls->shapes, c->calls->count * sizeof *shapes);
    }
    c->calls->calls = calls;
    c->calls->shapes = shapes;
    c->cap = cap;
    return RH_OK;
}

static rh_status add_shape(void *ctx, const rh_workload_statement *shape, rh_error *err)
{
    collecting *c = ctx;
    rh_calls *calls = c->calls;
    rh_sql_command command;
    rh_calls_call *call;
    rh_status status;

    if (!can_be_call(calls->dialect, shape->normalized, &command))
        return RH_OK;
    status = grow(c, err);
    if (status != RH_OK)
        return status;
    call = &calls->calls[calls->count];
    call->name = name_of(calls, shape, command.verb);
    call->shape = rh_arena_strdup(calls->arena, shape->normalized);
    call->steps = rh_arena_array(calls->arena, 1, sizeof *call->steps);
    if (call->name == NULL || call->shape == NULL || call->steps == NULL)
        return rh_error_oom(err);
    call->per = RH_CALLS_PER_STATEMENT;
    call->result = RH_CALLS_ROWS;
    call->batch = 1;
    call->step_count = 1;
    call->steps[0].writes = command.kind == RH_SQL_COMMAND_WRITE || command.locks;
    calls->writes = calls->writes || call->steps[0].writes;
    calls->shapes[calls->count] = (rh_calls_shape){shape->fingerprint, calls->count};
    calls->count++;
    return RH_OK;
}

/* ---- texts ---- */

static int by_fingerprint(const void *left, const void *right)
{
    const rh_calls_shape *a = left, *b = right;

    return (a->fingerprint > b->fingerprint) - (a->fingerprint < b->fingerprint);
}

size_t rh_calls_of_shape(const rh_calls *calls, uint64_t fingerprint)
{
    const rh_calls_shape key = {fingerprint, 0};
    const rh_calls_shape *found = calls->shape_count == 0
                                      ? NULL
                                      : bsearch(&key, calls->shapes, calls->shape_count,
                                                sizeof *calls->shapes, by_fingerprint);

    return found == NULL ? calls->count : found->call;
}

/* Each call's first text; ends as soon as all have one. */
static rh_status read_texts(rh_calls *calls, rh_ledger_reader *reader, rh_error *err)
{
    size_t missing = calls->count;
    rh_status status = RH_OK;

    while (status == RH_OK && missing > 0) {
        rh_ledger_block *block = NULL;

        status = rh_ledger_reader_next(reader, &block, err);
        for (size_t i = 0; status == RH_OK && i < block->statement_count; i++) {
            size_t number = rh_calls_of_shape(calls, block->statements[i].fingerprint);
            rh_calls_step *step = number == calls->count ? NULL : &calls->calls[number].steps[0];

            if (step == NULL || step->sql != NULL)
                continue;
            step->sql = step->text = rh_arena_strdup(calls->arena, block->statements[i].sql);
            if (step->sql == NULL)
                status = rh_error_oom(err);
            missing--;
        }
        rh_ledger_block_free(block);
    }
    return status == RH_DONE ? RH_OK : status;
}

/* Shapes without an execution in a block (the file's own list may hold some) are no calls. */
static void drop_unused(rh_calls *calls)
{
    size_t kept = 0;

    for (size_t i = 0; i < calls->count; i++) {
        size_t shape = 0;

        while (calls->shapes[shape].call != i)
            shape++;
        calls->shapes[shape].call = calls->calls[i].steps[0].sql == NULL ? SIZE_MAX : kept;
        if (calls->calls[i].steps[0].sql != NULL)
            calls->calls[kept++] = calls->calls[i];
    }
    calls->count = kept;
}

static rh_status check_engine(const rh_calls *calls, rh_ledger_reader *reader, rh_error *err)
{
    bool sqlite = rh_ledger_reader_summary(reader)->engine == RH_ENGINE_SQLITE;

    if (!rh_ledger_reader_traced(reader))
        return rh_error_set(err, RH_EUSAGE, "the workload holds no statements of a trace");
    if (sqlite == (calls->dialect == RH_SQL_SQLITE))
        return RH_OK;
    rh_error_set(err, RH_EUSAGE, "the trace is %s's, the database %s's",
                 sqlite ? "SQLite" : "PostgreSQL", sqlite ? "PostgreSQL" : "SQLite");
    rh_error_hint(err, "a call file has calls for either: --calls FILE");
    return RH_EUSAGE;
}

rh_status rh_calls_add_trace(rh_calls *calls, const char *path, rh_error *err)
{
    collecting c = {.calls = calls};
    rh_ledger_reader *reader = NULL;
    rh_status status = rh_ledger_reader_open(path, &reader, err);

    if (status == RH_OK)
        status = check_engine(calls, reader, err);
    if (status == RH_OK)
        status = rh_ledger_reader_shapes(reader, add_shape, &c, err);
    if (status == RH_OK && calls->count > 0) {
        calls->shape_count = calls->count;
        qsort(calls->shapes, calls->count, sizeof *calls->shapes, by_fingerprint);
        status = read_texts(calls, reader, err);
    }
    if (status == RH_OK)
        drop_unused(calls);
    if (status == RH_OK && calls->count == 0)
        status = rh_error_set(err, RH_EUSAGE,
                              "no statement of the trace reads or writes rows inside a block");
    if (status == RH_OK)
        calls->traced = true;
    rh_ledger_reader_close(reader);
    return status;
}
