/*
 * CHECK constraints and predicates: simple forms are recognised, everything else is "not
 * guaranteed".
 *
 * The text is cut into tokens, casts and needless brackets are dropped, AND, OR and NOT are taken
 * apart, and what is left is compared with a short list of forms.
 */
#include <stdint.h>
#include <string.h>

#include "core/num.h"
#include "core/sql_literal.h"
#include "core/sql_name.h"
#include "core/str.h"
#include "prove.h"

enum {
    MAX_TOKENS = 2048,
    MAX_DEPTH = 40,
};

typedef struct condition {
    const prover *p;
    const rh_structure_table *table;
    size_t position;
    const char *name; /* of the column */
    const char *kind; /* of its mask */
    const char *constant;
    unsigned keeps;
    bool predicate;
    bool images;    /* what it compares with goes through the masks, with the same answers */
    bool of_domain; /* VALUE is the column: a CHECK of its domain type */
    const char *text;
    rh_sql_token *tokens;
    size_t count;
} condition;

static const opinion NOT_KNOWN = {RH_NOT_GUARANTEED,
                                  "the condition is not of a form that is known"};

static const opinion SAME_MASK = {RH_PRESERVED,
                                  "its constants go through the masks of their columns"};

static bool is(const condition *c, size_t at, const char *word)
{
    return at < c->count && rh_sql_token_is(&c->tokens[at], c->text, word);
}

static bool names(const condition *c, size_t at, const char *name)
{
    return at < c->count && c->tokens[at].kind != RH_SQL_TOKEN_STRING &&
           rh_sql_token_names(c->p->literals->dialect, &c->tokens[at], c->text, name);
}

static bool is_column(const condition *c, size_t at)
{
    return names(c, at, c->name) || (c->of_domain && is(c, at, "value"));
}

/* ---- preparing the tokens ---- */

static rh_status read_tokens(condition *c, const char *text, rh_error *err)
{
    const rh_sql_scan start = rh_sql_scan_of(c->p->literals->dialect, text);
    rh_sql_scan scan = start;
    size_t cap = 0;

    while (cap <= MAX_TOKENS && rh_sql_scan_next_code(&scan).kind != RH_SQL_TOKEN_END)
        cap++;
    if (cap > MAX_TOKENS)
        return RH_SKIPPED;
    c->text = text;
    c->tokens = rh_arena_array(c->p->arena, cap + 1, sizeof *c->tokens);
    if (c->tokens == NULL)
        return rh_error_oom(err);
    for (scan = start; c->count < cap; c->count++)
        c->tokens[c->count] = rh_sql_scan_next_code(&scan);
    return RH_OK;
}

/* Behind a type: words, (n), []. */
static size_t skip_type(const condition *c, size_t at)
{
    static const char *const more[] = {"varying", "precision", "with", "without", "time", "zone"};
    bool went = true;

    at++;
    while (is(c, at, ".") && at + 1 < c->count)
        at += 2;
    while (went) {
        went = false;
        for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
            if (is(c, at, more[i])) {
                at++;
                went = true;
            }
        }
        if (is(c, at, "(")) {
            while (at < c->count && !is(c, at, ")"))
                at++;
            at++;
            went = true;
        }
        if (is(c, at, "[") && is(c, at + 1, "]")) {
            at += 2;
            went = true;
        }
    }
    return at;
}

static void drop_casts(condition *c)
{
    size_t to = 0;

    for (size_t at = 0; at < c->count;) {
        if (is(c, at, "::") && at + 1 < c->count)
            at = skip_type(c, at + 1);
        else
            c->tokens[to++] = c->tokens[at++];
    }
    c->count = to;
}

/* "t.x" is x. */
static void drop_qualifiers(condition *c)
{
    size_t to = 0;

    for (size_t at = 0; at < c->count;) {
        rh_sql_token_kind kind = c->tokens[at].kind;

        if ((kind == RH_SQL_TOKEN_WORD || kind == RH_SQL_TOKEN_IDENT) && is(c, at + 1, ".") &&
            at + 2 < c->count)
            at += 2;
        else
            c->tokens[to++] = c->tokens[at++];
    }
    c->count = to;
}

static bool is_keyword(const condition *c, size_t at)
{
    static const char *const WORDS[] = {"and",   "or",   "not",     "check",   "like",
                                        "ilike", "glob", "when",    "between", "is",
                                        "then",  "else", "similar", "to",      "regexp"};

    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (is(c, at, WORDS[i]))
            return true;
    }
    return false;
}

