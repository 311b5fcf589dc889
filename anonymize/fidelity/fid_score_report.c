/*
 * The statistics part of the report: both sorted lists side by side.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/catalog.h"
#include "core/mem.h"
#include "core/str.h"
#include "fid_json.h"
#include "fid_report.h"
#include "fid_score.h"

enum { MAX_TEXT_BYTES = 512 };

typedef struct score_walk {
    const rh_fid_statistics *source;
    const rh_fid_statistics *target;
    const rh_fidelity_options *options;
    json_t *differences;
    json_t *tables;
    json_t *indexes;
    json_t *columns;
    double sum;
    size_t count;
} score_walk;

rh_status rh_fid_differ(json_t *differences, const char *kind, const char *object, bool bad,
                        rh_error *err, const char *format, ...)
{
    char whole[2 * MAX_TEXT_BYTES];
    char text[MAX_TEXT_BYTES]; /* cut between characters */
    va_list args;

    va_start(args, format);
    (void)vsnprintf(whole, sizeof whole, format, args);
    va_end(args);
    (void)rh_str_copy(text, sizeof text, whole);
    return rh_fid_append(differences,
                         json_pack("{s:s, s:s, s:b, s:s}", "kind", kind, "object", object, "bad",
                                   bad ? 1 : 0, "text", text),
                         err);
}

static bool selected(const score_walk *walk, const char *table)
{
    const char *dot = strchr(table, '.');

    return rh_catalog_selected(walk->options->include, walk->options->exclude, table,
                               dot == NULL ? table : dot + 1);
}

/* ---- one entry ---- */

static rh_status put_parts(json_t *entry, const rh_fid_parts *parts, rh_error *err)
{
    const rh_fid_part *worst = rh_fid_worst(parts);
    json_t *json = json_object();
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < parts->count; i++)
        status = rh_fid_put(json, parts->items[i].name, rh_fid_real(parts->items[i].value), err);
    if (status != RH_OK) {
        json_decref(json);
        return status;
    }
    status = rh_fid_put(entry, "parts", json, err);
    if (status == RH_OK)
        status = rh_fid_put(entry, "score", json_real(rh_fid_score(parts)), err);
    if (status == RH_OK)
        status =
            rh_fid_put(entry, "worst",
                       rh_fid_text(worst != NULL && worst->value < 1 ? worst->name : NULL), err);
    return status;
}

/* counts: in the score of all. */
static rh_status finish_entry(score_walk *walk, json_t *list, json_t *entry,
                              const rh_fid_parts *parts, bool counts, rh_error *err)
{
    rh_status status = put_parts(entry, parts, err);

    if (status != RH_OK) {
        json_decref(entry);
        return status;
    }
    if (counts) {
        walk->sum += rh_fid_score(parts);
        walk->count++;
    }
    return rh_fid_append(list, entry, err);
}

static json_t *column_figures(const rh_fid_column *column)
{
    if (column == NULL)
        return json_null();
    if (column->sampled)
        return json_pack("{s:n, s:n, s:n, s:n, s:n, s:n, s:n, s:n}", "null_fraction", "n_distinct",
                         "width", "correlation", "frequent", "frequent_top", "frequent_sum",
                         "histogram");
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:i, s:o, s:o, s:b}", "null_fraction", rh_fid_real(column->null_frac),
        "n_distinct", rh_fid_real(column->n_distinct), "width", rh_fid_real(column->width),
        "correlation", column->has_correlation ? rh_fid_real(column->correlation) : json_null(),
        "frequent", (int)column->common.count, "frequent_top",
        rh_fid_real(column->common.count > 0 ? column->common.items[0] : 0), "frequent_sum",
        rh_fid_real(column->common.sum), "histogram", column->has_histogram ? 1 : 0);
}

static json_t *known(double figure)
{
    return figure < 0 ? json_null() : rh_fid_real(figure);
}

static json_t *relation_figures(const rh_fid_relation *relation)
{
    json_t *groups = NULL;
    json_t *json;

    if (relation == NULL)
        return json_null();
    json = json_pack("{s:o, s:o, s:o}", "rows", known(relation->rows), "pages",
                     known(relation->pages), "visible", rh_fid_real(relation->visible));
    if (json == NULL || relation->group_count == 0)
        return json;
    groups = json_array();
    for (size_t i = 0; i < relation->group_count; i++) {
        if (json_array_append_new(groups, rh_fid_real(relation->groups[i])) != 0) {
            json_decref(json);
            json = NULL;
            break;
        }
    }
    if (json == NULL) {
        json_decref(groups);
        return NULL;
    }
    if (json_object_set_new(json, "groups", groups) != 0) {
        json_decref(json);
        return NULL;
    }
    return json;
}

/* ---- relations ---- */

static const char *kind_word(rh_fid_kind kind)
{
    return kind == RH_FID_TABLE ? "table" : kind == RH_FID_INDEX ? "index" : "statistics";
}

static rh_status note_one_sided(score_walk *walk, const char *word, const char *object,
                                bool missing, rh_error *err)
{
    char kind[32];

    (void)snprintf(kind, sizeof kind, "%s-%s", missing ? "missing" : "extra", word);
    return rh_fid_differ(walk->differences, kind, object, missing, err, "%s '%s' is only in the %s",
                         word, object, missing ? "source" : "target");
}

