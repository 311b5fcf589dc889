/*
 * Patterns: up to three parts separated by dots, each a name, a glob or quoted, and a type.
 */
#include "rule_pattern.h"

#include <string.h>

#include "core/str.h"

/* One part while it is read: a pattern for rh_str_glob, with backslashes before what is literal. */
typedef struct part {
    char *glob;
    size_t len;
    size_t literal;
    bool wild;
    bool empty;
} part;

static void add_literal(part *p, char c)
{
    if (c == '*' || c == '?' || c == '\\')
        p->glob[p->len++] = '\\';
    p->glob[p->len++] = c;
    p->literal++;
    p->empty = false;
}

static void add_wild(part *p, char c)
{
    p->wild = true;
    p->empty = false;
    if (c == '*' && p->len > 0 && p->glob[p->len - 1] == '*' &&
        (p->len == 1 || p->glob[p->len - 2] != '\\'))
        return;
    p->glob[p->len++] = c;
}

/* Quoted text up to its closing quote; "" is a quote. NULL: there is no closing one. */
static const char *read_quoted(const char *at, part *p)
{
    for (at++; *at != '\0'; at++) {
        if (*at == '"' && at[1] != '"')
            return at + 1;
        if (*at == '"')
            at++;
        add_literal(p, *at);
    }
    return NULL;
}

/* One part, up to a dot, to "::" or to the end (types: to the end). NULL: a quote is open. */
static const char *read_part(const char *at, bool type, part *p)
{
    while (*at != '\0') {
        if (!type && (*at == '.' || (*at == ':' && at[1] == ':')))
            break;
        if (*at == '"') {
            at = read_quoted(at, p);
            if (at == NULL)
                return NULL;
            continue;
        }
        if (*at == '*' || *at == '?')
            add_wild(p, *at);
        else
            add_literal(p, *at);
        at++;
    }
    return at;
}

static rh_status begin_part(const char *text, rh_arena *arena, part *out, rh_error *err)
{
    *out = (part){.glob = rh_arena_alloc(arena, 2 * strlen(text) + 1), .empty = true};
    return out->glob != NULL ? RH_OK : rh_error_oom(err);
}

static void set_part(rule_pattern *out, int which, part *p)
{
    p->glob[p->len] = '\0';
    if (p->wild && p->literal == 0 && strcmp(p->glob, "*") == 0)
        return;
    out->glob[which] = p->glob;
    out->rank[which] = p->wild ? RANK_GLOB : RANK_NAME;
    out->literal[which] = p->literal;
}

/* Short names of types, as people write them. */
static const char *full_type(const char *type)
{
    static const char *const SHORT[][2] = {
        {"bool", "boolean"},
        {"char", "character"},
        {"decimal", "numeric"},
        {"float4", "real"},
        {"float8", "double precision"},
        {"int", "integer"},
        {"int2", "smallint"},
        {"int4", "integer"},
        {"int8", "bigint"},
        {"time", "time without time zone"},
        {"timestamp", "timestamp without time zone"},
        {"timestamptz", "timestamp with time zone"},
        {"timetz", "time with time zone"},
        {"varbit", "bit varying"},
        {"varchar", "character varying"},
    };

    for (size_t i = 0; i < sizeof SHORT / sizeof SHORT[0]; i++) {
        if (rh_str_ieq(type, SHORT[i][0]))
            return SHORT[i][1];
    }
    return type;
}

static rh_status count_error(size_t count, const char *text, rh_error *err)
{
    if (count < 2) {
        rh_error_set(err, RH_ECONFIG, "pattern '%s' does not name a table and a column", text);
        rh_error_hint(err,
                      "write \"*.%s\" for this column of every table, \"%s.*\" for every "
                      "column of this table",
                      text, text);
    } else {
        rh_error_set(err, RH_ECONFIG, "pattern '%s' has more than three parts", text);
        rh_error_hint(err, "names with dots are put into double quotes: '\"a.b\".c'");
    }
    return RH_ECONFIG;
}

static rh_status read_type(const char *at, rh_arena *arena, rule_pattern *out, rh_error *err)
{
    part p;
    rh_status status = begin_part(at, arena, &p, err);

    if (status != RH_OK)
        return status;
    if (read_part(at, true, &p) == NULL)
        return rh_error_set(err, RH_ECONFIG, "pattern '%s' has a quote that is not closed",
                            out->text);
    if (p.empty)
        return rh_error_set(err, RH_ECONFIG, "pattern '%s' names no type behind '::'", out->text);
    set_part(out, PART_TYPE, &p);
    if (out->rank[PART_TYPE] == RANK_NAME)
        out->glob[PART_TYPE] = full_type(out->glob[PART_TYPE]);
    return RH_OK;
}

