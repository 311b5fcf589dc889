/*
 * See rules_text.h.
 */
#include "rules_text.h"

#include <string.h>

#include "core/buf.h"
#include "output.h"

/* Lists are best effort: without memory a line is shorter. */
static void add_word(rh_buf *list, const char *word)
{
    rh_error ignored = RH_ERROR_INIT;

    (void)!rh_buf_printf(list, &ignored, "%s%s", list->len == 0 ? "" : ", ", word);
}

/* ---- masks ---- */

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* A partition's column that has its table's mask: said once, there. */
static bool follows_parent(const rh_bound_rules *bound, const rh_decision *decision)
{
    const rh_decision *of_parent =
        decision->table->parent == NULL
            ? NULL
            : rh_bound_find(bound, decision->table->parent, decision->column->name);

    return of_parent != NULL && decision->derived_from != NULL &&
           same_text(decision->kind, of_parent->kind) &&
           same_text(decision->domain, of_parent->domain) &&
           (decision->parameters == of_parent->parameters ||
            json_equal(decision->parameters, of_parent->parameters));
}

/* A domain that was written; a column that has none is the only one of a domain of its name. */
static bool has_named_domain(const rh_decision *decision)
{
    const char *domain = decision->domain;
    size_t len = strlen(decision->table->full_name);

    return domain != NULL &&
           !(strncmp(domain, decision->table->full_name, len) == 0 && domain[len] == '.' &&
             strcmp(domain + len + 1, decision->column->name) == 0);
}

static void print_column(const cli_context *context, const rh_decision *decision,
                         const rh_mask *mask)
{
    rh_buf keeps = RH_BUF_INIT;

    for (size_t i = 0; i < RH_KEEPS_COUNT; i++) {
        if ((rh_mask_keeps(mask) & (1U << i)) != 0)
            add_word(&keeps, rh_mask_keeps_word(i));
    }
    cli_print(context, "  %s: %s", decision->column->name, decision->kind);
    if (has_named_domain(decision) && decision->derived_from == NULL)
        cli_print(context, ", domain %s", decision->domain);
    if (decision->derived_from != NULL)
        cli_print(context, ", follows %s", decision->derived_from);
    cli_print(context, "\n");
    cli_print_wrapped(context, 6, "keeps ", rh_buf_cstr(&keeps));
    rh_buf_done(&keeps);
    cli_print_wrapped(context, 6, "leaks ", rh_mask_leaks(mask));
}

typedef struct table_part {
    size_t from, to; /* decisions of one table */
    size_t masked;
    size_t following;
} table_part;

static table_part next_table(const rh_bound_rules *bound, size_t from)
{
    const rh_structure_table *table = rh_bound_at(bound, from)->table;
    table_part part = {from, from, 0, 0};

    for (; part.to < rh_bound_count(bound); part.to++) {
        const rh_decision *decision = rh_bound_at(bound, part.to);

        if (decision->table != table)
            break;
        part.masked += rh_bound_mask(bound, part.to) != NULL;
        part.following += follows_parent(bound, decision);
    }
    return part;
}

static void print_table(const cli_context *context, const rh_bound_rules *bound, table_part part)
{
    const rh_structure_table *table = rh_bound_at(bound, part.from)->table;
    rh_buf kept = RH_BUF_INIT;

    if (part.following == part.to - part.from) {
        cli_print(context, "%s: follows %s\n", table->full_name, table->parent);
        return;
    }
    cli_print(context, "%s%s\n", table->full_name, part.masked == 0 ? ": kept as it is" : "");
    for (size_t i = part.from; part.masked > 0 && i < part.to; i++) {
        const rh_decision *decision = rh_bound_at(bound, i);

        if (rh_bound_mask(bound, i) == NULL)
            add_word(&kept, decision->column->name);
        else
            print_column(context, decision, rh_bound_mask(bound, i));
    }
    if (kept.len > 0)
        cli_print_wrapped(context, 2, "kept as they are: ", rh_buf_cstr(&kept));
    rh_buf_done(&kept);
}