/* a or b may be NULL: it is only on the other side. */
static rh_status take_relation(score_walk *walk, const rh_fid_relation *a, const rh_fid_relation *b,
                               rh_error *err)
{
    const rh_fid_relation *any = a != NULL ? a : b;
    rh_fid_parts parts = {.items = {{"missing", 0}}, .count = 1};
    rh_status status = RH_OK;

    if (!selected(walk, any->table))
        return RH_OK;
    if (a == NULL || b == NULL)
        status = note_one_sided(walk, kind_word(any->kind), any->name, b == NULL, err);
    if (status != RH_OK || a == NULL)
        return status;
    if (b != NULL)
        parts = rh_fid_relation_parts(a, b);
    return finish_entry(walk, a->kind == RH_FID_TABLE ? walk->tables : walk->indexes,
                        json_pack("{s:s, s:s, s:s, s:o, s:o}", "kind", kind_word(a->kind), "name",
                                  a->name, "table", a->table, "source", relation_figures(a),
                                  "target", relation_figures(b)),
                        &parts, true, err);
}

static rh_status walk_relations(score_walk *walk, rh_error *err)
{
    const rh_fid_statistics *a = walk->source;
    const rh_fid_statistics *b = walk->target;
    size_t i = 0;
    size_t j = 0;
    rh_status status = RH_OK;

    while (status == RH_OK && (i < a->relation_count || j < b->relation_count)) {
        int order = i == a->relation_count   ? 1
                    : j == b->relation_count ? -1
                                             : strcmp(a->relations[i].key, b->relations[j].key);

        status = take_relation(walk, order <= 0 ? &a->relations[i] : NULL,
                               order >= 0 ? &b->relations[j] : NULL, err);
        i += order <= 0;
        j += order >= 0;
    }
    return status;
}

/* ---- columns ---- */

static double rows_of(const rh_fid_statistics *statistics, const char *name)
{
    const rh_fid_relation *relation = rh_fid_relation_find(statistics, RH_FID_TABLE, name);

    if (relation == NULL)
        relation = rh_fid_relation_find(statistics, RH_FID_INDEX, name);
    return relation == NULL ? -1 : relation->rows;
}

static rh_status take_column(score_walk *walk, const rh_fid_column *a, const rh_fid_column *b,
                             rh_error *err)
{
    const rh_fid_column *any = a != NULL ? a : b;
    rh_fid_parts parts = {.items = {{"missing", 0}}, .count = 1};
    rh_status status = RH_OK;
    char *object;

    if (!selected(walk, any->table))
        return RH_OK;
    if (a == NULL || b == NULL) {
        object = rh_mem_printf("%s.%s", any->table, any->name);
        if (object == NULL)
            return rh_error_oom(err);
        status = note_one_sided(walk, "column", object, b == NULL, err);
        rh_mem_free(object);
    }
    if (status != RH_OK || a == NULL)
        return status;
    if (b != NULL)
        parts = rh_fid_column_parts(a, rows_of(walk->source, a->table), b,
                                    rows_of(walk->target, b->table));
    if (a->sampled && parts.count == 0)
        return RH_OK; /* no text column, or too few values */
    return finish_entry(walk, walk->columns,
                        json_pack("{s:s, s:s, s:b, s:o, s:o}", "table", a->table, "column", a->name,
                                  "inherited", a->inherited ? 1 : 0, "source", column_figures(a),
                                  "target", column_figures(b)),
                        &parts, b == NULL || !a->sampled, err);
}

static rh_status walk_columns(score_walk *walk, rh_error *err)
{
    const rh_fid_statistics *a = walk->source;
    const rh_fid_statistics *b = walk->target;
    size_t i = 0;
    size_t j = 0;
    rh_status status = RH_OK;

    while (status == RH_OK && (i < a->column_count || j < b->column_count)) {
        int order = i == a->column_count   ? 1
                    : j == b->column_count ? -1
                                           : strcmp(a->columns[i].key, b->columns[j].key);

        status = take_column(walk, order <= 0 ? &a->columns[i] : NULL,
                             order >= 0 ? &b->columns[j] : NULL, err);
        i += order <= 0;
        j += order >= 0;
    }
    return status;
}

/* ---- the report ---- */

static rh_status put_lists(score_walk *walk, json_t *report, rh_error *err)
{
    double score = walk->count == 0 ? 100 : round(100 * walk->sum / (double)walk->count) / 100;
    rh_status status = rh_fid_put(report, "score", json_real(score), err);

    if (status == RH_OK)
        status = rh_fid_put(report, "compared", json_integer((json_int_t)walk->count), err);
    if (status == RH_OK)
        status = rh_fid_sort_by_score(walk->tables, err);
    if (status == RH_OK)
        status = rh_fid_sort_by_score(walk->indexes, err);
    if (status == RH_OK)
        status = rh_fid_sort_by_score(walk->columns, err);
    if (status == RH_OK)
        status = rh_fid_put(report, "tables", json_incref(walk->tables), err);
    if (status == RH_OK)
        status = rh_fid_put(report, "indexes", json_incref(walk->indexes), err);
    if (status == RH_OK)
        status = rh_fid_put(report, "columns", json_incref(walk->columns), err);
    return status;
}

rh_status rh_fid_statistics_report(const rh_fid_statistics *source, const rh_fid_statistics *target,
                                   const rh_fidelity_options *options, json_t *differences,
                                   json_t **out, rh_error *err)
{
    score_walk walk = {.source = source,
                       .target = target,
                       .options = options,
                       .differences = differences,
                       .tables = json_array(),
                       .indexes = json_array(),
                       .columns = json_array()};
    json_t *report = json_object();
    rh_status status = RH_OK;

    if (report == NULL || walk.tables == NULL || walk.indexes == NULL || walk.columns == NULL)
        status = rh_error_oom(err);
    if (status == RH_OK)
        status = walk_relations(&walk, err);
    if (status == RH_OK)
        status = walk_columns(&walk, err);
    if (status == RH_OK)
        status = put_lists(&walk, report, err);
    json_decref(walk.tables);
    json_decref(walk.indexes);
    json_decref(walk.columns);
    if (status == RH_OK)
        *out = report;
    else
        json_decref(report);
    return status;
}
