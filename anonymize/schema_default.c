/*
 * See schema_default.h. Statements are found by their tokens, so it does not matter how names are
 * quoted or lines are broken. What looks like such a statement inside of a function's body is
 * treated as one: it would make the same value.
 */
#include "schema_default.h"

#include <string.h>

#include "anonymize/sql_token.h"
#include "core/mem.h"

enum { MAX_LITERAL = 8192 };

/* ---- literals ---- */

/* The value of a default that is one literal; RH_SKIPPED for every other expression. */
static rh_status literal_value(const char *text, rh_arena *scratch, rh_field *out,
                               const char **out_rest, rh_error *err)
{
    const char *at = text;
    sql_token sign = sql_next(&at);
    sql_token token = sign;
    bool negative = sql_is(&sign, "-");
    bool quoted;
    char *value;
    size_t len = 0;

    if (negative)
        token = sql_next(&at);
    /* A name cannot be a default: SQLite takes "x" for a text there. */
    quoted = token.kind == SQL_TEXT || (token.kind == SQL_NAME && token.at[0] == '"');
    if ((!quoted && token.kind != SQL_NUMBER) || token.len > MAX_LITERAL || (quoted && negative) ||
        (token.kind == SQL_TEXT && token.at[0] != '\''))
        return RH_SKIPPED;
    *out_rest = at;
    sql_token next = sql_next(&at);

    if (next.kind != SQL_END && !sql_is(&next, "::"))
        return RH_SKIPPED;
    value = rh_arena_alloc(scratch, token.len + 2);
    if (value == NULL)
        return rh_error_oom(err);
    if (negative)
        value[len++] = '-';
    for (size_t i = quoted ? 1 : 0; i + (quoted ? 1 : 0) < token.len; i++) {
        value[len++] = token.at[i];
        if (quoted && token.at[i] == token.at[0])
            i++;
    }
    *out = (rh_field){.kind = RH_FIELD_TEXT, .data = (const uint8_t *)value, .len = len};
    return RH_OK;
}

static rh_status put_literal(const rh_field *value, const char *rest, rh_buf *out, rh_error *err)
{
    rh_status status = RH_OK;

    if (value->kind == RH_FIELD_NULL)
        return rh_buf_append_str(out, "NULL", err);
    status = rh_buf_append_byte(out, '\'', err);
    for (size_t i = 0; status == RH_OK && i < value->len; i++) {
        if (value->data[i] == '\'')
            status = rh_buf_append_byte(out, '\'', err);
        if (status == RH_OK)
            status = rh_buf_append_byte(out, value->data[i], err);
    }
    if (status == RH_OK)
        status = rh_buf_append_byte(out, '\'', err);
    return status == RH_OK ? rh_buf_append_str(out, rest, err) : status;
}

/* ---- finding them ---- */

static rh_status mask_default(const rh_anonymizer *anonymizer, const rh_mask *mask,
                              schema_image *item, rh_arena *scratch, rh_error *err)
{
    const rh_masked_column column = {.mask = mask,
                                     .seen_as = rh_anonymizer_seen_kind(item->column)};
    const char *rest = "";
    rh_field value;
    rh_field masked;
    rh_status status = literal_value(item->text, scratch, &value, &rest, err);

    if (status != RH_OK)
        return status;
    masked = value;
    status = rh_mask_apply(mask, &value, NULL, scratch, &masked, err);
    if (status == RH_OK)
        status = rh_anonymizer_remember(anonymizer, &column, &value, &masked, err);
    if (status == RH_OK)
        status = put_literal(&masked, rest, &item->image, err);
    if (status != RH_OK)
        rh_error_where(err, "default of column '%s.%s'", item->table->full_name,
                       item->column->name);
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
    const char *at;     /* behind the tokens read so far */
    const char *copied; /* text before it is in out */
    const char *end;
    rh_buf *out;
} walk;

static sql_token next(walk *w)
{
    sql_token token = sql_next(&w->at);

    if (w->at > w->end)
        token.kind = SQL_END;
    return token;
}

/* [schema.]name; token is the first part and becomes what follows. */
static bool names_table(walk *w, sql_token *token, const rh_structure_table *table)
{
    const char *before = w->at;
    sql_token dot = next(w);

    if (sql_is(&dot, ".")) {
        sql_token name = next(w);

        *token = next(w);
        return sql_names(&name, table->name);
    }
    w->at = before;
    bool same = sql_names(token, table->name);

    *token = next(w);
    return same;
}

