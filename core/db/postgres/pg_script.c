#include "pg_script.h"

#include <string.h>

#include "core/mem.h"
#include "core/str.h"

const char *rh_pg_token_name(rh_arena *arena, const rh_pg_token *token)
{
    char *name = rh_arena_alloc(arena, token->len + 1);
    size_t n = 0;

    if (name == NULL)
        return NULL;
    if (token->kind == RH_PG_TOKEN_IDENT && token->len >= 2) {
        for (size_t i = 1; i + 1 < token->len; i++) {
            if (token->text[i] == '"')
                i++; /* the second of two */
            name[n++] = token->text[i];
        }
    } else {
        for (; n < token->len; n++) {
            char c = token->text[n];
            name[n] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        }
    }
    name[n] = '\0';
    return name;
}

/* ---- one statement ---- */

/* Reads tokens of one statement with one token of look-ahead. */
typedef struct reader {
    rh_pg_lexer lexer;
    rh_pg_token token; /* the current one */
    rh_arena *arena;
    bool out_of_memory;
} reader;

static void advance(reader *r)
{
    r->token = rh_pg_lexer_next_code(&r->lexer);
}

static bool accept(reader *r, const char *word)
{
    if (!rh_pg_token_is(&r->token, word))
        return false;
    advance(r);
    return true;
}

static const char *accept_name(reader *r)
{
    const char *name = NULL;

    if (r->token.kind == RH_PG_TOKEN_WORD || r->token.kind == RH_PG_TOKEN_IDENT) {
        name = rh_pg_token_name(r->arena, &r->token);
        if (name == NULL)
            r->out_of_memory = true;
        advance(r);
    }
    return name;
}

/* schema.name; pg_dump qualifies everything. */
static bool accept_qualified(reader *r, const char **schema, const char **name)
{
    *schema = accept_name(r);
    if (*schema == NULL || !accept(r, "."))
        return false;
    *name = accept_name(r);
    return *name != NULL;
}

static void read_foreign_key(reader *r, rh_pg_item *item)
{
    rh_pg_token before = {RH_PG_TOKEN_END, NULL, 0};

    while (r->token.kind != RH_PG_TOKEN_END && !accept(r, "references"))
        advance(r);
    if (!accept_qualified(r, &item->to_schema, &item->to_table))
        return;
    item->kind = RH_PG_ITEM_FOREIGN_KEY;
    while (r->token.kind != RH_PG_TOKEN_END) {
        if (rh_pg_token_is(&r->token, "valid") && rh_pg_token_is(&before, "not"))
            item->not_valid = true;
        before = r->token;
        advance(r);
    }
}

/* After ALTER TABLE. */
static void read_alter_table(reader *r, rh_pg_item *item)
{
    item->only = accept(r, "only");
    if (!accept_qualified(r, &item->schema, &item->table) || !accept(r, "add") ||
        !accept(r, "constraint"))
        return;
    item->name = accept_name(r);
    if (rh_pg_token_is(&r->token, "primary") || rh_pg_token_is(&r->token, "unique") ||
        rh_pg_token_is(&r->token, "exclude"))
        item->kind = RH_PG_ITEM_CONSTRAINT;
    else if (accept(r, "foreign"))
        read_foreign_key(r, item);
}

/* After CREATE [UNIQUE] INDEX. */
static void read_create_index(reader *r, rh_pg_item *item)
{
    item->name = accept_name(r);
    if (!accept(r, "on"))
        return;
    item->only = accept(r, "only");
    if (accept_qualified(r, &item->schema, &item->table))
        item->kind = RH_PG_ITEM_INDEX;
}

/* ALTER ... OWNER TO role: the last words of the statement. */
static bool ends_with_owner(const rh_pg_statement *statement, bool standard_strings)
{
    rh_pg_lexer lexer;
    rh_pg_token last[3] = {{RH_PG_TOKEN_END, NULL, 0}};

    rh_pg_lexer_init(&lexer, statement->text, statement->len);
    lexer.standard_strings = standard_strings;
    for (;;) {
        rh_pg_token token = rh_pg_lexer_next_code(&lexer);

        if (token.kind == RH_PG_TOKEN_END)
            break;
        last[0] = last[1];
        last[1] = last[2];
        last[2] = token;
    }
    return rh_pg_token_is(&last[0], "owner") && rh_pg_token_is(&last[1], "to");
}

static void read_alter(reader *r, const rh_pg_statement *statement, rh_pg_item *item)
{
    if (accept(r, "table")) {
        read_alter_table(r, item);
    } else if (accept(r, "index")) {
        const char *schema;
        const char *name;

        if (accept_qualified(r, &schema, &name) && accept(r, "attach"))
            item->kind = RH_PG_ITEM_ATTACH;
    } else if (accept(r, "default") && rh_pg_token_is(&r->token, "privileges")) {
        item->kind = RH_PG_ITEM_PRIVILEGE;
    }
    if (item->kind == RH_PG_ITEM_OTHER && ends_with_owner(statement, r->lexer.standard_strings))
        item->kind = RH_PG_ITEM_OWNER;
}

static bool is_setting(reader *r)
{
    if (accept(r, "set"))
        return true;
    return accept(r, "select") && accept(r, "pg_catalog") && accept(r, ".") &&
           accept(r, "set_config");
}

