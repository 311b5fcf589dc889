/*
 * The document: see docs/profile.md.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "core/str.h"
#include "profile_run.h"

enum { FACTOR = 1000 };

/* ---- small things ---- */

/* Whole numbers as integers, so that they look the same in every run. */
static json_t *number(double value)
{
    if (!rh_plan_known(value))
        return json_null();
    if (value < 9e15 && value == (double)(int64_t)value)
        return json_integer((json_int_t)value);
    return json_real(value);
}

static bool put(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0;
}

static bool put_known(json_t *object, const char *key, double value)
{
    return !rh_plan_known(value) || put(object, key, number(value));
}

static bool put_text(json_t *object, const char *key, const char *value)
{
    return value == NULL || put(object, key, json_string(value));
}

json_t *rh_profile_span_json(const rh_profile_run_state *run, size_t offset, size_t length)
{
    const rh_profile_text *text = run->request->text;
    size_t at = text->offset + offset;
    size_t line = 0;
    size_t column = 0;

    if (offset + length > text->length)
        return json_null();
    rh_sql_position(text->text, text->len, at, &line, &column);
    return json_pack("{s:s?, s:I, s:I, s:I, s:I, s:s%, s:[]}", "file", text->file, "line",
                     (json_int_t)line, "column", (json_int_t)column, "offset", (json_int_t)at,
                     "length", (json_int_t)length, "text", run->sql + offset, length,
                     "alternatives");
}

static json_t *view_span(const rh_subquery *entry)
{
    size_t line = 0;
    size_t column = 0;

    rh_sql_position(entry->text, entry->text_len, entry->level->offset, &line, &column);
    return json_pack("{s:s+, s:I, s:I, s:I, s:I, s:s%, s:[]}", "file", "view ", entry->view, "line",
                     (json_int_t)line, "column", (json_int_t)column, "offset",
                     (json_int_t)entry->level->offset, "length", (json_int_t)entry->level->length,
                     "text", entry->text + entry->level->offset, entry->level->length,
                     "alternatives");
}

static json_t *plain_span(const rh_profile_run_state *run, const rh_subquery *entry)
{
    if (entry->view != NULL)
        return view_span(entry);
    return rh_profile_span_json(run, entry->level->offset, entry->level->length);
}

/* A view that is read twice: the same place of its definition. */
static bool same_place(const rh_subquery *a, const rh_subquery *b)
{
    return a->view != NULL && rh_str_eq(a->view, b->view) && a->level->offset == b->level->offset;
}

json_t *rh_profile_entry_span(const rh_profile_run_state *run, const rh_subquery *entry)
{
    json_t *span = plain_span(run, entry);
    json_t *others = json_object_get(span, "alternatives");

    for (size_t i = 0; others != NULL && i < entry->alternative_count; i++) {
        const rh_subquery *other = rh_subquery_at(run->map, entry->alternatives[i]);

        if (other != entry && !same_place(entry, other) &&
            json_array_append_new(others, plain_span(run, other)) != 0)
            return NULL;
    }
    return span;
}

/* ---- counters ---- */

json_t *rh_profile_counters_json(const rh_plan *plan)
{
    const rh_plan_steps *steps = rh_plan_steps_of(plan);
    rh_plan_work work = rh_plan_inclusive(plan, rh_plan_root(plan));
    json_t *out = json_object();
    bool fits = out != NULL;

    if (steps != NULL)
        fits = fits && put(out, "vm_steps", json_integer(steps->vm_steps)) &&
               put(out, "full_scan_steps", json_integer(steps->full_scan_steps)) &&
               put(out, "sorts", json_integer(steps->sorts)) &&
               put(out, "auto_index_rows", json_integer(steps->auto_index_rows)) &&
               put(out, "rows", json_integer(steps->rows));
    else if (rh_plan_engine_of(plan) == RH_PLAN_POSTGRES)
        fits = fits && put_known(out, "rows_processed", work.rows) &&
               put_known(out, "blocks", work.blocks) &&
               put_known(out, "temp_blocks",
                         rh_plan_known(work.temp_read) ? work.temp_read + work.temp_written
                                                       : RH_PLAN_UNKNOWN) &&
               put_known(out, "cost", work.cost) &&
               put_known(out, "rows", rh_plan_root(plan)->actual_rows);
    if (fits)
        return out;
    json_decref(out);
    return NULL;
}

/* ---- plan ---- */