/* At DEFAULT: put the image in its place when the schema's text stands there. */
static rh_status replace_here(walk *w, const schema_image *item, rh_error *err)
{
    const char *text = w->at + strspn(w->at, " \t\r\n");
    size_t len = strlen(item->text);
    rh_status status;

    if ((size_t)(w->end - text) < len || strncmp(text, item->text, len) != 0)
        return RH_OK;
    status = rh_buf_append(w->out, w->copied, (size_t)(text - w->copied), err);
    if (status == RH_OK)
        status = rh_buf_append(w->out, item->image.data, item->image.len, err);
    w->copied = w->at = text + len;
    return status;
}

/* sql_names, and SQLite's [name]. */
static bool names(const sql_token *token, const char *name)
{
    size_t len = strlen(name);

    if (sql_is(token, "["))
        return strncmp(token->at + 1, name, len) == 0 && token->at[1 + len] == ']';
    return sql_names(token, name);
}

static const schema_image *find_item(const walk *w, const rh_structure_table *table,
                                     const sql_token *name)
{
    for (size_t i = 0; i < w->defaults->count; i++) {
        const schema_image *item = &w->defaults->items[i];

        if (item->table == table && names(name, item->column->name))
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
        sql_token token = next(w);

        if (token.kind == SQL_END)
            break;
        if (first)
            item = find_item(w, table, &token);
        first = depth == 1 && sql_is(&token, ",");
        if (sql_is(&token, "("))
            depth++;
        else if (sql_is(&token, ")"))
            depth--;
        else if (depth == 1 && item != NULL && sql_is(&token, "default"))
            status = replace_here(w, item, err);
    }
    return status;
}

/* ALTER [COLUMN] name SET DEFAULT */
static rh_status walk_alter(walk *w, sql_token token, const rh_structure_table *table,
                            rh_error *err)
{
    const schema_image *item;

    if (!sql_is(&token, "alter"))
        return RH_OK;
    token = next(w);
    if (sql_is(&token, "column"))
        token = next(w);
    item = find_item(w, table, &token);
    if (item == NULL || (token = next(w), !sql_is(&token, "set")) ||
        (token = next(w), !sql_is(&token, "default")))
        return RH_OK;
    return replace_here(w, item, err);
}

/* A statement about the table begins at start; w->at is left anywhere behind it. */
static rh_status walk_statement(walk *w, const char *start, const rh_structure_table *table,
                                rh_error *err)
{
    sql_token token;
    bool create;

    w->at = start;
    token = next(w);
    create = sql_is(&token, "create");
    if (!create && !sql_is(&token, "alter"))
        return RH_OK;
    do {
        token = next(w);
    } while (sql_is(&token, "unlogged") || sql_is(&token, "foreign"));
    if (!sql_is(&token, "table"))
        return RH_OK;
    token = next(w);
    while (sql_is(&token, "if") || sql_is(&token, "not") || sql_is(&token, "exists") ||
           sql_is(&token, "only"))
        token = next(w);
    if (!names_table(w, &token, table))
        return RH_OK;
    if (!create)
        return walk_alter(w, token, table, err);
    return sql_is(&token, "(") ? walk_columns(w, table, err) : RH_OK;
}

/* One table's statements over the whole text. */
static rh_status apply_table(const schema_images *defaults, const rh_structure_table *table,
                             const rh_buf *in, rh_buf *out, rh_error *err)
{
    const char *sql = rh_buf_cstr(in);
    walk w = {defaults, sql, sql, sql + in->len, out};
    rh_status status = RH_OK;

    /* Statements begin at the beginning of a line. */
    for (const char *line = sql; status == RH_OK && line != NULL && line < w.end;) {
        const char *newline = memchr(line, '\n', (size_t)(w.end - line));

        if (line >= w.copied && (*line == 'C' || *line == 'c' || *line == 'A'))
            status = walk_statement(&w, line, table, err);
        line = newline == NULL ? NULL : newline + 1;
    }
    return status == RH_OK ? rh_buf_append(out, w.copied, (size_t)(w.end - w.copied), err) : status;
}

rh_status masked_defaults_apply(const schema_images *defaults, const char *sql, size_t len,
                                rh_buf *out, rh_error *err)
{
    rh_buf text = RH_BUF_INIT_WIPING;
    const rh_structure_table *done = NULL;
    rh_status status = rh_buf_append(&text, sql, len, err);

    for (size_t i = 0; status == RH_OK && i < defaults->count; i++) {
        rh_buf changed = RH_BUF_INIT_WIPING;

        if (defaults->items[i].table == done)
            continue; /* decisions stand in the order of the tables */
        done = defaults->items[i].table;
        status = apply_table(defaults, done, &text, &changed, err);
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
