/*
 * Up to 3.35: "SCAN TABLE t AS a", "SCAN SUBQUERY 1 AS x"; from 3.36 on only the alias, or the
 * name where there is none: "SCAN a". Names are printed without quotes, so they may hold blanks
 * and even " USING ": what stands behind is looked for from the right.
 */
#include "plan_sqlite_line.h"

#include <string.h>

#include "core/str.h"

typedef struct text {
    const char *at;
    size_t len;
} text;

static bool take_prefix(text *line, const char *prefix)
{
    size_t len = strlen(prefix);

    if (line->len < len || memcmp(line->at, prefix, len) != 0)
        return false;
    line->at += len;
    line->len -= len;
    return true;
}

static bool take_suffix(text *line, const char *suffix)
{
    size_t len = strlen(suffix);

    if (line->len < len || memcmp(line->at + line->len - len, suffix, len) != 0)
        return false;
    line->len -= len;
    return true;
}

/* Last place of `word` in line; line->len when there is none. */
static size_t find_last(text line, const char *word)
{
    size_t len = strlen(word);

    for (size_t i = line.len >= len ? line.len - len + 1 : 0; i-- > 0;)
        if (memcmp(line.at + i, word, len) == 0)
            return i;
    return line.len;
}

/* "x (a=? AND b>?)" -> the condition; false when there is no bracket at the end. */
static bool take_condition(text *line, text *out)
{
    size_t open = find_last(*line, " (");

    if (line->len == 0 || line->at[line->len - 1] != ')' || open == line->len)
        return false;
    *out = (text){line->at + open + 2, line->len - open - 3};
    line->len = open;
    return true;
}

static const char *keep(rh_arena *arena, text part, bool *failed)
{
    char *copy = rh_arena_strndup(arena, part.at, part.len);

    if (copy == NULL)
        *failed = true;
    return copy;
}

/* "t", "t AS a", "TABLE t AS a", "SUBQUERY 3 AS x". */
static void read_relation(rh_arena *arena, rh_plan_node *node, text line, bool *failed)
{
    bool subquery = take_prefix(&line, "SUBQUERY ");
    size_t as;

    if (!subquery)
        (void)take_prefix(&line, "TABLE ");
    as = find_last(line, " AS ");
    if (as < line.len) {
        node->alias = keep(arena, (text){line.at + as + 4, line.len - as - 4}, failed);
        line.len = as;
    }
    node->relation = keep(arena, line, failed);
    if (node->alias == NULL)
        node->alias = node->relation;
    if (subquery || (line.len > 1 && line.at[0] == '('))
        node->kind = RH_PLAN_SUBQUERY_SCAN;
}

/* Behind USING. */
static void read_using(rh_arena *arena, rh_plan_node *node, text how, bool *failed)
{
    text condition;

    if (take_condition(&how, &condition))
        node->index_cond = keep(arena, condition, failed);
    if (take_prefix(&how, "INTEGER PRIMARY KEY")) {
        node->kind = RH_PLAN_ROWID_SCAN;
        return;
    }
    if (take_prefix(&how, "PRIMARY KEY")) {
        node->kind = RH_PLAN_INDEX_ONLY_SCAN;
        return;
    }
    if (take_prefix(&how, "AUTOMATIC ")) {
        node->partial_index = take_prefix(&how, "PARTIAL ");
        node->covering = take_prefix(&how, "COVERING ");
        node->kind = RH_PLAN_AUTO_INDEX_SCAN;
        return;
    }
    node->covering = take_prefix(&how, "COVERING ");
    if (take_prefix(&how, "INDEX ")) {
        node->kind = node->covering ? RH_PLAN_INDEX_ONLY_SCAN : RH_PLAN_INDEX_SCAN;
        node->index_name = keep(arena, how, failed);
    }
}