void cli_rules_print_masks(const cli_context *context, const rh_bound_rules *bound)
{
    for (size_t i = 0; i < rh_bound_count(bound);) {
        table_part part = next_table(bound, i);

        print_table(context, bound, part);
        i = part.to;
    }
}

/* ---- the proof ---- */

/* "public.orders_2023.amount" of a partition, when the same is said of its table. */
static bool said_of_parent(const rh_bound_rules *bound, const char *column)
{
    for (size_t i = 0; i < rh_bound_count(bound); i++) {
        const rh_decision *decision = rh_bound_at(bound, i);
        size_t len = strlen(decision->table->full_name);

        if (follows_parent(bound, decision) &&
            strncmp(decision->table->full_name, column, len) == 0 && column[len] == '.' &&
            strcmp(column + len + 1, decision->column->name) == 0)
            return true;
    }
    return false;
}

void cli_rules_print_proof(const cli_context *context, const rh_bound_rules *bound,
                           const json_t *proof)
{
    size_t preserved = 0;

    for (size_t i = 0; i < json_array_size(proof); i++) {
        const json_t *entry = json_array_get(proof, i);
        const char *column = cli_json_text(entry, "column", "the schema");

        if (strcmp(cli_json_text(entry, "verdict", ""), "preserved") == 0) {
            preserved++;
            continue;
        }
        if (said_of_parent(bound, column))
            continue;
        cli_print(context, "%s: %s, %s %s\n", cli_json_text(entry, "verdict", ""), column,
                  cli_json_text(entry, "object_kind", ""), cli_json_text(entry, "object", ""));
        cli_print_wrapped(context, 4, "", cli_json_text(entry, "because", ""));
    }
    cli_print(context, "%zu of %zu properties are preserved by construction\n", preserved,
              json_array_size(proof));
}

/* ---- why a column is decided as it is ---- */

static void print_rule(const cli_context *context, const char *first, const json_t *rule)
{
    const char *domain = json_string_value(json_object_get(rule, "domain"));
    const char *why = json_string_value(json_object_get(rule, "why"));

    cli_print(context, "%s%s: %s%s%s  (line %lld)\n", first, cli_json_text(rule, "pattern", ""),
              cli_json_text(rule, "mask", ""), domain == NULL ? "" : ", domain ",
              domain == NULL ? "" : domain, (long long)cli_json_number(rule, "line"));
    if (why != NULL)
        cli_print_wrapped(context, strlen(first), "why: ", why);
}

void cli_rules_print_explanation(const cli_context *context, const json_t *answer)
{
    const json_t *rule = json_object_get(answer, "rule");
    const json_t *matching = json_object_get(answer, "matching");
    const json_t *derived = json_object_get(answer, "derived");
    const char *leaks = json_string_value(json_object_get(answer, "leaks"));
    rh_buf keeps = RH_BUF_INIT;

    cli_print(context, "%s  %s\n", cli_json_text(answer, "column", ""),
              cli_json_text(answer, "type", ""));
    if (json_is_object(rule))
        print_rule(context, "  rule     ", rule);
    cli_print_wrapped(context, 2, "because  ", cli_json_text(answer, "because", ""));
    for (size_t i = 0; i < json_array_size(derived); i++) {
        const json_t *step = json_array_get(derived, i);
        const char *name = json_string_value(json_object_get(step, "name"));

        cli_print(context, "  through  %s%s%s to %s\n", cli_json_text(step, "through", ""),
                  name == NULL ? "" : " ", name == NULL ? "" : name,
                  cli_json_text(step, "column", ""));
    }
    for (size_t i = 1; i < json_array_size(matching); i++)
        print_rule(context, "  beaten   ", json_array_get(matching, i));
    for (size_t i = 0; i < json_array_size(json_object_get(answer, "keeps")); i++)
        add_word(&keeps, json_string_value(json_array_get(json_object_get(answer, "keeps"), i)));
    if (keeps.len > 0)
        cli_print_wrapped(context, 2, "keeps    ", rh_buf_cstr(&keeps));
    if (leaks != NULL)
        cli_print_wrapped(context, 2, "leaks    ", leaks);
    rh_buf_done(&keeps);
}
