/*
 * Literals in the texts of the schema. No mask reaches them: rows change, texts are copied as they
 * stand. What a masked column is compared with is named with its column; views, functions and
 * triggers may compare anything with anything, so each that holds a literal is named.
 */
#include <stdio.h>
#include <string.h>

#include "anonymize/sql_token.h"
#include "core/sql_scan.h"
#include "prove.h"

enum { MAX_DEPTH = 4 };

static const char LITERALS[] = "it holds literals, which are copied as they stand";

/* ---- does a text hold a value? ---- */

typedef struct text_case {
    const prover *p;
    rh_sql_dialect dialect;
    bool body; /* of a function: what is between dollar quotes is a program */
} text_case;

static bool names_something(const prover *p, const char *at, size_t len)
{
    for (size_t i = 0; i < rh_structure_table_count(p->structure); i++) {
        const rh_structure_table *table = rh_structure_table_at(p->structure, i);

        if (strlen(table->name) == len && memcmp(table->name, at, len) == 0)
            return true;
        for (size_t j = 0; j < table->column_count; j++) {
            if (strlen(table->columns[j].name) == len &&
                memcmp(table->columns[j].name, at, len) == 0)
                return true;
        }
    }
    return false;
}

static bool holds_literal(const text_case *c, const char *text, size_t len, size_t depth);

/* The program between $tag$ and $tag$; an empty one holds nothing. */
static bool body_holds_literal(const text_case *c, const char *at, size_t len, size_t depth)
{
    const char *second = memchr(at + 1, '$', len - 1);
    size_t tag = second == NULL ? 0 : (size_t)(second - at) + 1;

    if (tag == 0 || len < 2 * tag)
        return true;
    return holds_literal(c, at + tag, len - 2 * tag, depth + 1);
}

static bool is_value(const text_case *c, const char *text, const rh_sql_token *token, size_t depth)
{
    const char *at = text + token->offset;

    switch (token->kind) {
    case RH_SQL_TOKEN_STRING:
        if (*at == '$' && c->body && depth == 0 && token->len > 2)
            return body_holds_literal(c, at, token->len, depth);
        return token->len > 2; /* '' is nobody's value */
    case RH_SQL_TOKEN_BYTES:
        return token->len > 3;
    case RH_SQL_TOKEN_COMMENT: /* people write examples there */
        return true;
    case RH_SQL_TOKEN_IDENT: /* SQLite takes "x" for a text where no column has that name */
        return c->dialect == RH_SQL_SQLITE && *at == '"' && token->len > 2 &&
               !names_something(c->p, at + 1, token->len - 2);
    case RH_SQL_TOKEN_OTHER:
        return true;
    default:
        return !token->closed;
    }
}

static bool holds_literal(const text_case *c, const char *text, size_t len, size_t depth)
{
    rh_sql_scan scan;

    if (depth > MAX_DEPTH)
        return true;
    rh_sql_scan_init(&scan, c->dialect, text, len);
    for (;;) {
        rh_sql_token token = rh_sql_scan_next(&scan);

        if (token.kind == RH_SQL_TOKEN_END)
            return false;
        if (is_value(c, text, &token, depth))
            return true;
    }
}

static bool text_holds_literal(const prover *p, const char *text, bool body)
{
    const text_case c = {p, p->bound->engine == RH_ENGINE_SQLITE ? RH_SQL_SQLITE : RH_SQL_POSTGRES,
                         body};

    return text != NULL && holds_literal(&c, text, strlen(text), 0);
}

/* ---- what is said about it ---- */

static rh_status refuse(const prover *p, proof_object object)
{
    if (!p->bound->rules->refuse_texts)
        return RH_OK;
    return complain(&p->to, true, NULL,
                    "rewrite it without, or say 'schema_texts: keep' in the rule file",
                    "%s '%s': %s", object.kind, object.name, LITERALS);
}

/* A text of a table, said once for each masked column that it mentions. */
static rh_status add_for_columns(const prover *p, const rh_structure_table *table,
                                 const size_t *mentions, size_t count, proof_object object)
{
    rh_status status = RH_OK;
    bool said = false;

    for (size_t i = 0; status == RH_OK && i < count; i++) {
        if (!proof_is_masked(p, table, mentions[i]))
            continue;
        status = proof_add(p, table, mentions[i], object, (opinion){RH_NOT_GUARANTEED, LITERALS});
        said = true;
    }
    return status == RH_OK && said ? refuse(p, object) : status;
}