static bool put_node(json_t *out, const rh_plan *plan, const rh_plan_node *node)
{
    rh_plan_work own = rh_plan_exclusive(plan, node);
    bool fits =
        put(out, "node", json_integer((json_int_t)node->index)) &&
        put(out, "depth", json_integer((json_int_t)node->depth)) &&
        put(out, "kind", json_string(rh_plan_kind_name(node->kind))) &&
        put(out, "raw", json_string(node->raw)) && put_text(out, "schema", node->schema) &&
        put_text(out, "relation", node->relation) && put_text(out, "alias", node->alias) &&
        put_text(out, "index", node->index_name) && put_text(out, "cte", node->cte_name) &&
        put_text(out, "join_type", node->join_type) && put_text(out, "strategy", node->strategy) &&
        put_text(out, "operation", node->operation) && put_text(out, "subplan", node->subplan_id) &&
        put_text(out, "index_cond", node->index_cond) && put_text(out, "filter", node->filter) &&
        put_text(out, "join_cond", node->join_cond) &&
        put_text(out, "join_filter", node->join_filter);

    return fits &&
           (node->parent == RH_PLAN_NO_NODE ||
            put(out, "parent", json_integer((json_int_t)node->parent))) &&
           (!node->hashed || put(out, "hashed", json_true())) &&
           (!node->never_executed || put(out, "never_executed", json_true())) &&
           put_known(out, "plan_rows", node->plan_rows) &&
           put_known(out, "cost", node->total_cost) &&
           put_known(out, "actual_rows", node->actual_rows) &&
           put_known(out, "loops", node->actual_loops) &&
           put_known(out, "rows_processed", own.rows) && put_known(out, "blocks", own.blocks) &&
           put_known(out, "temp_blocks",
                     rh_plan_known(own.temp_read) ? own.temp_read + own.temp_written
                                                  : RH_PLAN_UNKNOWN);
}

json_t *rh_profile_plan_json(const rh_plan *plan)
{
    json_t *list = json_array();

    for (size_t i = 0; list != NULL && i < rh_plan_count(plan); i++) {
        json_t *node = json_object();

        if (node == NULL || !put_node(node, plan, rh_plan_at(plan, i)) ||
            json_array_append(list, node) != 0) {
            json_decref(list);
            list = NULL;
        }
        json_decref(node);
    }
    return list;
}

/* ---- subqueries ---- */

/* Who told how often it ran; NULL: nobody. */
static const char *loops_from(const rh_subquery *entry)
{
    if (rh_plan_known(entry->loops))
        return entry->counted ? "counted" : "plan";
    return entry->once ? "at-most-once" : NULL;
}

static json_t *subquery_json(const rh_profile_run_state *run, const rh_subquery *entry)
{
    const rh_sql_level *level = entry->level;
    json_t *span = rh_profile_entry_span(run, entry);

    if (span == NULL)
        return NULL;
    return json_pack(
        "{s:o, s:s, s:s, s:b, s:s?, s:s?, s:s, s:o, s:s?, s:o, s:o, s:o}", "span", span, "kind",
        rh_sql_level_kind_name(level->kind), "clause", rh_sql_clause_name(level->clause),
        "correlated", level->correlated == RH_SQL_YES, "correlated_by", level->correlated_by,
        "view", entry->view, "fate", rh_subquery_fate_name(entry->fate), "loops",
        number(entry->loops), "loops_from", loops_from(entry), "rows", number(entry->rows), "share",
        rh_plan_known(entry->share)
            ? json_real((double)(int64_t)(entry->share * FACTOR * 10 + 0.5) / (FACTOR * 10))
            : json_null(),
        "node",
        entry->node == RH_PLAN_NO_NODE ? json_null() : json_integer((json_int_t)entry->node));
}