/* "(x)" is x, unless a function or a list stands before it. Until nothing is left to drop. */
static void drop_brackets(condition *c)
{
    bool dropped = true;

    while (dropped) {
        size_t to = 0;

        dropped = false;
        for (size_t at = 0; at < c->count;) {
            bool called =
                to > 0 && (c->tokens[to - 1].kind == RH_SQL_TOKEN_IDENT ||
                           (c->tokens[to - 1].kind == RH_SQL_TOKEN_WORD && !is_keyword(c, to - 1)));

            if (!called && is(c, at, "(") && is(c, at + 2, ")")) {
                c->tokens[to++] = c->tokens[at + 1];
                at += 3;
                dropped = true;
            } else {
                c->tokens[to++] = c->tokens[at++];
            }
        }
        c->count = to;
    }
}

/* ---- forms ---- */

static bool is_constant(const condition *c, size_t at)
{
    return at < c->count &&
           (c->tokens[at].kind == RH_SQL_TOKEN_STRING || c->tokens[at].kind == RH_SQL_TOKEN_NUMBER);
}

static bool says(const condition *c, size_t at, const char *value)
{
    return rh_sql_literal_says(&c->tokens[at], c->text, value);
}

/* A constant, with a sign perhaps; returns what is behind it, or at. */
static size_t skip_constant(const condition *c, size_t at)
{
    if (is_constant(c, at))
        return at + 1;
    if ((is(c, at, "-") || is(c, at, "+")) && is_constant(c, at + 1))
        return at + 2;
    return at;
}

static bool is_comparison(const condition *c, size_t at)
{
    static const char *const SIGNS[] = {"=", "==", "<>", "!=", "<", "<=", ">", ">="};

    for (size_t i = 0; i < sizeof SIGNS / sizeof SIGNS[0]; i++) {
        if (is(c, at, SIGNS[i]))
            return true;
    }
    return false;
}

static bool is_equality(const condition *c, size_t at)
{
    return is(c, at, "=") || is(c, at, "==");
}

static bool is_length(const condition *c, size_t at)
{
    static const char *const NAMES[] = {"length", "char_length", "character_length",
                                        "octet_length"};

    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        if (is(c, at, NAMES[i]))
            return is(c, at + 1, "(") && is_column(c, at + 2) && is(c, at + 3, ")");
    }
    return false;
}

static opinion judge_null_test(const condition *c, size_t at, size_t end)
{
    bool negated = is(c, at, "not") || is(c, at, "notnull");

    if (at + 2 < end)
        return NOT_KNOWN;
    if (strcmp(c->kind, "null") == 0) {
        if (negated && !c->predicate)
            return (opinion){RH_BREAKS, "it refuses NULL"};
        return c->predicate ? (opinion){RH_NOT_GUARANTEED, "every value becomes NULL"}
                            : (opinion){RH_PRESERVED, "it allows NULL"};
    }
    if ((c->keeps & RH_KEEPS_NULLS) != 0)
        return (opinion){RH_PRESERVED, "NULLs stay NULLs, and values values"};
    return (opinion){RH_NOT_GUARANTEED, "NULLs may change"};
}

/* Every token of the list is a constant or a comma; the constant of the mask is among them. */
static opinion judge_list(const condition *c, size_t at, size_t end, bool negated)
{
    bool found = false;

    for (; at < end; at++) {
        if (!is_constant(c, at) && !is(c, at, ",") && !is(c, at, "-"))
            return NOT_KNOWN;
        if (c->constant != NULL && says(c, at, c->constant))
            found = true;
    }
    if (c->constant != NULL && !c->predicate)
        return found != negated ? (opinion){RH_PRESERVED, "the constant satisfies it"}
                                : (opinion){RH_BREAKS, "the constant is not allowed"};
    return c->images
               ? SAME_MASK
               : (opinion){RH_NOT_GUARANTEED, "masked values need not be among the constants"};
}

static bool is_zero(const condition *c, size_t at)
{
    return says(c, at, "0") || says(c, at, "0.0");
}

static opinion judge_comparison(const condition *c, size_t sign, size_t constant)
{
    if (is_equality(c, sign))
        return judge_list(c, constant, constant + 1, false);
    if (c->tokens[constant].kind == RH_SQL_TOKEN_NUMBER && is_zero(c, constant) &&
        (c->keeps & RH_KEEPS_CLASS) != 0 && !is(c, sign, "<>") && !is(c, sign, "!="))
        return (opinion){RH_PRESERVED, "values keep their sign"};
    if (c->images)
        return SAME_MASK;
    return (opinion){RH_NOT_GUARANTEED,
                     "it compares with a constant that is not masked with the values"};
}

