/*
 * See output.h.
 */
#include "output.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/display.h"

int cli_exit_code(rh_status status)
{
    if (status >= 0)
        return 0;
    return status == RH_EMISMATCH ? 1 : 2;
}

bool cli_print_json(const cli_context *context, const json_t *document)
{
    if (!context->json)
        return false;
    json_dumpf(document, stdout, JSON_INDENT(2) | JSON_SORT_KEYS);
    fputc('\n', stdout);
    return true;
}

void cli_print(const cli_context *context, const char *format, ...)
{
    va_list arguments;

    if (context->json || context->quiet)
        return;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
}

static json_t *problems_json(const rh_problems *problems)
{
    json_t *list = json_array();

    for (size_t i = 0; list != NULL && i < problems->count; i++) {
        const rh_problem *problem = &problems->items[i];
        json_t *item = json_pack("{s:b, s:s, s:s?}", "fatal", problem->fatal, "text", problem->text,
                                 "hint", problem->hint);

        if (json_array_append_new(list, item) != 0)
            break;
    }
    return list;
}

static void print_error_json(const cli_context *context, const rh_error *err)
{
    json_t *document =
        json_pack("{s:{s:s, s:s, s:s, s:s}, s:o}", "error", "code", rh_status_name(err->code),
                  "text", err->text, "hint", err->hint, "sqlstate", err->sqlstate, "problems",
                  problems_json(&context->problems));

    if (document == NULL)
        return;
    json_dumpf(document, stdout, JSON_INDENT(2) | JSON_SORT_KEYS);
    fputc('\n', stdout);
    json_decref(document);
}

enum { TEXT_WIDTH = 80 };

/* Names and texts of databases stand in it: a terminal must not take any of it for a command. */
static void print_word(const cli_context *context, const char *word, size_t len)
{
    char piece[256];

    while (len > 0) {
        size_t size = len;

        if (size > sizeof piece) { /* at a character, where there is one */
            size = sizeof piece;
            while (size > sizeof piece - 4 && ((unsigned char)word[size] & 0xC0) == 0x80)
                size--;
        }
        memcpy(piece, word, size);
        rh_display_clean(piece, size);
        cli_print(context, "%.*s", (int)size, piece);
        word += size;
        len -= size;
    }
}

void cli_print_wrapped(const cli_context *context, size_t indent, const char *first,
                       const char *paragraph)
{
    size_t column = indent + rh_display_columns(first, strlen(first));
    bool begun = false;

    cli_print(context, "%*s%s", (int)indent, "", first);
    indent = column;
    while (*paragraph != '\0') {
        size_t len = strcspn(paragraph, " ");
        size_t columns = rh_display_columns(paragraph, len);

        if (begun && column + 1 + columns > TEXT_WIDTH) {
            cli_print(context, "\n%*s", (int)indent, "");
            column = indent;
        } else if (begun) {
            cli_print(context, " ");
            column++;
        }
        print_word(context, paragraph, len);
        column += columns;
        paragraph += len;
        paragraph += strspn(paragraph, " ");
        begun = true;
    }
    cli_print(context, "\n");
}

void cli_print_error(const cli_context *context, const rh_error *err)
{
    if (context->json)
        print_error_json(context, err);
    fprintf(stderr, "rehearse: error: %s\n", err->text);
    if (err->hint[0] != '\0')
        fprintf(stderr, "  hint: %s\n", err->hint);
}

void cli_print_problems(const cli_context *context)
{
    for (size_t i = 0; i < context->problems.count; i++) {
        const rh_problem *problem = &context->problems.items[i];

        if (context->quiet && !problem->fatal)
            continue;
        fprintf(stderr, "rehearse: %s: %s\n", problem->fatal ? "problem" : "note", problem->text);
        if (problem->hint != NULL)
            fprintf(stderr, "  hint: %s\n", problem->hint);
    }
}

const char *cli_format_duration(int64_t us, char out[32])
{
    if (us < 1000000)
        snprintf(out, 32, "%lld ms", (long long)(us / 1000));
    else if (us < 60000000)
        snprintf(out, 32, "%.1f s", (double)us / 1e6);
    else if (us < INT64_C(3600000000))
        snprintf(out, 32, "%lld min %lld s", (long long)(us / 60000000),
                 (long long)(us / 1000000 % 60));
    else
        snprintf(out, 32, "%lld h %lld min", (long long)(us / INT64_C(3600000000)),
                 (long long)(us / 60000000 % 60));
    return out;
}

int64_t cli_json_number(const json_t *json, const char *key)
{
    return (int64_t)json_integer_value(json_object_get(json, key));
}

const char *cli_json_text(const json_t *json, const char *key, const char *missing)
{
    const char *value = json_string_value(json_object_get(json, key));

    return value == NULL ? missing : value;
}