static json_t *subqueries_json(const rh_profile_run_state *run)
{
    json_t *list = json_array();

    for (size_t i = 1; list != NULL && i < rh_subquery_count(run->map); i++) {
        const rh_subquery *entry = rh_subquery_at(run->map, i);

        if (entry->level->kind == RH_SQL_LEVEL_TOP)
            continue; /* a view's own query */
        if (json_array_append_new(list, subquery_json(run, entry)) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

/* ---- findings ---- */

/* The subquery that the finding is about; NULL when it is the statement or not certain. */
static const rh_subquery *entry_of(const rh_profile_run_state *run, const rh_finding *found)
{
    const size_t *entries = NULL;
    size_t node = found->subquery != RH_PLAN_NO_NODE ? found->subquery : found->node;
    size_t count = 0;

    if (node == RH_PLAN_NO_NODE)
        return NULL;
    for (size_t i = 1; i < rh_subquery_count(run->map); i++) {
        const rh_subquery *entry = rh_subquery_at(run->map, i);

        if (entry->node == node && entry->fate == RH_SUBQUERY_OWN)
            return entry;
    }
    count = rh_subquery_of_node(run->map, node, &entries);
    return count == 0 ? NULL : rh_subquery_at(run->map, entries[0]);
}

static json_t *finding_span(const rh_profile_run_state *run, const rh_finding *found,
                            const rh_subquery *entry)
{
    if (found->offset != RH_SQL_NONE)
        return rh_profile_span_json(run, found->offset, found->length);
    if (entry != NULL)
        return rh_profile_entry_span(run, entry);
    return json_null();
}

static char *node_title(const rh_profile_run_state *run, const rh_finding *found)
{
    const rh_plan_node *node = rh_plan_at(run->plan, found->node);

    if (node == NULL)
        return rh_mem_strdup("statement");
    if (node->relation == NULL || rh_plan_engine_of(run->plan) == RH_PLAN_SQLITE)
        return rh_mem_strdup(node->raw);
    if (node->alias != NULL && !rh_str_eq(node->alias, node->relation))
        return rh_mem_printf("%s on %s %s", node->raw, node->relation, node->alias);
    return rh_mem_printf("%s on %s", node->raw, node->relation);
}

static json_t *finding_json(const rh_profile_run_state *run, size_t at)
{
    const rh_finding *found = rh_findings_at(run->findings, at);
    const rh_subquery *entry = entry_of(run, found);
    json_t *span = finding_span(run, found, entry);
    json_t *proof = json_array_get(run->proofs, at);
    char *title = node_title(run, found);
    json_t *out = NULL;

    if (span != NULL && title != NULL)
        out = json_pack(
            "{s:s, s:s, s:s?, s:o, s:o, s:s, s:b, s:O, s:s?, s:s, s:o, s:s, s:s, s:O}", "finding",
            found->name, "severity", rh_severity_name(found->severity), "query",
            run->request->text->name, "value", number(found->value), "threshold",
            number(found->threshold), "unit", found->unit, "model", found->model, "span", span,
            "correlated_by",
            entry != NULL && entry->level->kind != RH_SQL_LEVEL_TOP ? entry->level->correlated_by
                                                                    : NULL,
            "plan_node", title, "node",
            found->node == RH_PLAN_NO_NODE ? json_null() : json_integer((json_int_t)found->node),
            "what", found->what, "advice", found->advice, "proof", proof);
    json_decref(span);
    rh_mem_free(title);
    return out;
}

static json_t *findings_json(const rh_profile_run_state *run)
{
    json_t *list = json_array();

    for (size_t i = 0; list != NULL && i < rh_findings_count(run->findings); i++) {
        if (run->dropped[i])
            continue;
        if (json_array_append_new(list, finding_json(run, i)) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

/* ---- notes ---- */

static bool add_note(json_t *notes, json_t *text)
{
    return json_array_append_new(notes, text) == 0;
}

static bool version_note(const rh_profile_run_state *run, json_t *notes)
{
    const char *here = json_string_value(json_object_get(run->about, "version"));
    const char *there = run->request->library_version;

    if (there == NULL || run->engine != RH_ENGINE_SQLITE || rh_str_eq(here, there))
        return true;
    return add_note(notes, json_sprintf("production runs SQLite %s, this is %s: its planner may "
                                        "choose other plans",
                                        there, here));
}

/* One that somebody wrote; those of foreign keys are the server's. */
static bool has_own_trigger(const rh_plan *plan)
{
    for (size_t i = 0; i < rh_plan_trigger_count(plan); i++)
        if (rh_plan_trigger_at(plan, i)->constraint == NULL)
            return true;
    return false;
}

static json_t *notes_json(const rh_profile_run_state *run)
{
    json_t *notes = json_deep_copy(json_object_get(run->about, "notes"));
    const char *problem = rh_subquery_problem(run->map);
    bool fits = notes != NULL && version_note(run, notes);

    if (fits && run->guess_count > 0)
        fits = add_note(notes, json_string("nobody gave values for its parameters: they were "
                                           "taken from the columns (--param gives others)"));
    if (fits && run->result.generic)
        fits = add_note(notes, json_string("its parameters have no values: planned for unknown "
                                           "ones, not executed (--param gives them)"));
    if (fits && run->result.generic && run->no_guess != NULL)
        fits = add_note(notes,
                        json_sprintf("no values were taken from statistics: %s", run->no_guess));
    if (fits && run->result.stopped != NULL)
        fits = add_note(notes,
                        json_sprintf("it was ended by the limit of %s; %s", run->result.stopped,
                                     run->result.executed ? "counters are those until then"
                                                          : "figures are the planner's estimates"));
    if (fits && has_own_trigger(run->plan))
        fits = add_note(notes, json_string("what triggers run has plans of its own, which are not "
                                           "visible here: auto_explain with "
                                           "auto_explain.log_nested_statements logs them"));
    if (fits && run->not_counted != NULL)
        fits = add_note(notes,
                        json_sprintf("runs of subqueries are not counted: %s", run->not_counted));
    if (fits && problem != NULL)
        fits = add_note(notes, json_sprintf("subqueries are not placed: %s", problem));
    if (fits)
        return notes;
    json_decref(notes);
    return NULL;
}

/* ---- the whole ---- */

static bool put_shape(json_t *out, const rh_plan *plan)
{
    rh_buf text = RH_BUF_INIT;
    uint64_t hash = 0;
    bool fits = rh_plan_signature(plan, &text, NULL) == RH_OK &&
                rh_plan_shape_hash(plan, &hash, NULL) == RH_OK &&
                put(out, "signature", json_string(rh_buf_cstr(&text))) &&
                put(out, "shape", json_sprintf("%016" PRIx64, hash));

    rh_buf_done(&text);
    return fits;
}

static bool put_settings(json_t *out, const rh_plan *plan)
{
    json_t *settings = json_object();
    bool fits = settings != NULL;

    for (size_t i = 0; fits && i < rh_plan_setting_count(plan); i++) {
        const rh_plan_setting *setting = rh_plan_setting_at(plan, i);

        fits = put(settings, setting->name, json_string(setting->value));
    }
    fits = fits && json_object_set(out, "settings", settings) == 0;
    json_decref(settings);
    return fits;
}

static json_t *triggers_json(const rh_plan *plan)
{
    json_t *list = json_array();

    for (size_t i = 0; list != NULL && i < rh_plan_trigger_count(plan); i++) {
        const rh_plan_trigger *trigger = rh_plan_trigger_at(plan, i);
        json_t *one = json_pack("{s:s?, s:s?, s:s?, s:o}", "name", trigger->name, "constraint",
                                trigger->constraint, "relation", trigger->relation, "calls",
                                number(trigger->calls));

        if (json_array_append_new(list, one) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

/* What PostgreSQL tells about more than the plan. */
static bool put_hidden(const rh_profile_run_state *run, json_t *out)
{
    const json_t *reads = run->result.reads;

    return run->engine == RH_ENGINE_SQLITE ||
           (put(out, "triggers", triggers_json(run->plan)) &&
            put(out, "table_scans", reads == NULL ? json_null() : json_deep_copy(reads)));
}

static bool fill(const rh_profile_run_state *run, json_t *out)
{
    const rh_profile_text *text = run->request->text;
    const rh_profile_result *result = &run->result;

    return json_object_set(out, "engine", json_object_get(run->about, "engine")) == 0 &&
           json_object_set(out, "version", json_object_get(run->about, "version")) == 0 &&
           (run->engine != RH_ENGINE_SQLITE ||
            (json_object_set(out, "compile_options",
                             json_object_get(run->about, "compile_options")) == 0 &&
             json_object_set(out, "scanstatus", json_object_get(run->about, "scanstatus")) == 0)) &&
           put(out, "query", text->name == NULL ? json_null() : json_string(text->name)) &&
           put(out, "file", text->file == NULL ? json_null() : json_string(text->file)) &&
           put(out, "statement", json_string(run->sql)) &&
           put(out, "executed", json_boolean(result->executed)) &&
           put(out, "stopped",
               result->stopped == NULL ? json_null() : json_string(result->stopped)) &&
           put(out, "elapsed_ms",
               result->elapsed_us < 0 ? json_null()
                                      : json_real((double)result->elapsed_us / 1000)) &&
           put(out, "case",
               run->reported->name == NULL ? json_null() : json_string(run->reported->name)) &&
           json_object_set(out, "cases", run->cases) == 0 &&
           (!rh_plan_known(run->typical_cost) || !rh_plan_known(run->worst_cost) ||
            run->typical_cost <= 0 ||
            put(out, "worst_ratio", number(run->worst_cost / run->typical_cost))) &&
           put(out, "counters", rh_profile_counters_json(run->plan)) &&
           put(out, "plan", rh_profile_plan_json(run->plan)) && put_shape(out, run->plan) &&
           put_hidden(run, out) && put_settings(out, run->plan) &&
           put(out, "subqueries", subqueries_json(run)) &&
           put(out, "findings", findings_json(run)) && put(out, "notes", notes_json(run));
}

rh_status rh_profile_document(const rh_profile_run_state *run, json_t **out, rh_error *err)
{
    json_t *document = json_object();

    if (document == NULL || !fill(run, document)) {
        json_decref(document);
        return rh_error_oom(err);
    }
    *out = document;
    return RH_OK;
}