/* Only character classes as a whole, counts and anchors: what keeps class and width keeps it. */
static bool is_of_classes(const char *pattern, size_t len, bool regex)
{
    static const char *const CLASSES[] = {"0-9",       "a-z",       "A-Z",
                                          "[:alpha:]", "[:digit:]", "[:alnum:]"};

    for (size_t i = 1; i + 1 < len;) {
        const char *at = pattern + i;
        size_t step = 0;

        for (size_t k = 0; regex && k < sizeof CLASSES / sizeof CLASSES[0] && step == 0; k++) {
            if (rh_str_starts_with(at, CLASSES[k]))
                step = strlen(CLASSES[k]);
        }
        if (step == 0 && regex && at[0] == '\\' && at[1] == 'd')
            step = 2;
        if (step == 0 && strchr(regex ? "^$[](){}+*?,.0123456789" : "%_", *at) != NULL)
            step = 1;
        /* Digits count only inside of braces. */
        if (step == 1 && *at >= '0' && *at <= '9' && memchr(pattern, '{', i) == NULL)
            return false;
        if (step == 0)
            return false;
        i += step;
    }
    return true;
}

static opinion judge_pattern(const condition *c, size_t at, bool regex)
{
    unsigned needed = RH_KEEPS_CLASS | RH_KEEPS_WIDTH;

    if (c->tokens[at].kind == RH_SQL_TOKEN_STRING && (c->keeps & needed) == needed &&
        is_of_classes(c->text + c->tokens[at].offset, c->tokens[at].len, regex))
        return (opinion){RH_PRESERVED, "values keep their length and classes of characters"};
    return (opinion){RH_NOT_GUARANTEED, "masked values need not match the pattern"};
}

/* Sides of "x op y": both columns go through one monotone mask. */
static opinion judge_two_columns(const condition *c, size_t sign, size_t other)
{
    const decisions *d = &c->p->bound->plan;

    for (size_t i = 0; i < c->table->column_count; i++) {
        const cell *mine = &d->cells[cell_of(d, c->table, c->position)];
        const cell *its = &d->cells[cell_of(d, c->table, i)];
        bool equality = is_equality(c, sign) || is(c, sign, "<>") || is(c, sign, "!=");
        unsigned needed = equality ? RH_KEEPS_EQUALITY | RH_KEEPS_UNIQUE : RH_KEEPS_ORDER;

        if (!names(c, other, its->column->name))
            continue;
        if (cells_agree(d, mine, its) && (c->keeps & needed) == needed &&
            strcmp(mine->column->base_type, its->column->base_type) == 0)
            return (opinion){RH_PRESERVED, "both columns go through the same mask and key"};
        return (opinion){RH_NOT_GUARANTEED, cells_agree(d, mine, its)
                                                ? "the mask does not keep what is compared"
                                                : "the two columns are masked apart"};
    }
    return NOT_KNOWN;
}

/* x [NOT] IN (...), BETWEEN, LIKE ...: at is behind x and NOT. */
static opinion judge_word_form(const condition *c, size_t at, size_t end, bool negated)
{
    if (is(c, at, "in") && is(c, at + 1, "(") && end > at + 2)
        return judge_list(c, at + 2, end - 1, negated);
    if (is(c, at, "between") && c->images && skip_constant(c, skip_constant(c, at + 1) + 1) == end)
        return SAME_MASK;
    if (is(c, at, "between"))
        return (opinion){RH_NOT_GUARANTEED,
                         "it compares with constants that are not masked with the values"};
    if ((is(c, at, "like") || is(c, at, "~~")) && at + 2 == end)
        return judge_pattern(c, at + 1, false);
    if ((is(c, at, "~") || is(c, at, "!~") || is(c, at, "~*") || is(c, at, "similar") ||
         is(c, at, "regexp")) &&
        at + 2 == end)
        return judge_pattern(c, at + 1, true);
    if (is(c, at, "like") || is(c, at, "ilike") || is(c, at, "glob") || is(c, at, "~~*"))
        return (opinion){RH_NOT_GUARANTEED, "masked values need not match the pattern"};
    return NOT_KNOWN;
}

/* "= ANY (ARRAY[...])", as PostgreSQL writes IN, "<> ALL" for NOT IN; brackets may be doubled. */
static opinion judge_any(const condition *c, size_t begin, size_t end, bool negated)
{
    while (is(c, begin, "(") && end > begin && is(c, end - 1, ")")) {
        begin++;
        end--;
    }
    if (!is(c, begin, "array") || !is(c, begin + 1, "[") || end < begin + 3 || !is(c, end - 1, "]"))
        return NOT_KNOWN;
    return judge_list(c, begin + 2, end - 1, negated);
}

