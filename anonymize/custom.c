/*
 * See custom.h.
 */
#include "custom.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/num.h"
#include "core/str.h"

/* A batch's values on their way; sources hand on 256 KiB, or one row of up to the row limit. */
static const size_t ANSWER_MAX_BYTES = (size_t)1 << 30;

static const char NULL_ANSWER[] = "\\N";

/* ---- life ---- */

static rh_status add_variable(custom_command *command, size_t *at, const char *name,
                              const char *value, rh_error *err)
{
    if (value == NULL)
        return RH_OK;
    command->environment[*at] = rh_mem_printf("%s=%s", name, value);
    if (command->environment[*at] == NULL)
        return rh_error_oom(err);
    (*at)++;
    return RH_OK;
}

/* What a program needs to run, and which column it is for; nothing of ours, no keys, no PG*. */
static rh_status make_environment(custom_command *command, rh_error *err)
{
    static const char *const passed[] = {"PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR"};
    size_t at = 0;
    rh_status status = add_variable(command, &at, "REHEARSE_COLUMN", command->name, err);

    for (size_t i = 0; status == RH_OK && i < sizeof passed / sizeof passed[0]; i++)
        status = add_variable(command, &at, passed[i], getenv(passed[i]), err);
    return status;
}

rh_status custom_command_init(custom_command *command, const rh_masked_table *table,
                              const rh_masked_column *column, rh_rows_format format, rh_error *err)
{
    memset(command, 0, sizeof *command);
    command->column = column;
    command->format = format;
    rh_buf_init_wiping(&command->questions, ANSWER_MAX_BYTES);
    rh_buf_init_wiping(&command->answers, ANSWER_MAX_BYTES);
    (void)snprintf(command->name, sizeof command->name, "%s.%s", table->table->full_name,
                   table->table->columns[column->column].name);
    return make_environment(command, err);
}

static rh_status start(custom_command *command, rh_error *err)
{
    const rh_mask_custom *custom = rh_mask_custom_of(command->column->mask);
    const rh_talk_options options = {
        .program = custom->command[0],
        .arguments = custom->command + 1,
        .environment = (const char *const *)command->environment,
        .silence_us = custom->timeout_us,
    };

    return rh_talk_open(&options, &command->talk, err);
}

static void record(rh_late_failure *late, const rh_error *error)
{
    pthread_mutex_lock(&late->lock);
    if (late->error.code == RH_OK)
        late->error = *error;
    pthread_mutex_unlock(&late->lock);
}

static rh_status say_column(const custom_command *command, rh_status status, rh_error *err)
{
    const char *where = rh_mask_custom_of(command->column->mask)->where;

    if (status == RH_OK)
        return RH_OK;
    rh_error_where(err, "'command' of column '%s'", command->name);
    if (where[0] != '\0')
        rh_error_where(err, "%s", where);
    return status;
}

void custom_command_done(custom_command *command, bool failed, rh_late_failure *late)
{
    rh_error error = RH_ERROR_INIT;

    if (command->talk != NULL && !failed &&
        say_column(command, rh_talk_end(command->talk, &error), &error) != RH_OK)
        record(late, &error);
    rh_talk_free(command->talk);
    rh_buf_wipe_done(&command->questions);
    rh_buf_wipe_done(&command->answers);
    for (size_t i = 0; i < sizeof command->environment / sizeof command->environment[0]; i++)
        rh_mem_free(command->environment[i]);
    memset(command, 0, sizeof *command);
}

/* ---- the protocol ---- */

/* The letter behind the backslash, or 0 for a byte that goes as it is. */
static char escape_of(uint8_t byte)
{
    switch (byte) {
    case '\\':
        return '\\';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\0':
        return '0';
    default:
        return '\0';
    }
}

static rh_status put_escaped(rh_buf *out, const uint8_t *data, size_t len, rh_error *err)
{
    rh_status status = RH_OK;
    size_t plain = 0;

    for (size_t i = 0; status == RH_OK && i < len; i++) {
        const char pair[2] = {'\\', escape_of(data[i])};

        if (pair[1] == '\0')
            continue;
        status = rh_buf_append(out, data + plain, i - plain, err);
        if (status == RH_OK)
            status = rh_buf_append(out, pair, sizeof pair, err);
        plain = i + 1;
    }
    if (status == RH_OK && len > plain)
        status = rh_buf_append(out, data + plain, len - plain, err);
    return status == RH_OK ? rh_buf_append_byte(out, '\n', err) : status;
}