static void classify(reader *r, const rh_pg_statement *statement, rh_pg_item *item)
{
    if (accept(r, "alter")) {
        read_alter(r, statement, item);
    } else if (accept(r, "create")) {
        (void)accept(r, "unique");
        if (accept(r, "index"))
            read_create_index(r, item);
    } else if (rh_pg_token_is(&r->token, "grant") || rh_pg_token_is(&r->token, "revoke")) {
        item->kind = RH_PG_ITEM_PRIVILEGE;
    } else if (accept(r, "refresh")) {
        if (accept(r, "materialized") && accept(r, "view") &&
            accept_qualified(r, &item->schema, &item->table))
            item->kind = RH_PG_ITEM_REFRESH;
    }
}

/* ---- the whole text ---- */

typedef struct parser {
    rh_pg_script *script;
    rh_pg_lexer lexer;
    rh_pg_token label; /* the newest "-- Name: ..." comment */
    size_t setting_cap;
    size_t item_cap;
} parser;

static void note_comment(void *ctx, const rh_pg_token *comment)
{
    static const char mark[] = "-- Name: ";
    parser *p = ctx;

    if (comment->len > sizeof mark - 1 && strncmp(comment->text, mark, sizeof mark - 1) == 0) {
        p->label = *comment;
        p->label.text += sizeof mark - 1;
        p->label.len -= sizeof mark - 1;
    }
}

static rh_status add_setting(parser *p, const char *sql, rh_error *err)
{
    rh_pg_script *script = p->script;

    if (script->setting_count == p->setting_cap) {
        size_t cap = p->setting_cap == 0 ? 32 : 2 * p->setting_cap;
        const char **grown = rh_mem_rearray(script->settings, cap, sizeof *grown);

        if (grown == NULL)
            return rh_error_oom(err);
        script->settings = grown;
        p->setting_cap = cap;
    }
    script->settings[script->setting_count++] = sql;
    return RH_OK;
}

static rh_status add_item(parser *p, const rh_pg_item *item, rh_error *err)
{
    rh_pg_script *script = p->script;

    if (script->item_count == p->item_cap) {
        size_t cap = p->item_cap == 0 ? 64 : 2 * p->item_cap;
        rh_pg_item *grown = rh_mem_rearray(script->items, cap, sizeof *grown);

        if (grown == NULL)
            return rh_error_oom(err);
        script->items = grown;
        p->item_cap = cap;
    }
    script->items[script->item_count++] = *item;
    return RH_OK;
}

/* SET standard_conforming_strings changes how the rest of the text reads. */
static void follow_setting(parser *p, const char *sql)
{
    if (strstr(sql, "standard_conforming_strings") != NULL)
        p->lexer.standard_strings = strstr(sql, "off") == NULL;
}

static rh_status add_statement(parser *p, const rh_pg_statement *statement, rh_error *err)
{
    rh_pg_script *script = p->script;
    const char *sql = rh_arena_strndup(script->arena, statement->text, statement->len);
    reader r = {.arena = script->arena};
    rh_pg_item item = {.kind = RH_PG_ITEM_OTHER, .sql = sql, .settings = script->setting_count};

    if (sql == NULL)
        return rh_error_oom(err);
    rh_pg_lexer_init(&r.lexer, statement->text, statement->len);
    r.lexer.standard_strings = p->lexer.standard_strings;
    advance(&r);
    if (is_setting(&r)) {
        follow_setting(p, sql);
        return add_setting(p, sql, err);
    }
    rh_pg_lexer_init(&r.lexer, statement->text, statement->len);
    r.lexer.standard_strings = p->lexer.standard_strings;
    advance(&r);
    classify(&r, statement, &item);
    item.label =
        p->label.text == NULL ? "" : rh_arena_strndup(script->arena, p->label.text, p->label.len);
    if (r.out_of_memory || item.label == NULL)
        return rh_error_oom(err);
    return add_item(p, &item, err);
}

void rh_pg_script_free(rh_pg_script *script)
{
    if (script == NULL)
        return;
    rh_arena_free(script->arena);
    rh_mem_free(script->settings);
    rh_mem_free(script->items);
    rh_mem_free(script);
}

rh_status rh_pg_script_parse(const char *text, size_t len, rh_pg_script **out, rh_error *err)
{
    rh_status status = RH_OK;
    rh_pg_statement statement;
    parser p = {.script = rh_mem_zalloc(sizeof(rh_pg_script))};

    if (p.script == NULL)
        return rh_error_oom(err);
    p.script->arena = rh_arena_new(64 * 1024);
    if (p.script->arena == NULL)
        status = rh_error_oom(err);
    else if (len > 0 && memchr(text, '\0', len) != NULL) /* would cut a statement short */
        status = rh_error_set(err, RH_EFORMAT, "the schema text holds a zero byte");
    rh_pg_lexer_init(&p.lexer, text, len);
    while (status == RH_OK && rh_pg_statement_next(&p.lexer, note_comment, &p, &statement)) {
        if (statement.meta)
            status = rh_error_set(err, RH_EFORMAT, "the schema text holds a psql command");
        else
            status = add_statement(&p, &statement, err);
    }
    if (status == RH_OK) {
        *out = p.script;
        p.script = NULL;
    }
    rh_pg_script_free(p.script);
    return status;
}