static opinion judge_column_form(const condition *c, size_t begin, size_t end)
{
    size_t at = begin + 1;

    if (is(c, at, "is"))
        return judge_null_test(c, at + 1, end);
    if (is(c, at, "notnull") || is(c, at, "isnull"))
        return judge_null_test(c, at, end);
    if ((is_equality(c, at) && is(c, at + 1, "any")) || (is(c, at, "<>") && is(c, at + 1, "all")))
        return judge_any(c, at + 2, end, !is_equality(c, at));
    if (is_comparison(c, at) && skip_constant(c, at + 1) == end)
        return judge_comparison(c, at, end - 1);
    if (is_comparison(c, at) && at + 2 == end)
        return judge_two_columns(c, at, at + 1);
    if (is(c, at, "not"))
        return judge_word_form(c, at + 1, end, true);
    return judge_word_form(c, at, end, false);
}

static opinion judge_length(const condition *c)
{
    if ((c->keeps & RH_KEEPS_WIDTH) != 0)
        return (opinion){RH_PRESERVED, "values keep their width"};
    return (opinion){RH_NOT_GUARANTEED, "values may change their length"};
}

static bool mentions_column(const condition *c, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        if (is_column(c, i))
            return true;
    }
    return false;
}

static opinion judge_form(const condition *c, size_t begin, size_t end)
{
    if (!mentions_column(c, begin, end))
        return (opinion){RH_PRESERVED, "it does not ask about the column"};
    if (is_column(c, begin))
        return judge_column_form(c, begin, end);
    if (is_length(c, begin) && is_comparison(c, begin + 4) && skip_constant(c, begin + 5) == end)
        return judge_length(c);
    if (is_length(c, begin) && is(c, begin + 4, "between") && is_constant(c, begin + 5) &&
        is(c, begin + 6, "and") && skip_constant(c, begin + 7) == end)
        return judge_length(c);
    if (is_constant(c, begin) && is_comparison(c, begin + 1) && is_length(c, begin + 2) &&
        begin + 6 == end)
        return judge_length(c);
    if (is_constant(c, begin) && is_comparison(c, begin + 1) && is_column(c, begin + 2) &&
        begin + 3 == end)
        return judge_comparison(c, begin + 1, begin);
    if (is_comparison(c, begin + 1) && is_column(c, begin + 2) && begin + 3 == end)
        return judge_two_columns(c, begin + 1, begin);
    if (is(c, begin, "json_valid") && (c->keeps & RH_KEEPS_SHAPE) != 0 && begin + 4 == end)
        return (opinion){RH_PRESERVED, "JSON stays JSON"};
    return NOT_KNOWN;
}

/* ---- AND, OR, NOT ---- */

/* The next AND or OR outside of brackets, CASE and BETWEEN; end when there is none. */
static size_t next_at_top(const condition *c, size_t at, size_t end, const char *word)
{
    size_t depth = 0;
    bool between = false;

    for (; at < end; at++) {
        if (is(c, at, "(") || is(c, at, "[") || is(c, at, "case"))
            depth++;
        else if ((is(c, at, ")") || is(c, at, "]") || is(c, at, "end")) && depth > 0)
            depth--;
        else if (depth == 0 && is(c, at, "between"))
            between = true;
        else if (depth == 0 && between && is(c, at, "and"))
            between = false;
        else if (depth == 0 && is(c, at, word))
            return at;
    }
    return end;
}

/* The bracket at begin closes at the last token. */
static bool is_wrapped(const condition *c, size_t begin, size_t end)
{
    size_t depth = 0;

    if (end - begin < 2 || !is(c, begin, "("))
        return false;
    for (size_t i = begin; i < end; i++) {
        if (is(c, i, "("))
            depth++;
        else if (is(c, i, ")") && --depth == 0)
            return i + 1 == end;
    }
    return false;
}

static opinion judge(const condition *c, size_t begin, size_t end, size_t depth);

static opinion judge_parts(const condition *c, size_t begin, size_t end, const char *word,
                           size_t depth)
{
    opinion worst = {RH_PRESERVED, "each part of it still holds"};
    bool is_or = strcmp(word, "or") == 0;

    while (begin < end) {
        size_t cut = next_at_top(c, begin, end, word);
        opinion one = judge(c, begin, cut, depth + 1);

        /* NULL satisfies the whole when it satisfies one part of it that asks about the column. */
        if (is_or && one.verdict == RH_PRESERVED && strcmp(c->kind, "null") == 0 && !c->predicate &&
            mentions_column(c, begin, cut))
            return one;
        /* One of several ways to satisfy it may break without the whole breaking. */
        if (is_or && one.verdict == RH_BREAKS)
            one.verdict = RH_NOT_GUARANTEED;
        if (one.verdict > worst.verdict)
            worst = one;
        begin = cut + 1;
    }
    return worst;
}

