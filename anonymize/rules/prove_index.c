/*
 * Unique, partial, expression indexes and exclusion constraints.
 */
#include <string.h>

#include "core/sql_name.h"
#include "prove.h"

/* Columns of an index as its words: what is proved here. */
typedef struct index_case {
    const prover *p;
    const rh_structure_table *table;
    const rh_structure_index *index;
    bool nulls_equal; /* primary keys, NULLS NOT DISTINCT */
} index_case;

static bool has_column(const size_t *list, size_t count, size_t position)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] == position)
            return true;
    }
    return false;
}

static bool is_null_mask(const index_case *c, size_t position)
{
    const rh_decision *decision = proof_decision(c->p, c->table, position);

    return decision != NULL && strcmp(decision->kind, "null") == 0;
}

/* Different values stay different: a masked column by its mask, a generated one when it reads
 * nothing masked. */
static bool is_injective(const index_case *c, size_t position)
{
    if (proof_read_by(c->p, c->table, position) < c->table->column_count)
        return false;
    return (proof_keeps(c->p, c->table, position) & RH_KEEPS_UNIQUE) != 0;
}

/* COLLATE of anything but bytes in the definition: values that differ may be equal to it. */
static bool folds_values(const index_case *c, const rh_structure_index *index)
{
    static const char *const BYTES[] = {"binary", "C", "POSIX", "ucs_basic"};
    const rh_sql_dialect dialect = c->p->literals->dialect;
    rh_sql_scan scan = rh_sql_scan_of(dialect, index->text);

    for (;;) {
        rh_sql_token token = rh_sql_scan_next_code(&scan);
        bool bytes = false;

        if (token.kind == RH_SQL_TOKEN_END)
            return false;
        if (!rh_sql_token_is(&token, scan.text, "collate"))
            continue;
        token = rh_sql_scan_next_code(&scan);
        if (rh_sql_token_names(dialect, &token, scan.text, "pg_catalog")) {
            (void)rh_sql_scan_next_code(&scan);
            token = rh_sql_scan_next_code(&scan);
        }
        for (size_t i = 0; i < sizeof BYTES / sizeof BYTES[0]; i++)
            bytes = bytes || rh_sql_token_names(dialect, &token, scan.text, BYTES[i]);
        if (!bytes)
            return true;
    }
}

/* A smaller unique index whose columns are all injective and never NULL already keeps rows apart.
 */
static const rh_structure_index *narrower(const index_case *c)
{
    for (size_t i = 0; i < c->table->index_count; i++) {
        const rh_structure_index *other = &c->table->indexes[i];
        bool fits = other != c->index && other->unique && !other->expressions && !other->partial &&
                    other->column_count > 0 && !folds_values(c, other);

        for (size_t j = 0; fits && j < other->column_count; j++)
            fits = has_column(c->index->columns, c->index->column_count, other->columns[j]) &&
                   is_injective(c, other->columns[j]) &&
                   c->table->columns[other->columns[j]].not_null;
        if (fits)
            return other;
    }
    return NULL;
}

static const char *say(const index_case *c, const char *format, const char *name)
{
    size_t len = strlen(format);
    const char *at = strstr(format, "%s");

    return at == NULL ? format
                      : rh_arena_printf(c->p->arena, "%.*s%s%s", (int)(at - format), format, name,
                                        at + 2 < format + len ? at + 2 : "");
}

/* The first key column that may map different values to one; column_count when there is none. */
static size_t weak_column(const index_case *c, size_t besides)
{
    for (size_t i = 0; i < c->index->column_count; i++) {
        size_t position = c->index->columns[i];

        if (position != besides && !is_injective(c, position) && !is_null_mask(c, position))
            return position;
    }
    return c->table->column_count;
}

static bool is_constant(const index_case *c, size_t position)
{
    return strcmp(proof_decision(c->p, c->table, position)->kind, "constant") == 0;
}

