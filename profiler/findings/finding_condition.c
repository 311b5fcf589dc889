/*
 * What a condition does with a column: compared plainly, wrapped in a function, cast, computed
 * with. Read from tokens, outwards from the column; of text that is not understood nothing is said.
 */
#include <string.h>

#include "core/str.h"
#include "finding_run.h"

enum { MAX_TOKENS = 50000, MAX_CONDITIONS = 200 };

typedef struct tokens {
    const char *text;
    const rh_sql_token *items;
    size_t count;
} tokens;

static tokens tokenize(rh_finding_run *run, const char *text, size_t len)
{
    rh_sql_scan scan;
    rh_sql_token *items;
    size_t count = 0;
    tokens none = {text, NULL, 0};

    rh_sql_scan_init(&scan, run->input->dialect, text, len);
    while (rh_sql_scan_next_code(&scan).kind != RH_SQL_TOKEN_END && count < MAX_TOKENS)
        count++;
    if (count == 0)
        return none;
    items = rh_arena_array(run->arena, count, sizeof *items);
    if (items == NULL) {
        run->failed = true;
        return none;
    }
    rh_sql_scan_init(&scan, run->input->dialect, text, len);
    for (size_t i = 0; i < count; i++)
        items[i] = rh_sql_scan_next_code(&scan);
    return (tokens){text, items, count};
}

static bool is(const tokens *t, size_t at, const char *word)
{
    return at < t->count && rh_sql_token_is(&t->items[at], t->text, word);
}

static bool kind_is(const tokens *t, size_t at, rh_sql_token_kind kind)
{
    return at < t->count && t->items[at].kind == kind;
}

static bool is_one_of(const tokens *t, size_t at, const char *const *words)
{
    for (size_t i = 0; words[i] != NULL; i++)
        if (is(t, at, words[i]))
            return true;
    return false;
}

static bool is_keyword(const tokens *t, size_t at)
{
    static const char *const words[] = {
        "and",    "or",    "not",    "where",  "on",    "in",  "when",    "then",
        "else",   "case",  "having", "like",   "glob",  "is",  "between", "select",
        "from",   "join",  "set",    "values", "any",   "all", "limit",   "offset",
        "exists", "using", "as",     "by",     "ilike", "end", NULL};

    return is_one_of(t, at, words);
}

static bool is_name(const tokens *t, size_t at)
{
    return kind_is(t, at, RH_SQL_TOKEN_IDENT) ||
           (kind_is(t, at, RH_SQL_TOKEN_WORD) && !is_keyword(t, at));
}

static bool is_arithmetic(const tokens *t, size_t at)
{
    static const char *const words[] = {"+", "-",  "*",   "/",  "%",   "||", "&",
                                        "|", "->", "->>", "#>", "#>>", NULL};

    return is_one_of(t, at, words);
}

static const char *token_text(rh_finding_run *run, const tokens *t, size_t at)
{
    const rh_sql_token *token = &t->items[at];
    const char *start = t->text + token->offset;
    size_t len = token->len;

    if (token->kind == RH_SQL_TOKEN_IDENT && len >= 2) {
        start++;
        len -= 2;
    }
    return rh_finding_text(run, "%.*s", (int)(len < 200 ? len : 200), start);
}

/* The bracket that closes the one at `open`; t->count when none does. */
static size_t closing(const tokens *t, size_t open)
{
    size_t depth = 0;

    for (size_t i = open; i < t->count; i++) {
        if (t->items[i].kind == RH_SQL_TOKEN_OPEN)
            depth++;
        else if (t->items[i].kind == RH_SQL_TOKEN_CLOSE && --depth == 0)
            return i;
    }
    return t->count;
}

/* The bracket around `at`; t->count when there is none. */
static size_t opening(const tokens *t, size_t at)
{
    size_t depth = 0;

    for (size_t i = at; i-- > 0;) {
        if (t->items[i].kind == RH_SQL_TOKEN_CLOSE)
            depth++;
        else if (t->items[i].kind == RH_SQL_TOKEN_OPEN && depth-- == 0)
            return i;
    }
    return t->count;
}

/* The part of the text that stands for the column; grows outwards. */
typedef struct side {
    size_t lo;
    size_t hi;
} side;

static bool calls_function(const tokens *t, size_t open)
{
    return open > 0 && is_name(t, open - 1) &&
           t->items[open - 1].offset + t->items[open - 1].len == t->items[open].offset;
}