static opinion judge(const condition *c, size_t begin, size_t end, size_t depth)
{
    if (depth > MAX_DEPTH || begin >= end)
        return NOT_KNOWN;
    while (is_wrapped(c, begin, end)) {
        begin++;
        end--;
    }
    if (begin >= end)
        return NOT_KNOWN;
    if (next_at_top(c, begin, end, "or") < end)
        return judge_parts(c, begin, end, "or", depth);
    if (next_at_top(c, begin, end, "and") < end)
        return judge_parts(c, begin, end, "and", depth);
    if (is(c, begin, "not")) {
        opinion inner = judge(c, begin + 1, end, depth + 1);

        return inner.verdict == RH_PRESERVED ? inner : NOT_KNOWN;
    }
    return judge_form(c, begin, end);
}

/* A CHECK of one column's NULL is satisfied, unless it asks for NULL itself. */
static bool null_satisfies(const condition *c)
{
    static const char *const ASKS[] = {
        "is",  "isnull",    "notnull",      "coalesce", "ifnull",   "case",  "concat", "nullif",
        "iif", "num_nulls", "num_nonnulls", "typeof",   "greatest", "least", "row"};

    if (c->predicate || strcmp(c->kind, "null") != 0)
        return false;
    for (size_t i = 0; i < c->count; i++) {
        for (size_t k = 0; k < sizeof ASKS / sizeof ASKS[0]; k++) {
            if (is(c, i, ASKS[k]))
                return false;
        }
    }
    return true;
}

static void trim(condition *c, size_t *begin, size_t *end)
{
    if (is(c, *begin, "check"))
        (*begin)++;
    while (*end > *begin + 2 && ((is(c, *end - 2, "not") && is(c, *end - 1, "valid")) ||
                                 (is(c, *end - 2, "no") && is(c, *end - 1, "inherit"))))
        *end -= 2;
}

opinion judge_condition(const prover *p, const rh_structure_table *table, size_t position,
                        const char *text, bool predicate)
{
    const rh_decision *decision = proof_decision(p, table, position);
    condition c = {.p = p,
                   .table = table,
                   .position = position,
                   .name = table->columns[position].name,
                   .kind = decision->kind,
                   .keeps = proof_keeps(p, table, position),
                   .predicate = predicate,
                   .of_domain = table->columns[position].domain != NULL};
    const rh_schema_sql sql = {text, strlen(text), predicate, table};
    rh_schema_literals literals = {0, 0, false};
    size_t begin = 0;
    size_t end;
    rh_status status = read_tokens(&c, text, p->to.err);

    if (status == RH_OK)
        status = proof_literals(p, &sql, &literals);
    c.images = literals.exact && literals.masked > 0;

    if (status == RH_SKIPPED)
        return (opinion){RH_NOT_GUARANTEED, "the condition is too long to be understood"};
    if (status != RH_OK)
        return (opinion){RH_NOT_GUARANTEED, NULL};
    if (strcmp(decision->kind, "constant") == 0)
        c.constant = json_string_value(json_object_get(decision->parameters, "value"));
    drop_casts(&c);
    drop_qualifiers(&c);
    drop_brackets(&c);
    if (null_satisfies(&c))
        return (opinion){RH_PRESERVED, "NULL satisfies it"};
    end = c.count;
    trim(&c, &begin, &end);
    return judge(&c, begin, end, 0);
}

rh_status prove_checks(const prover *p, const rh_structure_table *table)
{
    rh_status status = RH_OK;

    for (size_t i = 0; i < table->check_count; i++) {
        const rh_structure_check *check = &table->checks[i];

        for (size_t j = 0; status == RH_OK && j < table->column_count; j++) {
            opinion said;
            const char *object = check->name[0] != '\0' ? check->name : check->text;
            bool mentioned = false;

            for (size_t k = 0; k < check->mention_count; k++)
                mentioned = mentioned || check->mentions[k] == j;
            if (!mentioned || !proof_is_masked(p, table, j))
                continue;
            said = judge_condition(p, table, j, check->text, false);
            if (said.because == NULL)
                return rh_error_oom(p->to.err);
            status = proof_add(p, table, j, (proof_object){object, "check"}, said);
        }
    }
    return status;
}