static opinion judge_unique(const index_case *c, size_t position)
{
    const rh_structure_index *smaller = narrower(c);
    size_t weak = weak_column(c, position);

    if (smaller != NULL)
        return (opinion){RH_PRESERVED, say(c, "'%s' alone keeps the rows apart", smaller->name)};
    if (is_null_mask(c, position)) {
        if (c->nulls_equal)
            return (opinion){RH_BREAKS, "NULL is not allowed, or is equal to NULL here"};
        return (opinion){RH_PRESERVED, "NULLs are different from each other"};
    }
    if (is_injective(c, position)) {
        if (folds_values(c, c->index))
            return (opinion){RH_NOT_GUARANTEED,
                             "its collation may take different masked values for equal"};
        if (weak == c->table->column_count)
            return (opinion){RH_PRESERVED, "different values stay different"};
        return (opinion){RH_NOT_GUARANTEED,
                         say(c, "'%s' in the same key may map different values to one",
                             c->table->columns[weak].name)};
    }
    if (c->index->column_count == 1)
        return (opinion){RH_BREAKS, is_constant(c, position) ? "all rows get the same value"
                                                             : "different values may become equal"};
    for (size_t i = 0; i < c->index->column_count; i++) {
        if (is_injective(c, c->index->columns[i]))
            return (opinion){RH_NOT_GUARANTEED,
                             "different values may become equal where the other key columns are"};
    }
    return (opinion){RH_BREAKS, "no column of the key stays different for different values"};
}

/* ---- partial indexes ---- */

static const char *predicate_of(const index_case *c)
{
    rh_sql_scan scan = rh_sql_scan_of(c->p->literals->dialect, c->index->text);

    for (;;) {
        rh_sql_token token = rh_sql_scan_next_code(&scan);

        if (token.kind == RH_SQL_TOKEN_END)
            return NULL;
        if (rh_sql_token_is(&token, scan.text, "where"))
            return scan.text + scan.at;
    }
}

static opinion judge_predicate(const index_case *c, size_t position)
{
    const char *predicate = predicate_of(c);

    if (predicate == NULL)
        return (opinion){RH_NOT_GUARANTEED, "its predicate is not known"};
    return judge_condition(c->p, c->table, position, predicate, true);
}

/* The worst that masking does to which rows are in the index. */
static opinion judge_membership(const index_case *c)
{
    opinion worst = {RH_PRESERVED, "the same rows are in the index"};

    for (size_t i = 0; c->index->partial && i < c->index->mention_count; i++) {
        opinion one;

        if (!proof_is_masked(c->p, c->table, c->index->mentions[i]))
            continue;
        one = judge_predicate(c, c->index->mentions[i]);
        if (one.because == NULL)
            return one;
        if (one.verdict <= worst.verdict)
            continue;
        worst.verdict = one.verdict;
        worst.because = say(c, "its predicate asks about '%s', which is masked",
                            c->table->columns[c->index->mentions[i]].name);
    }
    return worst;
}

/* ---- exclusion constraints ---- */

/* The operator behind WITH for a column is '='. */
static bool excludes_equal(const index_case *c, size_t position)
{
    const char *name = c->table->columns[position].name;
    rh_sql_scan scan = rh_sql_scan_of(RH_SQL_POSTGRES, c->index->text);
    rh_sql_token before = rh_sql_scan_next_code(&scan);

    while (before.kind != RH_SQL_TOKEN_END) {
        rh_sql_token token = rh_sql_scan_next_code(&scan);

        if (rh_sql_token_is(&token, scan.text, "with") &&
            rh_sql_token_names(RH_SQL_POSTGRES, &before, scan.text, name)) {
            token = rh_sql_scan_next_code(&scan);
            return rh_sql_token_is(&token, scan.text, "=");
        }
        before = token;
    }
    return false;
}