rh_status custom_command_ask(custom_command *command, const rh_field *value, rh_error *err)
{
    char number[40];
    const uint8_t *data = value->data;
    size_t len = value->len;

    if (value->kind == RH_FIELD_NULL || value->kind == RH_FIELD_UNREAD)
        return RH_OK;
    if (value->kind == RH_FIELD_INTEGER || value->kind == RH_FIELD_REAL) {
        data = (const uint8_t *)number;
        len = (size_t)(value->kind == RH_FIELD_INTEGER
                           ? snprintf(number, sizeof number, "%" PRId64, value->integer)
                           : snprintf(number, sizeof number, "%.17g", value->real));
    }
    command->asked++;
    return put_escaped(&command->questions, data, len, err);
}

rh_status custom_command_run(custom_command *command, rh_error *err)
{
    rh_status status = RH_OK;

    rh_buf_clear(&command->answers);
    if (command->asked > 0 && command->talk == NULL)
        status = start(command, err);
    if (status == RH_OK && command->asked > 0)
        status = rh_talk_lines(command->talk, &command->questions, command->asked,
                               &command->answers, err);
    command->next = command->answers.data;
    command->asked = 0;
    rh_buf_clear(&command->questions);
    return say_column(command, status, err);
}

/* Undo the escapes of a line; false for one that is none. */
static bool unescape(const uint8_t *line, size_t len, uint8_t *out, size_t *out_len)
{
    size_t to = 0;

    for (size_t i = 0; i < len; i++) {
        if (line[i] != '\\') {
            out[to++] = line[i];
            continue;
        }
        if (++i == len)
            return false;
        switch (line[i]) {
        case '\\':
            out[to++] = '\\';
            break;
        case 'n':
            out[to++] = '\n';
            break;
        case 'r':
            out[to++] = '\r';
            break;
        case '0':
            out[to++] = '\0';
            break;
        default:
            return false;
        }
    }
    *out_len = to;
    return true;
}

/* SQLite: a number's answer is a number where it reads as one. */
static void set_kind(const rh_field *value, rh_field *out)
{
    if (value->kind == RH_FIELD_BLOB) {
        out->kind = RH_FIELD_BLOB;
    } else if (value->kind == RH_FIELD_INTEGER &&
               rh_num_scan_int64((const char *)out->data, out->len, &out->integer)) {
        out->kind = RH_FIELD_INTEGER;
    } else if (value->kind == RH_FIELD_REAL &&
               rh_num_scan_real((const char *)out->data, out->len, &out->real)) {
        out->kind = RH_FIELD_REAL;
    }
}

rh_status custom_command_answer(custom_command *command, const rh_field *value, rh_arena *scratch,
                                rh_field *out, rh_error *err)
{
    const uint8_t *end = command->answers.data + command->answers.len;
    const uint8_t *newline = memchr(command->next, '\n', (size_t)(end - command->next));
    size_t len = (size_t)(newline - command->next);
    uint8_t *text = rh_arena_alloc(scratch, len + 1);
    rh_field answer = {.kind = RH_FIELD_TEXT, .data = text};
    rh_status status = RH_OK;

    if (text == NULL)
        return rh_error_oom(err);
    if (len == sizeof NULL_ANSWER - 1 && memcmp(command->next, NULL_ANSWER, len) == 0)
        answer = (rh_field){.kind = RH_FIELD_NULL};
    else if (!unescape(command->next, len, text, &answer.len))
        status = rh_error_set(err, RH_EFORMAT, "an answer has a backslash that escapes nothing");
    else
        set_kind(value, &answer);
    if (status == RH_OK && answer.kind == RH_FIELD_TEXT &&
        (!rh_str_is_utf8((const char *)text, answer.len) ||
         (command->format == RH_ROWS_PGCOPY && memchr(text, '\0', answer.len) != NULL)))
        status = rh_error_set(err, RH_EFORMAT, "an answer is not valid text");
    command->next = newline + 1;
    if (status == RH_OK)
        *out = answer;
    return say_column(command, status, err);
}