static rh_status read_names(const char **at, rh_arena *arena, part parts[3], size_t *out_count,
                            const char *text, rh_error *err)
{
    size_t count = 0;

    for (;;) {
        rh_status status;

        if (count == 3)
            return count_error(4, text, err);
        status = begin_part(*at, arena, &parts[count], err);
        if (status != RH_OK)
            return status;
        *at = read_part(*at, false, &parts[count]);
        if (*at == NULL)
            return rh_error_set(err, RH_ECONFIG, "pattern '%s' has a quote that is not closed",
                                text);
        if (parts[count].empty)
            return rh_error_set(err, RH_ECONFIG, "pattern '%s' has an empty part", text);
        count++;
        if (**at != '.')
            break;
        (*at)++;
    }
    *out_count = count;
    return RH_OK;
}

rh_status rule_pattern_parse(const char *text, rh_arena *arena, rule_pattern *out, rh_error *err)
{
    part parts[3];
    size_t count = 0;
    const char *at = text;
    rule_pattern pattern = {.text = rh_arena_strdup(arena, text)};
    rh_status status;

    if (pattern.text == NULL)
        return rh_error_oom(err);
    status = read_names(&at, arena, parts, &count, text, err);
    if (status != RH_OK)
        return status;
    if (count < 2)
        return count_error(count, text, err);
    set_part(&pattern, PART_COLUMN, &parts[count - 1]);
    set_part(&pattern, PART_TABLE, &parts[count - 2]);
    if (count == 3)
        set_part(&pattern, PART_SCHEMA, &parts[0]);
    if (*at == ':') {
        status = read_type(at + 2, arena, &pattern, err);
        if (status != RH_OK)
            return status;
    }
    *out = pattern;
    return RH_OK;
}

/* ---- matching ---- */

static bool part_matches(const char *glob, const char *text)
{
    return glob == NULL || rh_str_glob(glob, text);
}

/* Types are compared without case: SQLite keeps them as somebody wrote them. */
static bool type_glob(const rule_pattern *p, const char *type)
{
    char lower[256];
    char glob[256];
    const char *const texts[2] = {full_type(type), p->glob[PART_TYPE]};
    char *const out[2] = {lower, glob};

    for (size_t i = 0; i < 2; i++) {
        size_t len = strlen(texts[i]);

        if (len >= sizeof lower)
            return rh_str_glob(p->glob[PART_TYPE], type);
        for (size_t j = 0; j <= len; j++) {
            char c = texts[i][j];

            out[i][j] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        }
    }
    return rh_str_glob(glob, lower);
}

static bool type_matches(const rule_pattern *p, const rh_structure_column *column)
{
    if (p->glob[PART_TYPE] == NULL)
        return true;
    return type_glob(p, column->type) || type_glob(p, column->base_type) ||
           (column->domain != NULL && type_glob(p, column->domain));
}

bool rule_pattern_matches(const rule_pattern *p, const rh_structure_table *table,
                          const rh_structure_column *column)
{
    return part_matches(p->glob[PART_COLUMN], column->name) &&
           part_matches(p->glob[PART_TABLE], table->name) &&
           part_matches(p->glob[PART_SCHEMA], table->schema) && type_matches(p, column);
}

int rule_pattern_compare_ranks(const rule_pattern *a, const rule_pattern *b)
{
    for (int i = 0; i < PART_COUNT; i++) {
        if (a->rank[i] != b->rank[i])
            return a->rank[i] > b->rank[i] ? 1 : -1;
    }
    return 0;
}

int rule_pattern_compare(const rule_pattern *a, const rule_pattern *b)
{
    int order = rule_pattern_compare_ranks(a, b);

    for (int i = 0; order == 0 && i < PART_COUNT; i++) {
        if (a->literal[i] != b->literal[i] && a->rank[i] != RANK_NAME)
            order = a->literal[i] > b->literal[i] ? 1 : -1;
    }
    return order;
}

bool rule_pattern_same(const rule_pattern *a, const rule_pattern *b)
{
    for (int i = 0; i < PART_COUNT; i++) {
        if (!rh_str_eq(a->glob[i], b->glob[i]))
            return false;
    }
    return true;
}
