/*
 * Literals in the texts of the schema that stay as they stand. What a masked column is compared
 * with goes through its mask (schema_sql.c); every text that holds another literal is named here,
 * with the masked columns that it mentions, or by itself.
 */
#include <stdio.h>
#include <string.h>

#include "core/sql_scan.h"
#include "prove.h"

static const char LITERALS[] = "it holds literals, which are copied as they stand";

/* *out: a literal of the text stays as it is. Expressions are over the columns of the table. */
static rh_status holds_literal(const prover *p, const rh_structure_table *table, const char *text,
                               bool expression, bool *out)
{
    const rh_schema_sql sql = {text, text == NULL ? 0 : strlen(text), expression, table};
    rh_schema_literals found = {0, 0, true};
    rh_status status = text == NULL ? RH_OK : proof_literals(p, &sql, &found);

    *out = found.left > 0;
    return status;
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
    const char *text = table->columns[position].default_text;
    rh_sql_scan scan = rh_sql_scan_of(p->literals->dialect, text);
    rh_sql_token first = rh_sql_scan_next_code(&scan);
    rh_sql_token next = rh_sql_scan_next_code(&scan);
    bool quoted = (first.kind == RH_SQL_TOKEN_STRING && text[first.offset] == '\'') ||
                  first.kind == RH_SQL_TOKEN_IDENT;

    if (strcmp(proof_decision(p, table, position)->kind, "custom") == 0)
        return false;
    return quoted && (next.kind == RH_SQL_TOKEN_END || rh_sql_token_is(&next, text, "::"));
}

/* nextval('t_id_seq'::regclass): what stands in the quotes is the name of an object. */
static bool is_next_of_sequence(const char *text)
{
    static const char *const EXPECTED[] = {"nextval", "(", NULL, "::", "regclass", ")"};
    rh_sql_scan scan = rh_sql_scan_of(RH_SQL_POSTGRES, text);

    for (size_t i = 0; i < sizeof EXPECTED / sizeof EXPECTED[0]; i++) {
        rh_sql_token token = rh_sql_scan_next_code(&scan);

        if (EXPECTED[i] == NULL ? token.kind != RH_SQL_TOKEN_STRING
                                : !rh_sql_token_is(&token, text, EXPECTED[i]))
            return false;
    }
    return rh_sql_scan_next_code(&scan).kind == RH_SQL_TOKEN_END;
}

static rh_status prove_generated_text(const prover *p, const rh_structure_table *table,
                                      size_t position, size_t read)
{
    const rh_structure_column *column = &table->columns[position];
    bool holds = false;
    rh_status status = holds_literal(p, table, column->generated_from, true, &holds);

    if (status != RH_OK || !holds)
        return status;
    return add_for_columns(p, table, &read, 1,
                           (proof_object){column->name, "text of generated column"});
}

static rh_status prove_column_texts(const prover *p, const rh_structure_table *table,
                                    size_t position)
{
    const rh_structure_column *column = &table->columns[position];
    const proof_object object = {column->name, "text of default"};
    size_t read = proof_read_by(p, table, position);
    bool holds = false;
    rh_status status = RH_OK;

    if (read < table->column_count)
        return prove_generated_text(p, table, position, read);
    if (proof_is_masked(p, table, position) && column->default_text != NULL &&
        !is_masked_default(p, table, position) && !is_next_of_sequence(column->default_text))
        status = holds_literal(p, NULL, column->default_text, false, &holds);
    return status == RH_OK && holds ? add_for_columns(p, table, &position, 1, object) : status;
}

static rh_status prove_check_text(const prover *p, const rh_structure_table *table,
                                  const rh_structure_check *check)
{
    const char *name = check->name[0] != '\0' ? check->name : table->full_name;
    bool holds = false;
    rh_status status = holds_literal(p, table, check->text, false, &holds);

    return status == RH_OK && holds
               ? add_for_columns(p, table, check->mentions, check->mention_count,
                                 (proof_object){name, "text of check"})
               : status;
}

static rh_status prove_index_text(const prover *p, const rh_structure_table *table,
                                  const rh_structure_index *index)
{
    bool holds = false;
    rh_status status = RH_OK;

    if (index->expressions || index->partial || index->exclusion)
        status = holds_literal(p, table, index->text, false, &holds);
    return status == RH_OK && holds
               ? add_for_columns(p, table, index->mentions, index->mention_count,
                                 (proof_object){index->name, "text of index"})
               : status;
}

static rh_status prove_table_texts(const prover *p, const rh_structure_table *table)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < table->column_count; i++)
        status = prove_column_texts(p, table, i);
    for (size_t i = 0; status == RH_OK && i < table->check_count; i++)
        status = prove_check_text(p, table, &table->checks[i]);
    for (size_t i = 0; status == RH_OK && i < table->index_count; i++)
        status = prove_index_text(p, table, &table->indexes[i]);
    return status;
}

static rh_status prove_view_text(const prover *p, const rh_structure_table *view)
{
    bool holds = false;
    rh_status status = holds_literal(p, NULL, view->view_text, false, &holds);

    return status == RH_OK && holds ? add_alone(p, (proof_object){view->full_name, "text of view"})
                                    : status;
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
        bool holds = false;

        status = holds_literal(p, NULL, texts[i].text, false, &holds);
        if (status != RH_OK || !holds)
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
        else if (strstr(table->kind, "view") != NULL)
            status = prove_view_text(p, table);
    }
    return status == RH_OK ? prove_other_texts(p) : status;
}
