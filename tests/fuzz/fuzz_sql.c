/*
 * SQL text in both dialects: tokens, pieces, shapes, levels, values. Spans lie inside of the text,
 * tokens cover it in order, every literal is listed.
 *
 * modules: core_base core_sql
 */
#include <assert.h>
#include <string.h>

#include "core/mem.h"
#include "core/sql_columns.h"
#include "core/sql_fingerprint.h"
#include "fuzz.h"

static void check_tokens(rh_sql_dialect dialect, const char *text, size_t len)
{
    rh_sql_scan scan;
    rh_sql_piece piece;
    size_t at = 0;

    rh_sql_scan_init(&scan, dialect, text, len);
    for (;;) {
        rh_sql_token token = rh_sql_scan_next(&scan);

        assert(token.offset >= at && token.offset + token.len <= len);
        at = token.offset + token.len;
        if (token.kind == RH_SQL_TOKEN_END)
            break;
        assert(token.len > 0);
    }
    rh_sql_scan_init(&scan, dialect, text, len);
    at = 0;
    while (rh_sql_split_next(&scan, &piece)) {
        assert(piece.len > 0 && piece.offset >= at && piece.offset + piece.len <= len);
        at = piece.offset + piece.len;
    }
}

static void check_shape(rh_sql_dialect dialect, const char *text, size_t len)
{
    rh_sql_shapes *shapes = rh_sql_shapes_new(dialect, 0);
    const rh_sql_shape *first;
    const rh_sql_shape *again;
    rh_status status;

    assert(shapes != NULL);
    status = rh_sql_shapes_get(shapes, text, len, &first, NULL);
    assert(status == RH_OK && strlen(first->hex) == 16);
    status = rh_sql_shapes_get(shapes, text, len, &again, NULL);
    assert(status == RH_OK && first == again);
    rh_sql_shapes_free(shapes);
}

static void check_levels(rh_sql_dialect dialect, const char *text, size_t len)
{
    rh_sql_levels *levels = NULL;
    rh_status status = rh_sql_levels_new(dialect, text, len, NULL, &levels, NULL);

    assert(status == RH_OK);
    assert((rh_sql_levels_count(levels) == 0) == (rh_sql_levels_problem(levels) != NULL));
    for (size_t i = 0; i < rh_sql_levels_count(levels); i++) {
        const rh_sql_level *level = rh_sql_levels_at(levels, i);
        const rh_sql_level *parent;

        assert(level->offset + level->length <= len && level->length > 0);
        assert(level->line > 0 && level->column > 0);
        assert((level->parent == RH_SQL_NONE) == (i == 0));
        if (i == 0)
            continue;
        assert(level->parent < i);
        parent = rh_sql_levels_at(levels, level->parent);
        assert(level->offset >= parent->offset);
        assert(level->offset + level->length <= parent->offset + parent->length);
        if (level->kind != RH_SQL_LEVEL_ARM && level->clause != RH_SQL_CLAUSE_INSERT) {
            assert(text[level->offset] == '(');
            assert(text[level->offset + level->length - 1] == ')');
        }
    }
    rh_sql_levels_free(levels);
}

static bool is_literal(rh_sql_token_kind kind)
{
    return kind == RH_SQL_TOKEN_STRING || kind == RH_SQL_TOKEN_BYTES ||
           kind == RH_SQL_TOKEN_NUMBER || kind == RH_SQL_TOKEN_PARAMETER;
}

/* No literal may be missing from the list: masking relies on it. */
static void check_values(rh_sql_dialect dialect, const char *text, size_t len)
{
    rh_sql_values *values = NULL;
    rh_status status = rh_sql_values_new(dialect, text, len, NULL, &values, NULL);
    rh_sql_scan scan;
    size_t i = 0;
    size_t count;

    assert(status == RH_OK);
    count = rh_sql_values_count(values);
    rh_sql_scan_init(&scan, dialect, text, len);
    for (;;) {
        rh_sql_token token = rh_sql_scan_next_code(&scan);

        if (token.kind == RH_SQL_TOKEN_END)
            break;
        if (!is_literal(token.kind))
            continue;
        while (i < count &&
               rh_sql_values_at(values, i)->offset + rh_sql_values_at(values, i)->len <=
                   token.offset)
            i++;
        assert(i < count && rh_sql_values_at(values, i)->offset <= token.offset);
    }
    for (size_t k = 1; k < count; k++)
        assert(rh_sql_values_at(values, k)->offset >=
               rh_sql_values_at(values, k - 1)->offset + rh_sql_values_at(values, k - 1)->len);
    rh_sql_values_free(values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    long blocks = rh_mem_live_blocks();
    /* A copy of its own size, so that a read behind the end is seen. */
    char *text = rh_mem_strndup((const char *)data, size);

    assert(text != NULL);
    for (int d = RH_SQL_POSTGRES; d <= RH_SQL_SQLITE; d++) {
        rh_sql_dialect dialect = (rh_sql_dialect)d;

        check_tokens(dialect, text, size);
        (void)rh_sql_command_of(dialect, text, size);
        check_shape(dialect, text, size);
        check_levels(dialect, text, size);
        check_values(dialect, text, size);
    }
    rh_mem_free(text);
    assert(rh_mem_live_blocks() == blocks);
    return 0;
}