static opinion judge_exclusion(const index_case *c)
{
    for (size_t i = 0; i < c->index->mention_count; i++) {
        size_t position = c->index->mentions[i];
        unsigned keeps = proof_keeps(c->p, c->table, position);

        if (!has_column(c->index->columns, c->index->column_count, position) &&
            proof_is_masked(c->p, c->table, position))
            return (opinion){RH_NOT_GUARANTEED, "the constraint computes with the column"};
        if (!is_injective(c, position) ||
            (!excludes_equal(c, position) && (keeps & RH_KEEPS_ORDER) == 0))
            return (opinion){RH_NOT_GUARANTEED,
                             say(c, "masked values of '%s' may meet its operator",
                                 c->table->columns[position].name)};
    }
    return (opinion){RH_PRESERVED, "equal stays equal, different different, and order stays"};
}

/* ---- one index ---- */

static const char *kind_of(const rh_structure_index *index)
{
    if (index->primary)
        return "primary key";
    if (index->exclusion)
        return "exclusion constraint";
    if (index->expressions)
        return "expression index";
    if (index->partial)
        return "partial index";
    return "unique index";
}

static opinion judge_index(const index_case *c, size_t position)
{
    opinion members = judge_membership(c);

    if (members.because == NULL)
        return members;
    if (c->index->exclusion)
        return judge_exclusion(c);
    if (c->index->expressions) {
        if (!c->index->unique && has_column(c->index->columns, c->index->column_count, position))
            return (opinion){RH_PRESERVED, "it is not unique, and the column stands in it as such"};
        return (opinion){RH_NOT_GUARANTEED,
                         c->index->unique ? "expressions over different values may become equal"
                                          : "the expression sees masked values"};
    }
    /* Rows that a whole index keeps apart are apart in any part of the table. */
    if (c->index->unique && has_column(c->index->columns, c->index->column_count, position) &&
        narrower(c) != NULL)
        return judge_unique(c, position);
    if (members.verdict != RH_PRESERVED)
        return (opinion){RH_NOT_GUARANTEED, members.because};
    if (!c->index->unique || !has_column(c->index->columns, c->index->column_count, position))
        return members;
    return judge_unique(c, position);
}

/* A generated key column brings in the masked columns that it reads. */
static rh_status prove_through_generated(const index_case *c, proof_object object)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < c->index->mention_count; i++) {
        size_t generated = c->index->mentions[i];
        size_t read = proof_read_by(c->p, c->table, generated);

        if (read == c->table->column_count ||
            has_column(c->index->mentions, c->index->mention_count, read))
            continue;
        status = proof_add(
            c->p, c->table, read, object,
            (opinion){RH_NOT_GUARANTEED, say(c, "'%s' in it is computed from masked values",
                                             c->table->columns[generated].name)});
    }
    return status;
}

/* Plain keys are mentioned as well, whatever the engine wrote. */
static bool takes_part(const rh_structure_index *index, size_t position)
{
    return has_column(index->mentions, index->mention_count, position) ||
           has_column(index->columns, index->column_count, position);
}

static bool nulls_are_equal(const rh_structure_index *index)
{
    return index->primary || strstr(index->text, "NULLS NOT DISTINCT") != NULL;
}

rh_status prove_indexes(const prover *p, const rh_structure_table *table)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < table->index_count; i++) {
        const rh_structure_index *index = &table->indexes[i];
        index_case c = {p, table, index, nulls_are_equal(index)};
        proof_object object = {index->name, kind_of(index)};

        if (!index->unique && !index->exclusion && !index->partial && !index->expressions)
            continue;
        for (size_t j = 0; status == RH_OK && j < table->column_count; j++) {
            opinion said;

            if (!proof_is_masked(p, table, j) || !takes_part(index, j))
                continue;
            said = judge_index(&c, j);
            if (said.because == NULL)
                return rh_error_oom(p->to.err);
            status = proof_add(p, table, j, object, said);
        }
        if (status == RH_OK)
            status = prove_through_generated(&c, object);
    }
    return status;
}