/* "(x)", "f(x)", "f(x, ..)", "f(.., x)". */
static bool grow_brackets(rh_finding_run *run, const tokens *t, side *s, rh_condition *out)
{
    bool before = s->lo > 0 && (kind_is(t, s->lo - 1, RH_SQL_TOKEN_OPEN) ||
                                kind_is(t, s->lo - 1, RH_SQL_TOKEN_COMMA));
    bool behind =
        kind_is(t, s->hi + 1, RH_SQL_TOKEN_CLOSE) || kind_is(t, s->hi + 1, RH_SQL_TOKEN_COMMA);
    bool casts = is(t, s->hi + 1, "as");
    size_t open = before ? opening(t, s->lo) : t->count;
    size_t close = open < t->count ? closing(t, open) : t->count;

    if (close >= t->count || (!behind && !casts))
        return false;
    if (calls_function(t, open)) {
        if (casts && is(t, open - 1, "cast"))
            out->cast = token_text(run, t, s->hi + 2);
        else if (casts)
            return false;
        else if (out->function == NULL)
            out->function = token_text(run, t, open - 1);
        *s = (side){open - 1, close};
        return true;
    }
    if (open + 1 != s->lo || close != s->hi + 1)
        return false;
    *s = (side){open, close};
    return true;
}

/* "x::text", "x::character varying(10)". */
static bool grow_cast(rh_finding_run *run, const tokens *t, side *s, rh_condition *out)
{
    static const char *const more[] = {"varying", "precision", "without", "with",
                                       "time",    "zone",      NULL};

    if (!is(t, s->hi + 1, "::") || s->hi + 2 >= t->count)
        return false;
    if (out->cast == NULL)
        out->cast = token_text(run, t, s->hi + 2);
    s->hi += 2;
    while (is_one_of(t, s->hi + 1, more))
        s->hi++;
    if (kind_is(t, s->hi + 1, RH_SQL_TOKEN_OPEN) && closing(t, s->hi + 1) < t->count)
        s->hi = closing(t, s->hi + 1);
    return true;
}

static bool is_operand(const tokens *t, size_t at)
{
    return is_name(t, at) || kind_is(t, at, RH_SQL_TOKEN_NUMBER) ||
           kind_is(t, at, RH_SQL_TOKEN_STRING) || kind_is(t, at, RH_SQL_TOKEN_PARAMETER) ||
           is(t, at, ".") || is(t, at, "::");
}

/* "x + 1", "1 - x", "a || x": up to what is neither operand nor operator. */
static bool grow_arithmetic(const tokens *t, side *s, rh_condition *out)
{
    bool before = s->lo > 1 && is_arithmetic(t, s->lo - 1) &&
                  (is_operand(t, s->lo - 2) || kind_is(t, s->lo - 2, RH_SQL_TOKEN_CLOSE));
    bool behind = is_arithmetic(t, s->hi + 1);

    if (!before && !behind)
        return false;
    out->arithmetic = true;
    while (s->lo > 0 && (is_operand(t, s->lo - 1) || is_arithmetic(t, s->lo - 1)))
        s->lo--;
    while (is_operand(t, s->hi + 1) || is_arithmetic(t, s->hi + 1))
        s->hi++;
    return true;
}

static rh_condition_op op_at(const tokens *t, size_t at)
{
    static const char *const equal[] = {"=", "==", "in", "is", NULL};
    static const char *const range[] = {"<", "<=", ">", ">=", "between", NULL};
    static const char *const like[] = {"like", "~~", "ilike", "~~*", "glob", NULL};

    if (is_one_of(t, at, equal))
        return RH_CONDITION_EQUAL;
    if (is_one_of(t, at, range))
        return RH_CONDITION_RANGE;
    return is_one_of(t, at, like) ? RH_CONDITION_LIKE : RH_CONDITION_OTHER;
}

/* A column, qualified or not, at `at` going right or, from its last token, left. */
static const char *column_right(rh_finding_run *run, const tokens *t, size_t at)
{
    while (kind_is(t, at, RH_SQL_TOKEN_OPEN))
        at++;
    if (!is_name(t, at) || kind_is(t, at + 1, RH_SQL_TOKEN_OPEN))
        return NULL;
    if (is(t, at + 1, ".") && is_name(t, at + 2))
        return rh_finding_text(run, "%s.%s", token_text(run, t, at), token_text(run, t, at + 2));
    return token_text(run, t, at);
}

static const char *column_left(rh_finding_run *run, const tokens *t, size_t at)
{
    while (kind_is(t, at, RH_SQL_TOKEN_CLOSE) && at > 0)
        at--;
    if (!is_name(t, at))
        return NULL;
    if (at >= 2 && is(t, at - 1, ".") && is_name(t, at - 2))
        return rh_finding_text(run, "%s.%s", token_text(run, t, at - 2), token_text(run, t, at));
    return token_text(run, t, at);
}

