/*
 * PostgreSQL's statistics section, line by line (core/db/postgres/sql/statistics_*.sql).
 */
#include "fid_statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/doc.h"
#include "core/mem.h"
#include "core/str.h"

enum { SLOT_COMMON = 1, SLOT_HISTOGRAM = 2, SLOT_CORRELATION = 3, SLOT_ELEMENTS = 4 };

/* ---- the lists ---- */

rh_status rh_fid_statistics_new(rh_fid_statistics **out, rh_error *err)
{
    rh_fid_statistics *statistics = rh_mem_zalloc(sizeof *statistics);

    if (statistics == NULL)
        return rh_error_oom(err);
    statistics->arena = rh_arena_new_wiping(0);
    if (statistics->arena == NULL) {
        rh_mem_free(statistics);
        return rh_error_oom(err);
    }
    *out = statistics;
    return RH_OK;
}

void rh_fid_statistics_free(rh_fid_statistics *statistics)
{
    if (statistics == NULL)
        return;
    rh_mem_free(statistics->relations);
    rh_mem_free(statistics->columns);
    rh_arena_free(statistics->arena);
    rh_mem_free(statistics);
}

/* Room for one more item; *items may move. */
static rh_status grow(void **items, size_t *cap, size_t count, size_t size, rh_error *err)
{
    size_t wanted = *cap == 0 ? 64 : *cap * 2;
    void *bigger;

    if (count < *cap)
        return RH_OK;
    bigger = rh_mem_rearray(*items, wanted, size);
    if (bigger == NULL)
        return rh_error_oom(err);
    *items = bigger;
    *cap = wanted;
    return RH_OK;
}

rh_status rh_fid_relation_add(rh_fid_statistics *statistics, rh_fid_kind kind, const char *name,
                              const char *table, rh_fid_relation **out, rh_error *err)
{
    rh_fid_relation relation = {.kind = kind, .rows = -1, .pages = -1, .flags = ""};
    void *items = statistics->relations;
    rh_status status =
        grow(&items, &statistics->relation_cap, statistics->relation_count, sizeof relation, err);

    statistics->relations = items;
    if (status != RH_OK)
        return status;
    relation.key = rh_arena_printf(statistics->arena, "%d %s", (int)kind, name);
    relation.name = rh_arena_strdup(statistics->arena, name);
    relation.table = rh_arena_strdup(statistics->arena, table);
    if (relation.key == NULL || relation.name == NULL || relation.table == NULL)
        return rh_error_oom(err);
    *out = &statistics->relations[statistics->relation_count++];
    **out = relation;
    return RH_OK;
}

rh_status rh_fid_column_add(rh_fid_statistics *statistics, const rh_fid_column *column,
                            rh_error *err)
{
    void *items = statistics->columns;
    rh_status status =
        grow(&items, &statistics->column_cap, statistics->column_count, sizeof *column, err);
    const char *key;

    statistics->columns = items;
    if (status != RH_OK)
        return status;
    key = rh_arena_printf(statistics->arena, "%s\t%s\t%d", column->table, column->name,
                          column->inherited ? 1 : 0);
    if (key == NULL)
        return rh_error_oom(err);
    statistics->columns[statistics->column_count] = *column;
    statistics->columns[statistics->column_count++].key = key;
    return RH_OK;
}

static int by_relation_key(const void *a, const void *b)
{
    return strcmp(((const rh_fid_relation *)a)->key, ((const rh_fid_relation *)b)->key);
}

static int by_column_key(const void *a, const void *b)
{
    return strcmp(((const rh_fid_column *)a)->key, ((const rh_fid_column *)b)->key);
}

void rh_fid_statistics_sort(rh_fid_statistics *statistics)
{
    size_t kept = 0;

    if (statistics->relation_count > 1)
        qsort(statistics->relations, statistics->relation_count, sizeof *statistics->relations,
              by_relation_key);
    for (size_t i = 0; i < statistics->relation_count; i++) {
        if (kept == 0 ||
            by_relation_key(&statistics->relations[kept - 1], &statistics->relations[i]) != 0)
            statistics->relations[kept++] = statistics->relations[i];
    }
    statistics->relation_count = kept;
    kept = 0;
    if (statistics->column_count > 1)
        qsort(statistics->columns, statistics->column_count, sizeof *statistics->columns,
              by_column_key);
    for (size_t i = 0; i < statistics->column_count; i++) {
        if (kept == 0 ||
            by_column_key(&statistics->columns[kept - 1], &statistics->columns[i]) != 0)
            statistics->columns[kept++] = statistics->columns[i];
    }
    statistics->column_count = kept;
}

