/*
 * See schema_default.h. Statements are found by their tokens, so it does not matter how names are
 * quoted or lines are broken. What looks like such a statement inside of a function's body is
 * treated as one: it would make the same value.
 */
#include "schema_default.h"

#include <string.h>

#include "core/engine_dialect.h"
#include "core/mem.h"
#include "core/sql_literal.h"
#include "core/sql_name.h"

enum { MAX_LITERAL = 8192 };

/* ---- literals ---- */

/* The value of a default that is one literal; RH_SKIPPED for every other expression. *out_rest is
 * what stands behind it, a cast. */
static rh_status literal_value(rh_sql_dialect dialect, const char *text, rh_buf *out,
                               const char **out_rest, rh_error *err)
{
    rh_sql_scan scan = rh_sql_scan_of(dialect, text);
    rh_sql_token token = rh_sql_scan_next_code(&scan);
    bool negative = rh_sql_token_is(&token, text, "-");
    rh_sql_token next;
    bool quoted;

    if (negative)
        token = rh_sql_scan_next_code(&scan);
    /* A name cannot be a default: SQLite takes "x" for a text there. */
    quoted = (token.kind == RH_SQL_TOKEN_STRING && text[token.offset] == '\'') ||
             (token.kind == RH_SQL_TOKEN_IDENT && text[token.offset] == '"');
    if ((!quoted && token.kind != RH_SQL_TOKEN_NUMBER) || token.len > MAX_LITERAL ||
        (quoted && negative))
        return RH_SKIPPED;
    *out_rest = text + scan.at;
    next = rh_sql_scan_next_code(&scan);
    if (next.kind != RH_SQL_TOKEN_END && !rh_sql_token_is(&next, text, "::"))
        return RH_SKIPPED;
    if (negative && rh_buf_append_byte(out, '-', err) != RH_OK)
        return RH_ENOMEM;
    return rh_sql_literal_decode(dialect, text + token.offset, token.len, out, err);
}

static rh_status put_literal(rh_sql_dialect dialect, const rh_field *value, const char *rest,
                             rh_buf *out, rh_error *err)
{
    rh_status status;

    if (value->kind == RH_FIELD_NULL)
        return rh_buf_append_str(out, "NULL", err);
    status = rh_sql_literal_quote(dialect, (const char *)value->data, value->len, out, err);
    return status == RH_OK ? rh_buf_append_str(out, rest, err) : status;
}

/* ---- finding them ---- */

static rh_status mask_default(const rh_anonymizer *anonymizer, const rh_mask *mask,
                              schema_image *item, rh_arena *scratch, rh_error *err)
{
    const rh_sql_dialect dialect = rh_engine_dialect(rh_anonymizer_engine(anonymizer));
    const rh_masked_column column = {.mask = mask,
                                     .seen_as = rh_anonymizer_seen_kind(item->column)};
    const char *rest = "";
    rh_buf text = RH_BUF_INIT_WIPING;
    rh_field value;
    rh_field masked;
    rh_status status = literal_value(dialect, item->text, &text, &rest, err);

    if (status == RH_OK) {
        value = (rh_field){.kind = RH_FIELD_TEXT, .data = text.data, .len = text.len};
        masked = value;
        status = rh_mask_apply(mask, &value, NULL, scratch, &masked, err);
        if (status == RH_OK)
            status = rh_anonymizer_remember(anonymizer, &column, &value, &masked, err);
        if (status == RH_OK)
            status = put_literal(dialect, &masked, rest, &item->image, err);
        if (status != RH_OK)
            rh_error_where(err, "default of column '%s.%s'", item->table->full_name,
                           item->column->name);
    }
    rh_buf_wipe_done(&text);
    return status;
}

/* Masks of single values: one that needs the row, or somebody else, has none for a default. */
static bool follows(const rh_mask *mask)
{
    size_t others = 0;

    if (mask == NULL || rh_mask_custom_of(mask) != NULL)
        return false;
    (void)rh_mask_reads(mask, &others);
    return others == 0;
}

rh_status masked_defaults_find(const rh_anonymizer *anonymizer, schema_images *out, rh_error *err)
{
    size_t count = rh_bound_count(anonymizer->bound);
    rh_arena *scratch = rh_arena_new_wiping(0);
    rh_status status = schema_images_init(out, count, err);

    if (status == RH_OK && scratch == NULL)
        status = rh_error_oom(err);
    for (size_t i = 0; status == RH_OK && i < count; i++) {
        const rh_mask *mask = rh_bound_mask(anonymizer->bound, i);
        const rh_decision *decision = rh_bound_at(anonymizer->bound, i);
        const char *text = decision->column->default_text;

        if (text == NULL || !follows(mask))
            continue;
        status = mask_default(anonymizer, mask,
                              schema_images_add(out, decision->table, decision->column, text),
                              scratch, err);
        if (status == RH_SKIPPED) {
            schema_images_drop(out);
            status = RH_OK;
        }
        rh_arena_reset(scratch);
    }
    rh_arena_free(scratch);
    if (status != RH_OK)
        schema_images_done(out);
    return status;
}

/* ---- replacing them ---- */

typedef struct walk {
    const schema_images *defaults;
    rh_sql_scan scan;
    size_t copied; /* text before it is in out */
    rh_buf *out;
} walk;

static rh_sql_token next(walk *w)
{
    return rh_sql_scan_next_code(&w->scan);
}

static bool is(const walk *w, const rh_sql_token *token, const char *word)
{
    return rh_sql_token_is(token, w->scan.text, word);
}

static bool names(const walk *w, const rh_sql_token *token, const char *name)
{
    return rh_sql_token_names(w->scan.dialect, token, w->scan.text, name);
}