static void read_operator(rh_finding_run *run, const tokens *t, const side *s, rh_condition *out)
{
    out->op = op_at(t, s->hi + 1);
    if (out->op != RH_CONDITION_OTHER) {
        out->other = column_right(run, t, s->hi + 2);
        return;
    }
    if (s->lo > 0)
        out->op = op_at(t, s->lo - 1);
    if (out->op != RH_CONDITION_OTHER && s->lo > 1)
        out->other = column_left(run, t, s->lo - 2);
}

static void analyse(rh_finding_run *run, const tokens *t, side s, rh_condition *out)
{
    while (grow_cast(run, t, &s, out) || grow_brackets(run, t, &s, out) ||
           grow_arithmetic(t, &s, out))
        ;
    read_operator(run, t, &s, out);
    out->offset = t->items[s.lo].offset;
    out->length = t->items[s.hi].offset + t->items[s.hi].len - out->offset;
}

const rh_sql_level *rh_finding_level(const rh_finding_run *run, size_t index)
{
    const rh_sql_levels *levels = run->input->levels;

    return levels != NULL && index < rh_sql_levels_count(levels) ? rh_sql_levels_at(levels, index)
                                                                 : NULL;
}

static rh_condition *make_list(rh_finding_run *run, rh_conditions *out, size_t cap)
{
    out->items = rh_arena_array(run->arena, cap == 0 ? 1 : cap, sizeof *out->items);
    if (out->items == NULL)
        run->failed = true;
    return out->items;
}

rh_conditions rh_conditions_of_text(rh_finding_run *run, const char *text, const char *alias)
{
    rh_conditions out = {NULL, 0, false};
    tokens t;

    if (text == NULL || alias == NULL || make_list(run, &out, MAX_CONDITIONS) == NULL)
        return (rh_conditions){NULL, 0, false};
    t = tokenize(run, text, strlen(text));
    for (size_t i = 0; i < t.count && out.count < MAX_CONDITIONS; i++) {
        rh_condition *one = &out.items[out.count];

        out.has_or = out.has_or || is(&t, i, "or");
        if (!is_name(&t, i) || !is(&t, i + 1, ".") || !is_name(&t, i + 2) ||
            !rh_str_eq(token_text(run, &t, i), alias))
            continue;
        *one = (rh_condition){.column = token_text(run, &t, i + 2)};
        analyse(run, &t, (side){i, i + 2}, one);
        out.count++;
        i += 2;
    }
    return out;
}

static size_t token_at(const tokens *t, size_t offset)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->items[i].offset == offset)
            return i;
    return t->count;
}

/* OR of the level itself, not of a subquery in it. */
static bool level_has_or(rh_finding_run *run, const tokens *t, size_t level)
{
    const rh_sql_levels *levels = run->input->levels;
    const rh_sql_level *own = rh_finding_level(run, level);

    for (size_t i = 0; i < t->count; i++) {
        size_t at = t->items[i].offset;
        bool inner = at < own->query_offset || at >= own->query_offset + own->query_length;

        if (!is(t, i, "or"))
            continue;
        for (size_t k = 0; !inner && k < rh_sql_levels_count(levels); k++) {
            const rh_sql_level *other = rh_sql_levels_at(levels, k);

            inner =
                other->parent == level && at >= other->offset && at < other->offset + other->length;
        }
        if (!inner)
            return true;
    }
    return false;
}

rh_conditions rh_conditions_of_level(rh_finding_run *run, size_t level, size_t relation)
{
    const rh_sql_level *own = rh_finding_level(run, level);
    rh_conditions out = {NULL, 0, false};
    tokens t;

    if (own == NULL || make_list(run, &out, own->column_count) == NULL)
        return (rh_conditions){NULL, 0, false};
    t = tokenize(run, run->input->sql, run->input->sql_len);
    for (size_t i = 0; i < own->column_count; i++) {
        const rh_sql_column_ref *ref = &own->columns[i];
        rh_condition *one = &out.items[out.count];
        size_t first = token_at(&t, ref->offset);

        if (ref->level != level || ref->relation != relation || first >= t.count ||
            (ref->clause != RH_SQL_CLAUSE_WHERE && ref->clause != RH_SQL_CLAUSE_JOIN_ON))
            continue;
        *one = (rh_condition){.column = rh_finding_text(run, "%s", ref->name)};
        analyse(run, &t, (side){first, ref->qualifier != NULL ? first + 2 : first}, one);
        out.count++;
    }
    out.has_or = level_has_or(run, &t, level);
    return out;
}