rh_fid_relation *rh_fid_relation_find(const rh_fid_statistics *statistics, rh_fid_kind kind,
                                      const char *name)
{
    for (size_t i = 0; i < statistics->relation_count; i++) {
        rh_fid_relation *relation = &statistics->relations[i];

        if (relation->kind == kind && strcmp(relation->name, name) == 0)
            return relation;
    }
    return NULL;
}

/* ---- one line ---- */

static const char *text(const json_t *line, const char *key)
{
    const char *value = json_string_value(json_object_get(line, key));

    return value == NULL ? "" : value;
}

/* A missing or odd figure counts as 0. */
static double number(const json_t *line, const char *key)
{
    double value = json_number_value(json_object_get(line, key));

    return isfinite(value) ? value : 0;
}

static char *full_name(const rh_fid_statistics *statistics, const json_t *line, const char *key)
{
    return rh_arena_printf(statistics->arena, "%s.%s", text(line, "schema"), text(line, key));
}

static int falling(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return x < y ? 1 : x > y ? -1 : 0;
}

/* PostgreSQL's "{0.1,0.05}" is a JSON array but for its brackets. */
static rh_status read_numbers(const char *array, json_t **out, rh_error *err)
{
    size_t len = strlen(array);
    char *copy = NULL;
    rh_status status;

    if (len < 2 || array[0] != '{' || array[len - 1] != '}')
        return rh_error_set(err, RH_EFORMAT, "frequencies are not an array");
    copy = rh_mem_strndup(array, len);
    if (copy == NULL)
        return rh_error_oom(err);
    copy[0] = '[';
    copy[len - 1] = ']';
    status = rh_doc_parse_json("frequencies", copy, len, out, err);
    rh_mem_free(copy);
    return status;
}

/* limit: how many of the numbers are frequencies (the elements' list ends with other figures). */
static rh_status take_frequencies(rh_arena *arena, const json_t *numbers, size_t left_out,
                                  rh_fid_frequencies *out, rh_error *err)
{
    size_t count = json_array_size(numbers);
    double *items;
    double sum = 0;

    count = count > left_out ? count - left_out : 0;
    if (count == 0)
        return RH_OK;
    items = rh_arena_array(arena, count, sizeof *items);
    if (items == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < count; i++) {
        items[i] = json_number_value(json_array_get(numbers, i));
        sum += items[i];
    }
    qsort(items, count, sizeof *items, falling);
    *out = (rh_fid_frequencies){items, count, sum};
    return RH_OK;
}

static rh_status take_slot(rh_arena *arena, const json_t *slot, rh_fid_column *column,
                           rh_error *err)
{
    json_int_t kind = json_integer_value(json_object_get(slot, "kind"));
    const char *array = json_string_value(json_object_get(slot, "numbers"));
    json_t *numbers = NULL;
    rh_status status = RH_OK;

    if (kind == SLOT_HISTOGRAM)
        column->has_histogram = true;
    if (array == NULL || (kind != SLOT_COMMON && kind != SLOT_CORRELATION && kind != SLOT_ELEMENTS))
        return RH_OK;
    status = read_numbers(array, &numbers, err);
    if (status == RH_OK && kind == SLOT_COMMON)
        status = take_frequencies(arena, numbers, 0, &column->common, err);
    else if (status == RH_OK && kind == SLOT_ELEMENTS) /* then: minimum, maximum, share of nulls */
        status = take_frequencies(arena, numbers, 3, &column->elements, err);
    else if (status == RH_OK && json_array_size(numbers) > 0) {
        column->correlation = json_number_value(json_array_get(numbers, 0));
        column->has_correlation = true;
    }
    json_decref(numbers);
    return status;
}

/* Prefixes of the sample: common values and the histogram are parts of one. */
static rh_status take_prefixes(const json_t *slots, rh_fid_column *column, rh_error *err)
{
    const char *arrays[2] = {NULL, NULL};

    for (size_t i = 0; i < json_array_size(slots); i++) {
        const json_t *slot = json_array_get(slots, i);
        json_int_t kind = json_integer_value(json_object_get(slot, "kind"));

        if ((kind == SLOT_COMMON || kind == SLOT_HISTOGRAM) &&
            rh_fid_prefix_fits(text(slot, "type")))
            arrays[kind - SLOT_COMMON] = json_string_value(json_object_get(slot, "values"));
    }
    return arrays[0] == NULL && arrays[1] == NULL
               ? RH_OK
               : rh_fid_prefixes_count(arrays, &column->prefixes, err);
}

