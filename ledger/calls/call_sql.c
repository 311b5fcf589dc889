/*
 * From :names to numbered parameters. Each name gets one number; in a batch, a name of the unit
 * (not of the whole block) becomes a list of numbers.
 */
#include <string.h>

#include "call_internal.h"
#include "core/buf.h"
#include "core/sql_fingerprint.h"

typedef struct compiler {
    const rh_doc *doc;
    rh_calls *calls;
    rh_calls_call *call;
    rh_calls_step *step;
    size_t step_number;
    const json_t *names;
    rh_doc_pos pos;
    rh_calls_parameter found[RH_CALLS_MAX_PARAMETERS];
    size_t count;
    size_t numbers; /* given so far */
    size_t first[RH_CALLS_MAX_PARAMETERS];
} compiler;

static rh_status unknown_parameter(const compiler *c, const char *name, rh_error *err)
{
    rh_doc_error(
        c->doc, c->pos, err, "call '%s' has the parameter ':%s', which is no field of %s %s",
        c->call->name, name,
        c->call->per == RH_CALLS_PER_INPUT || c->call->per == RH_CALLS_PER_OUTPUT ? "an" : "a",
        rh_calls_per_name(c->call->per));
    rh_error_hint(err, "fields: block_index block_hash block_time tx_count, txid tx_index, "
                       "outpoint vout address value coinbase spent_txid, kind; or 'params', or "
                       "'take' of a step before");
    return RH_ECONFIG;
}

/* A column that a step before this one took; -1. */
static int find_taken(const compiler *c, const char *name)
{
    for (size_t i = c->step_number; i > 0; i--) {
        const rh_calls_step *before = &c->call->steps[i - 1];

        for (size_t j = 0; j < before->take_count; j++) {
            if (strcmp(before->take[j], name) == 0)
                return (int)(before->first_taken + j);
        }
    }
    return -1;
}

static rh_status resolve(compiler *c, const char *name, size_t *out_index, rh_error *err)
{
    const char *mapped = json_string_value(json_object_get(c->names, name));
    rh_calls_parameter p = {.name = name, .field = -1, .taken = find_taken(c, name)};

    for (size_t i = 0; i < c->count; i++) {
        if (strcmp(c->found[i].name, name) == 0) {
            *out_index = i;
            return RH_OK;
        }
    }
    if (p.taken < 0)
        p.field = rh_calls_field(c->call->per, mapped != NULL ? mapped : name);
    if (p.taken < 0 && p.field < 0)
        return unknown_parameter(c, mapped != NULL ? mapped : name, err);
    if (c->count == RH_CALLS_MAX_PARAMETERS)
        return rh_doc_error(c->doc, c->pos, err, "call '%s' has more than %d parameters",
                            c->call->name, (int)RH_CALLS_MAX_PARAMETERS);
    p.list = c->call->batch > 1 && p.taken < 0 && !rh_calls_field_of_block(p.field);
    c->first[c->count] = c->numbers + 1;
    c->numbers += p.list ? c->call->batch : 1;
    *out_index = c->count;
    c->found[c->count++] = p;
    return RH_OK;
}

static rh_status put_numbers(const compiler *c, size_t index, rh_buf *out, rh_error *err)
{
    const char mark = c->calls->dialect == RH_SQL_SQLITE ? '?' : '$';
    size_t count = c->found[index].list ? c->call->batch : 1;
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < count; i++)
        status = rh_buf_printf(out, err, "%s%c%zu", i > 0 ? "," : "", mark, c->first[index] + i);
    return status;
}

static rh_status rewrite(compiler *c, rh_buf *out, rh_error *err)
{
    const char *text = c->step->text;
    rh_sql_scan scan;
    rh_sql_token token;
    size_t copied = 0;
    rh_status status = RH_OK;

    rh_sql_scan_init(&scan, c->calls->dialect, text, strlen(text));
    while (status == RH_OK && (token = rh_sql_scan_next(&scan)).kind != RH_SQL_TOKEN_END) {
        const char *name;
        size_t index = 0;

        if (token.kind != RH_SQL_TOKEN_PARAMETER)
            continue;
        if (token.len < 2 || text[token.offset] != ':')
            return rh_doc_error(c->doc, c->pos, err,
                                "call '%s': parameters are written ':name', not '%.*s'",
                                c->call->name, (int)token.len, text + token.offset);
        name = rh_arena_strndup(c->calls->arena, text + token.offset + 1, token.len - 1);
        if (name == NULL)
            return rh_error_oom(err);
        status = resolve(c, name, &index, err);
        if (status == RH_OK)
            status = rh_buf_append(out, text + copied, token.offset - copied, err);
        if (status == RH_OK)
            status = put_numbers(c, index, out, err);
        copied = token.offset + token.len;
    }
    return status == RH_OK ? rh_buf_append_str(out, text + copied, err) : status;
}

rh_status rh_calls_compile(const rh_doc *doc, rh_calls *calls, rh_calls_call *call, size_t step,
                           const json_t *names, rh_doc_pos pos, rh_error *err)
{
    compiler c = {.doc = doc,
                  .calls = calls,
                  .call = call,
                  .step = &call->steps[step],
                  .step_number = step,
                  .names = names,
                  .pos = pos};
    rh_buf sql = RH_BUF_INIT;
    rh_sql_command command = rh_sql_command_of(calls->dialect, c.step->text, strlen(c.step->text));
    rh_status status = rewrite(&c, &sql, err);

    if (status == RH_OK && command.kind != RH_SQL_COMMAND_READ &&
        command.kind != RH_SQL_COMMAND_WRITE)
        status = rh_doc_error(doc, pos, err, "call '%s' neither reads nor writes rows ('%s')",
                              call->name, command.verb);
    if (status == RH_OK) {
        c.step->sql = rh_arena_strdup(calls->arena, rh_buf_cstr(&sql));
        c.step->parameters = rh_arena_array(calls->arena, c.count + 1, sizeof *c.step->parameters);
        if (c.step->sql == NULL || c.step->parameters == NULL)
            status = rh_error_oom(err);
    }
    if (status == RH_OK) {
        memcpy(c.step->parameters, c.found, c.count * sizeof c.found[0]);
        c.step->parameter_count = c.count;
        c.step->writes = command.kind == RH_SQL_COMMAND_WRITE;
        calls->writes = calls->writes || c.step->writes;
    }
    rh_buf_done(&sql);
    return status;
}