static void read_scan(rh_arena *arena, rh_plan_node *node, text line, bool search, bool *failed)
{
    size_t using;
    size_t virtual;

    if (take_suffix(&line, " LEFT-JOIN"))
        node->join_type = "Left";
    virtual = find_last(line, " VIRTUAL TABLE INDEX ");
    using = find_last(line, " USING ");
    node->kind = RH_PLAN_SEQ_SCAN;
    node->full_scan = !search;
    if (virtual < line.len) {
        node->kind = RH_PLAN_FUNCTION_SCAN;
        node->full_scan = false;
        line.len = virtual;
    } else if (using < line.len) {
        read_using(arena, node, (text){line.at + using + 7, line.len - using - 7}, failed);
        line.len = using;
    }
    if (take_suffix(&line, " CONSTANT ROWS") || take_suffix(&line, " CONSTANT ROW") ||
        (line.len == strlen("CONSTANT ROW") && take_prefix(&line, "CONSTANT ROW"))) {
        node->kind = RH_PLAN_VALUES_SCAN;
        node->full_scan = false;
        return;
    }
    read_relation(arena, node, line, failed);
    if (node->kind == RH_PLAN_SUBQUERY_SCAN)
        node->full_scan = false;
}

static bool read_subquery(rh_arena *arena, rh_plan_node *node, text line, bool *failed)
{
    text name = line;
    bool correlated = take_prefix(&line, "CORRELATED ");

    if (find_last(line, "SUBQUERY") == line.len || strncmp(line.at, "REUSE", 5) == 0)
        return false;
    if (!take_prefix(&line, "SCALAR SUBQUERY") && !take_prefix(&line, "LIST SUBQUERY"))
        return false;
    node->kind = RH_PLAN_SUBQUERY;
    node->subplan = correlated ? RH_PLAN_SUBPLAN_SUB : RH_PLAN_SUBPLAN_INIT;
    node->correlated = correlated ? RH_PLAN_YES : RH_PLAN_NO;
    if (correlated)
        (void)take_prefix(&name, "CORRELATED ");
    node->subplan_name = keep(arena, name, failed);
    node->subplan_id = node->subplan_name;
    return true;
}

/* Lines of a fixed first word; the rest is a name or a purpose. */
static const struct {
    const char *prefix;
    rh_plan_kind kind;
    enum { REST_NOTHING, REST_NAME, REST_PURPOSE } rest;
} words[] = {
    {"USE TEMP B-TREE FOR ", RH_PLAN_TEMP_BTREE, REST_PURPOSE},
    {"CO-ROUTINE ", RH_PLAN_COROUTINE, REST_NAME},
    {"MATERIALIZE ", RH_PLAN_MATERIALIZE, REST_NAME},
    {"COMPOUND QUERY", RH_PLAN_APPEND, REST_NOTHING},
    {"MULTI-INDEX OR", RH_PLAN_BITMAP_OR, REST_NOTHING},
    {"BLOOM FILTER ON ", RH_PLAN_BLOOM_FILTER, REST_NOTHING},
    {"MERGE (", RH_PLAN_SET_OP, REST_NOTHING},
    {"UNION USING TEMP B-TREE", RH_PLAN_SET_OP, REST_NOTHING},
    {"INTERSECT USING TEMP B-TREE", RH_PLAN_SET_OP, REST_NOTHING},
    {"EXCEPT USING TEMP B-TREE", RH_PLAN_SET_OP, REST_NOTHING},
    {"RECURSIVE STEP", RH_PLAN_RECURSIVE_UNION, REST_NOTHING},
};

static bool read_word(rh_arena *arena, rh_plan_node *node, text line, bool *failed)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (!take_prefix(&line, words[i].prefix))
            continue;
        node->kind = words[i].kind;
        if (words[i].rest == REST_PURPOSE)
            node->purpose = keep(arena, line, failed);
        if (words[i].rest == REST_NAME) {
            (void)take_prefix(&line, "SUBQUERY ");
            node->relation = keep(arena, line, failed);
            node->alias = node->relation;
        }
        return true;
    }
    return false;
}

rh_status rh_plan_read_line(rh_arena *arena, rh_plan_node *node, rh_error *err)
{
    text line = {node->raw, strlen(node->raw)};
    bool failed = false;

    if (take_prefix(&line, "SCAN "))
        read_scan(arena, node, line, false, &failed);
    else if (take_prefix(&line, "SEARCH "))
        read_scan(arena, node, line, true, &failed);
    else if (!read_word(arena, node, line, &failed))
        (void)read_subquery(arena, node, line, &failed);
    return failed ? rh_error_oom(err) : RH_OK;
}