/* A text of no column. */
static rh_status add_alone(const prover *p, proof_object object)
{
    json_t *entry = json_pack("{s:s, s:s, s:s, s:s}", "object", object.name, "object_kind",
                              object.kind, "verdict", "not guaranteed", "because", LITERALS);

    if (entry == NULL || json_array_append_new(p->out, entry) != 0)
        return rh_error_oom(p->to.err);
    return refuse(p, object);
}

/* A literal alone goes through the mask of its column (../schema_default.c). */
static bool is_masked_default(const prover *p, const rh_structure_table *table, size_t position)
{
    const char *at = table->columns[position].default_text;
    sql_token first = sql_next(&at);
    sql_token next = sql_next(&at);

    if (strcmp(proof_decision(p, table, position)->kind, "custom") == 0)
        return false;
    return (first.kind == SQL_TEXT || first.kind == SQL_NAME) && first.at[0] != 'E' &&
           first.at[0] != 'e' && (next.kind == SQL_END || sql_is(&next, "::"));
}

static rh_status prove_column_texts(const prover *p, const rh_structure_table *table,
                                    size_t position)
{
    const rh_structure_column *column = &table->columns[position];
    const proof_object object = {column->name, "text of default"};
    size_t read = proof_read_by(p, table, position);

    if (read < table->column_count && text_holds_literal(p, column->generated_from, false))
        return add_for_columns(p, table, &read, 1,
                               (proof_object){column->name, "text of generated column"});
    if (proof_is_masked(p, table, position) && text_holds_literal(p, column->default_text, false) &&
        !is_masked_default(p, table, position))
        return add_for_columns(p, table, &position, 1, object);
    return RH_OK;
}

static rh_status prove_table_texts(const prover *p, const rh_structure_table *table)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < table->column_count; i++)
        status = prove_column_texts(p, table, i);
    for (size_t i = 0; status == RH_OK && i < table->check_count; i++) {
        const rh_structure_check *check = &table->checks[i];
        const char *name = check->name[0] != '\0' ? check->name : table->full_name;

        if (text_holds_literal(p, check->text, false))
            status = add_for_columns(p, table, check->mentions, check->mention_count,
                                     (proof_object){name, "text of check"});
    }
    for (size_t i = 0; status == RH_OK && i < table->index_count; i++) {
        const rh_structure_index *index = &table->indexes[i];

        if ((index->expressions || index->partial || index->exclusion) &&
            text_holds_literal(p, index->text, false))
            status = add_for_columns(p, table, index->mentions, index->mention_count,
                                     (proof_object){index->name, "text of index"});
    }
    return status;
}

/* Functions, triggers, rules, policies, domain types. */
static rh_status prove_other_texts(const prover *p)
{
    const rh_structure_text *texts = NULL;
    size_t count = rh_structure_texts(p->structure, &texts);
    rh_status status = RH_OK;

    if (texts == NULL && p->bound->rules->refuse_texts)
        return complain(&p->to, true, NULL, "take the snapshot again with this version",
                        "the structure does not tell the texts of functions and triggers");
    for (size_t i = 0; status == RH_OK && i < count; i++) {
        char kind[64];

        if (!text_holds_literal(p, texts[i].text, true))
            continue;
        if (snprintf(kind, sizeof kind, "text of %s", texts[i].kind) < 0)
            kind[0] = '\0';
        status = add_alone(p, (proof_object){texts[i].name, kind});
    }
    return status;
}

static bool masks_anything(const prover *p)
{
    for (size_t i = 0; i < p->bound->count; i++) {
        if (!decision_keeps(&p->bound->items[i]))
            return true;
    }
    return false;
}

rh_status prove_texts(const prover *p)
{
    rh_status status = RH_OK;

    if (!masks_anything(p))
        return RH_OK;
    for (size_t i = 0; status == RH_OK && i < rh_structure_table_count(p->structure); i++) {
        const rh_structure_table *table = rh_structure_table_at(p->structure, i);

        if (rows_are_copied(table))
            status = prove_table_texts(p, table);
        else if (strstr(table->kind, "view") != NULL &&
                 text_holds_literal(p, table->view_text, false))
            status = add_alone(p, (proof_object){table->full_name, "text of view"});
    }
    return status == RH_OK ? prove_other_texts(p) : status;
}