/* [schema.]name; token is the first part and becomes what follows. */
static bool names_table(walk *w, rh_sql_token *token, const rh_structure_table *table)
{
    rh_sql_token name = *token;

    *token = next(w);
    if (is(w, token, ".")) {
        name = next(w);
        *token = next(w);
    }
    return names(w, &name, table->name);
}

/* At DEFAULT: put the image in its place when the schema's text stands there. */
static rh_status replace_here(walk *w, const schema_image *item, rh_error *err)
{
    const char *text = w->scan.text;
    size_t at = w->scan.at;
    size_t len = strlen(item->text);
    rh_status status;

    while (at < w->scan.len && strchr(" \t\r\n", text[at]) != NULL && text[at] != '\0')
        at++;
    if (w->scan.len - at < len || memcmp(text + at, item->text, len) != 0)
        return RH_OK;
    status = rh_buf_append(w->out, text + w->copied, at - w->copied, err);
    if (status == RH_OK)
        status = rh_buf_append(w->out, item->image.data, item->image.len, err);
    w->copied = w->scan.at = at + len;
    return status;
}

static const schema_image *find_item(const walk *w, const rh_structure_table *table,
                                     const rh_sql_token *name)
{
    for (size_t i = 0; i < w->defaults->count; i++) {
        const schema_image *item = &w->defaults->items[i];

        if (item->table == table && names(w, name, item->column->name))
            return item;
    }
    return NULL;
}

/* Behind the opening bracket of CREATE TABLE. */
static rh_status walk_columns(walk *w, const rh_structure_table *table, rh_error *err)
{
    const schema_image *item = NULL;
    bool first = true; /* of a definition */
    size_t depth = 1;
    rh_status status = RH_OK;

    while (status == RH_OK && depth > 0) {
        rh_sql_token token = next(w);

        if (token.kind == RH_SQL_TOKEN_END)
            break;
        if (first)
            item = find_item(w, table, &token);
        first = depth == 1 && token.kind == RH_SQL_TOKEN_COMMA;
        if (token.kind == RH_SQL_TOKEN_OPEN)
            depth++;
        else if (token.kind == RH_SQL_TOKEN_CLOSE)
            depth--;
        else if (depth == 1 && item != NULL && is(w, &token, "default"))
            status = replace_here(w, item, err);
    }
    return status;
}

/* ALTER [COLUMN] name SET DEFAULT */
static rh_status walk_alter(walk *w, rh_sql_token token, const rh_structure_table *table,
                            rh_error *err)
{
    const schema_image *item;

    if (!is(w, &token, "alter"))
        return RH_OK;
    token = next(w);
    if (is(w, &token, "column"))
        token = next(w);
    item = find_item(w, table, &token);
    if (item == NULL || (token = next(w), !is(w, &token, "set")) ||
        (token = next(w), !is(w, &token, "default")))
        return RH_OK;
    return replace_here(w, item, err);
}

/* A statement about the table begins at start; the scan is left anywhere behind it. */
static rh_status walk_statement(walk *w, size_t start, const rh_structure_table *table,
                                rh_error *err)
{
    rh_sql_token token;
    bool create;

    w->scan.at = start;
    token = next(w);
    create = is(w, &token, "create");
    if (!create && !is(w, &token, "alter"))
        return RH_OK;
    do {
        token = next(w);
    } while (is(w, &token, "unlogged") || is(w, &token, "foreign"));
    if (!is(w, &token, "table"))
        return RH_OK;
    token = next(w);
    while (is(w, &token, "if") || is(w, &token, "not") || is(w, &token, "exists") ||
           is(w, &token, "only"))
        token = next(w);
    if (!names_table(w, &token, table))
        return RH_OK;
    if (!create)
        return walk_alter(w, token, table, err);
    return token.kind == RH_SQL_TOKEN_OPEN ? walk_columns(w, table, err) : RH_OK;
}

/* One table's statements over the whole text. */
static rh_status apply_table(const schema_images *defaults, const rh_structure_table *table,
                             rh_sql_dialect dialect, const rh_buf *in, rh_buf *out, rh_error *err)
{
    const char *sql = rh_buf_cstr(in);
    const char *end = sql + in->len;
    walk w = {.defaults = defaults, .out = out};
    rh_status status = RH_OK;

    rh_sql_scan_init(&w.scan, dialect, sql, in->len);
    /* Statements begin at the beginning of a line. */
    for (const char *line = sql; status == RH_OK && line != NULL && line < end;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        size_t at = (size_t)(line - sql);

        if (at >= w.copied && (*line == 'C' || *line == 'c' || *line == 'A'))
            status = walk_statement(&w, at, table, err);
        line = newline == NULL ? NULL : newline + 1;
    }
    return status == RH_OK ? rh_buf_append(out, sql + w.copied, in->len - w.copied, err) : status;
}

rh_status masked_defaults_apply(const schema_images *defaults, rh_sql_dialect dialect,
                                const char *sql, size_t len, rh_buf *out, rh_error *err)
{
    rh_buf text = RH_BUF_INIT_WIPING;
    const rh_structure_table *done = NULL;
    rh_status status = rh_buf_append(&text, sql, len, err);

    for (size_t i = 0; status == RH_OK && i < defaults->count; i++) {
        rh_buf changed = RH_BUF_INIT_WIPING;

        if (defaults->items[i].table == done)
            continue; /* decisions stand in the order of the tables */
        done = defaults->items[i].table;
        status = apply_table(defaults, done, dialect, &text, &changed, err);
        if (status == RH_OK) {
            rh_buf_wipe_done(&text);
            text = changed;
        } else {
            rh_buf_wipe_done(&changed);
        }
    }
    if (status == RH_OK && text.len > 0)
        status = rh_buf_append(out, text.data, text.len, err);
    rh_buf_wipe_done(&text);
    return status;
}
