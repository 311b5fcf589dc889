#include "pg_script.h"

#include <string.h>

#include "core/mem.h"
#include "core/sql_name.h"

/* ---- one statement ---- */

/* Reads tokens of one statement with one token of look-ahead. */
typedef struct reader {
    rh_sql_scan scan;
    rh_sql_token token; /* the current one */
    rh_arena *arena;
    bool out_of_memory;
} reader;

static void advance(reader *r)
{
    r->token = rh_sql_scan_next_code(&r->scan);
}

static bool at(const reader *r, const char *word)
{
    return rh_sql_token_is(&r->token, r->scan.text, word);
}

static bool accept(reader *r, const char *word)
{
    if (!at(r, word))
        return false;
    advance(r);
    return true;
}

static const char *accept_name(reader *r)
{
    char *name;

    if (!rh_sql_token_is_name(RH_SQL_POSTGRES, &r->token, r->scan.text))
        return NULL;
    name = rh_arena_alloc(r->arena, r->token.len + 1);
    if (name == NULL)
        r->out_of_memory = true;
    else
        rh_sql_name_decode(RH_SQL_POSTGRES, &r->token, r->scan.text, name);
    advance(r);
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
    rh_sql_token before = {.kind = RH_SQL_TOKEN_END};

    while (r->token.kind != RH_SQL_TOKEN_END && !accept(r, "references"))
        advance(r);
    if (!accept_qualified(r, &item->to_schema, &item->to_table))
        return;
    item->kind = RH_PG_ITEM_FOREIGN_KEY;
    while (r->token.kind != RH_SQL_TOKEN_END) {
        if (at(r, "valid") && rh_sql_token_is(&before, r->scan.text, "not"))
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
    if (at(r, "primary") || at(r, "unique") || at(r, "exclude"))
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
static bool ends_with_owner(const reader *r)
{
    rh_sql_scan scan = r->scan;
    rh_sql_token last[3] = {{.kind = RH_SQL_TOKEN_END}};

    scan.at = 0;
    for (;;) {
        rh_sql_token token = rh_sql_scan_next_code(&scan);

        if (token.kind == RH_SQL_TOKEN_END)
            break;
        last[0] = last[1];
        last[1] = last[2];
        last[2] = token;
    }
    return rh_sql_token_is(&last[0], scan.text, "owner") &&
           rh_sql_token_is(&last[1], scan.text, "to");
}

static void read_alter(reader *r, rh_pg_item *item)
{
    if (accept(r, "table")) {
        read_alter_table(r, item);
    } else if (accept(r, "index")) {
        const char *schema;
        const char *name;

        if (accept_qualified(r, &schema, &name) && accept(r, "attach"))
            item->kind = RH_PG_ITEM_ATTACH;
    } else if (accept(r, "default") && at(r, "privileges")) {
        item->kind = RH_PG_ITEM_PRIVILEGE;
    }
    if (item->kind == RH_PG_ITEM_OTHER && ends_with_owner(r))
        item->kind = RH_PG_ITEM_OWNER;
}

static bool is_setting(reader *r)
{
    if (accept(r, "set"))
        return true;
    return accept(r, "select") && accept(r, "pg_catalog") && accept(r, ".") &&
           accept(r, "set_config");
}

static void classify(reader *r, rh_pg_item *item)
{
    if (accept(r, "alter")) {
        read_alter(r, item);
    } else if (accept(r, "create")) {
        (void)accept(r, "unique");
        if (accept(r, "index"))
            read_create_index(r, item);
    } else if (at(r, "grant") || at(r, "revoke")) {
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
    rh_sql_scan scan;
    size_t label; /* the newest "-- Name: ..." comment, behind the mark; of label_len bytes */
    size_t label_len;
    size_t setting_cap;
    size_t item_cap;
} parser;

/* What stands between two statements: comments with names, and psql commands. */
static rh_status read_gap(parser *p, size_t from, size_t to, rh_error *err)
{
    static const char mark[] = "-- Name: ";
    const size_t mark_len = sizeof mark - 1;
    rh_sql_scan gap;

    rh_sql_scan_init(&gap, RH_SQL_POSTGRES, p->scan.text + from, to - from);
    for (;;) {
        rh_sql_token token = rh_sql_scan_next(&gap);

        if (token.kind == RH_SQL_TOKEN_END)
            return RH_OK;
        if (token.kind == RH_SQL_TOKEN_META)
            return rh_error_set(err, RH_EFORMAT, "the schema text holds a psql command");
        if (token.kind == RH_SQL_TOKEN_COMMENT && token.len > mark_len &&
            strncmp(gap.text + token.offset, mark, mark_len) == 0) {
            p->label = from + token.offset + mark_len;
            p->label_len = token.len - mark_len;
        }
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
        p->scan.standard_strings = strstr(sql, "off") == NULL;
}

static void begin_statement(reader *r, const parser *p, const rh_sql_piece *piece)
{
    rh_sql_scan_init(&r->scan, RH_SQL_POSTGRES, p->scan.text + piece->offset, piece->len);
    r->scan.standard_strings = p->scan.standard_strings;
    advance(r);
}

static rh_status add_statement(parser *p, const rh_sql_piece *piece, rh_error *err)
{
    rh_pg_script *script = p->script;
    const char *sql = rh_arena_strndup(script->arena, p->scan.text + piece->offset, piece->len);
    reader r = {.arena = script->arena};
    rh_pg_item item = {.kind = RH_PG_ITEM_OTHER, .sql = sql, .settings = script->setting_count};

    if (sql == NULL)
        return rh_error_oom(err);
    begin_statement(&r, p, piece);
    if (is_setting(&r)) {
        follow_setting(p, sql);
        return add_setting(p, sql, err);
    }
    begin_statement(&r, p, piece);
    classify(&r, &item);
    item.label = rh_arena_strndup(script->arena, p->scan.text + p->label, p->label_len);
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
    size_t behind = 0;
    rh_sql_piece piece;
    parser p = {.script = rh_mem_zalloc(sizeof(rh_pg_script))};

    if (p.script == NULL)
        return rh_error_oom(err);
    p.script->arena = rh_arena_new(64 * 1024);
    if (p.script->arena == NULL)
        status = rh_error_oom(err);
    else if (len > 0 && memchr(text, '\0', len) != NULL) /* would cut a statement short */
        status = rh_error_set(err, RH_EFORMAT, "the schema text holds a zero byte");
    rh_sql_scan_init(&p.scan, RH_SQL_POSTGRES, text, len);
    while (status == RH_OK && rh_sql_split_next(&p.scan, &piece)) {
        status = read_gap(&p, behind, piece.offset, err);
        if (status == RH_OK)
            status = add_statement(&p, &piece, err);
        behind = piece.offset + piece.len;
    }
    if (status == RH_OK)
        status = read_gap(&p, behind, len, err);
    if (status == RH_OK) {
        *out = p.script;
        p.script = NULL;
    }
    rh_pg_script_free(p.script);
    return status;
}
