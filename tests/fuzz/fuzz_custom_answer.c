/*
 * What the command of a custom mask answers, line by line: a value, or a refusal that does not show
 * it. The first byte chooses the engine's rows and the kind of the value that was asked about.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "anonymize/mask.h"
#include "core/mem.h"
#include "custom.h"
#include "fuzz.h"

/* The command is never run: only its answers are read. */
static const rh_masked_column *column(void)
{
    static const char rule[] = "{mask: custom, command: [cat]}";
    static const rh_mask_key key = {{1, 2, 3}};
    static const rh_structure_column table_column = {
        .name = "c", .type = "text", .base_type = "text", .max_chars = -1, .precision = -1};
    static rh_masked_column masked;
    static rh_doc *doc;
    static const rh_structure_table table = {.schema = "s", .name = "t"};
    rh_mask_request request = {.kind = "custom",
                               .table = &table,
                               .domain = "d",
                               .key = &key,
                               .engine = RH_ENGINE_POSTGRESQL,
                               .column = &table_column};
    rh_mask *mask = NULL;

    if (masked.mask != NULL)
        return &masked;
    if (rh_doc_parse("rule", rule, strlen(rule), &doc, NULL) != RH_OK)
        abort();
    request.doc = doc;
    request.parameters = rh_doc_root(doc);
    if (rh_mask_compile(&request, &mask, NULL) != RH_OK)
        abort();
    masked.mask = mask;
    return &masked;
}

static void take_answers(custom_command *command, const rh_field *value)
{
    const uint8_t *end = command->answers.data + command->answers.len;
    rh_arena *scratch = rh_arena_new(0);

    while (scratch != NULL && command->next < end) {
        rh_error err = RH_ERROR_INIT;
        rh_field out = {.kind = RH_FIELD_NULL};

        if (custom_command_answer(command, value, scratch, &out, &err) != RH_OK)
            assert(strstr(err.text, "an answer") != NULL);
        else if (command->format == RH_ROWS_PGCOPY && out.kind == RH_FIELD_TEXT)
            assert(memchr(out.data, '\0', out.len) == NULL);
        rh_arena_reset(scratch);
    }
    rh_arena_free(scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const rh_field_kind kinds[] = {RH_FIELD_TEXT, RH_FIELD_INTEGER, RH_FIELD_REAL,
                                          RH_FIELD_BLOB};
    rh_field value = {.kind = RH_FIELD_TEXT, .data = (const uint8_t *)"", .len = 0};
    custom_command command = {.name = "fuzz", .column = column()};

    if (size == 0)
        return 0;
    command.format = (data[0] & 4) != 0 ? RH_ROWS_PGCOPY : RH_ROWS_SQLITE;
    value.kind = command.format == RH_ROWS_PGCOPY ? RH_FIELD_TEXT : kinds[data[0] & 3];
    rh_buf_init(&command.answers, size + 1);
    /* Lines are whole when the process has been talked to (rh_talk_lines). */
    if (rh_buf_append(&command.answers, data + 1, size - 1, NULL) == RH_OK &&
        rh_buf_append_byte(&command.answers, '\n', NULL) == RH_OK) {
        command.next = command.answers.data;
        take_answers(&command, &value);
    }
    rh_buf_done(&command.answers);
    return 0;
}