static rh_status take_column(rh_fid_statistics *statistics, const json_t *line, rh_error *err)
{
    const json_t *slots = json_object_get(line, "slots");
    rh_fid_column column = {.table = full_name(statistics, line, "table"),
                            .name = rh_arena_strdup(statistics->arena, text(line, "column")),
                            .inherited = json_is_true(json_object_get(line, "inherited")),
                            .null_frac = number(line, "null_frac"),
                            .n_distinct = number(line, "n_distinct"),
                            .width = number(line, "avg_width")};
    rh_status status = RH_OK;

    if (column.table == NULL || column.name == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; status == RH_OK && i < json_array_size(slots); i++)
        status = take_slot(statistics->arena, json_array_get(slots, i), &column, err);
    if (status == RH_OK)
        status = take_prefixes(slots, &column, err);
    return status == RH_OK ? rh_fid_column_add(statistics, &column, err) : status;
}

static rh_status take_relation(rh_fid_statistics *statistics, const json_t *line, rh_error *err)
{
    const char *kind = text(line, "relkind");
    bool index = rh_str_ieq(kind, "i");
    const char *name = full_name(statistics, line, "name");
    const char *table = index ? full_name(statistics, line, "table") : name;
    rh_fid_relation *relation = NULL;
    rh_status status;

    if (name == NULL || table == NULL)
        return rh_error_oom(err);
    status = rh_fid_relation_add(statistics, index ? RH_FID_INDEX : RH_FID_TABLE, name, table,
                                 &relation, err);
    if (status != RH_OK)
        return status;
    relation->rows = number(line, "reltuples");
    relation->pages = number(line, "relpages");
    if (relation->pages > 0 && !index)
        relation->visible = fmin(1, number(line, "relallvisible") / relation->pages);
    /* Partitioned parents have no pages; before version 14 no rows either. */
    if (rh_str_eq(kind, "p") || rh_str_eq(kind, "I"))
        relation->pages = -1;
    return RH_OK;
}

static rh_status take_extended(rh_fid_statistics *statistics, const json_t *line, rh_error *err)
{
    rh_fid_relation *relation = NULL;
    const char *name =
        rh_arena_printf(statistics->arena, "%s.%s", text(line, "statistics_schemaname"),
                        text(line, "statistics_name"));
    const char *table = rh_arena_printf(statistics->arena, "%s.%s", text(line, "schemaname"),
                                        text(line, "tablename"));

    if (name == NULL || table == NULL)
        return rh_error_oom(err);
    return rh_fid_relation_add(statistics, RH_FID_EXTENDED, name, table, &relation, err);
}

static rh_status take_line(rh_fid_statistics *statistics, const char *line, size_t len,
                           rh_error *err)
{
    json_t *json = NULL;
    const char *kind;
    rh_status status = rh_doc_parse_json("planner statistics", line, len, &json, err);

    if (status != RH_OK)
        return status;
    kind = text(json, "kind");
    if (strcmp(kind, "column") == 0)
        status = take_column(statistics, json, err);
    else if (strcmp(kind, "relation") == 0)
        status = take_relation(statistics, json, err);
    else if (strcmp(kind, "extended") == 0)
        status = take_extended(statistics, json, err);
    json_decref(json);
    return status;
}

rh_status rh_fid_statistics_parse(const char *section, rh_fid_statistics **out, rh_error *err)
{
    rh_fid_statistics *statistics = NULL;
    rh_status status = rh_fid_statistics_new(&statistics, err);

    for (size_t number_of_line = 1; status == RH_OK && *section != '\0'; number_of_line++) {
        size_t len = strcspn(section, "\n");

        if (len > 0)
            status = take_line(statistics, section, len, err);
        if (status != RH_OK)
            rh_error_where(err, "line %zu", number_of_line);
        section += len + (section[len] == '\n');
    }
    if (status == RH_OK) {
        rh_fid_statistics_sort(statistics);
        *out = statistics;
        statistics = NULL;
    }
    rh_fid_statistics_free(statistics);
    return status;
}
