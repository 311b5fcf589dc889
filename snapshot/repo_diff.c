/*
 * What changed between two snapshots, from their manifests and lists; rows are never read.
 *
 * Tables are compared by counts and row hash (same secret in the whole repository), chunks by the
 * places they are stored at, schema sections by their keyed hash and, where they can be read, as
 * text.
 */
#include <rehearse/repository.h>

#include <stdlib.h>
#include <string.h>

#include "core/cancel.h"
#include "core/mem.h"
#include "core/progress.h"
#include "core/str.h"
#include "diff_chunks.h"
#include "fetch.h"
#include "manifest.h"
#include "repo.h"
#include "report_json.h"
#include "text_diff.h"

typedef struct diff {
    rh_repo *repo;
    const rh_manifest *a;
    const rh_manifest *b;
    const rh_stored_table **of_a; /* sorted by full name */
    const rh_stored_table **of_b;
} diff;

/* ---- columns ---- */

static const rh_column *find_column(const rh_table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (strcmp(table->columns[i].name, name) == 0)
            return &table->columns[i];
    }
    return NULL;
}

static bool same_column(const rh_column *a, const rh_column *b)
{
    return rh_str_eq(a->type, b->type) && rh_str_eq(a->collation, b->collation) &&
           a->not_null == b->not_null && a->generated == b->generated;
}

/* "character varying(20) collate "C" not null generated", or JSON null for no column. */
static json_t *column_text(const rh_column *column)
{
    rh_buf text = RH_BUF_INIT_WIPING;
    json_t *value = NULL;
    rh_status status;

    if (column == NULL)
        return json_null();
    status = rh_buf_append_str(&text, column->type, NULL);
    if (status == RH_OK && column->collation != NULL)
        status = rh_buf_printf(&text, NULL, " collate \"%s\"", column->collation);
    if (status == RH_OK && column->not_null)
        status = rh_buf_append_str(&text, " not null", NULL);
    if (status == RH_OK && column->generated)
        status = rh_buf_append_str(&text, " generated", NULL);
    if (status == RH_OK)
        value = rh_report_text_len(rh_buf_cstr(&text), text.len);
    rh_buf_done(&text);
    return value;
}

static rh_status put_column(json_t *list, const char *change, const rh_column *a,
                            const rh_column *b, rh_error *err)
{
    json_t *entry = json_object();
    rh_status status = entry == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK)
        status = rh_report_set(entry, "column", rh_report_text(a != NULL ? a->name : b->name), err);
    if (status == RH_OK)
        status = rh_report_set(entry, "change", rh_report_text(change), err);
    if (status == RH_OK)
        status = rh_report_set(entry, "a", column_text(a), err);
    if (status == RH_OK)
        status = rh_report_set(entry, "b", column_text(b), err);
    if (status == RH_OK)
        status = rh_report_append(list, json_incref(entry), err);
    json_decref(entry);
    return status;
}

static rh_status put_columns(json_t *list, const rh_table *a, const rh_table *b, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < a->column_count; i++) {
        const rh_column *other = find_column(b, a->columns[i].name);

        if (other == NULL)
            status = put_column(list, "removed", &a->columns[i], NULL, err);
        else if (!same_column(&a->columns[i], other))
            status = put_column(list, "changed", &a->columns[i], other, err);
    }
    for (size_t i = 0; status == RH_OK && i < b->column_count; i++) {
        if (find_column(a, b->columns[i].name) == NULL)
            status = put_column(list, "added", NULL, &b->columns[i], err);
    }
    return status;
}

/* ---- tables ---- */

static json_t *count_or_null(const rh_stored_table *table, int64_t count)
{
    return table == NULL ? json_null() : json_integer(count);
}

static rh_status put_shared(const diff *d, const rh_stored_table *a, const rh_stored_table *b,
                            json_t *entry, rh_error *err)
{
    const rh_diff_side side_a = {d->a, a};
    const rh_diff_side side_b = {d->b, b};
    uint64_t shared = 0;
    rh_status status;

    if (a == NULL || b == NULL)
        return rh_report_set(entry, "chunks_shared", json_integer(0), err);
    if (!rh_repo_can_read(d->repo))
        return rh_report_set(entry, "chunks_shared", json_null(), err);
    status = rh_diff_shared_chunks(d->repo, &side_a, &side_b, &shared, err);
    if (status != RH_OK)
        return status;
    return rh_report_set(entry, "chunks_shared", json_integer((json_int_t)shared), err);
}

static rh_status put_counts(const diff *d, const rh_stored_table *a, const rh_stored_table *b,
                            json_t *entry, rh_error *err)
{
    rh_status status = rh_report_set(entry, "rows_a", count_or_null(a, a ? a->rows : 0), err);

    if (status == RH_OK)
        status = rh_report_set(entry, "rows_b", count_or_null(b, b ? b->rows : 0), err);
    if (status == RH_OK)
        status = rh_report_set(entry, "bytes_a", count_or_null(a, a ? a->bytes : 0), err);
    if (status == RH_OK)
        status = rh_report_set(entry, "bytes_b", count_or_null(b, b ? b->bytes : 0), err);
    if (status == RH_OK)
        status = put_shared(d, a, b, entry, err);
    if (status == RH_OK)
        status = rh_report_set(entry, "chunks_a", count_or_null(a, a ? a->chunks : 0), err);
    if (status == RH_OK)
        status = rh_report_set(entry, "chunks_b", count_or_null(b, b ? b->chunks : 0), err);
    return status;
}

static const char *change_of(const rh_stored_table *a, const rh_stored_table *b,
                             const json_t *columns)
{
    if (a == NULL)
        return "added";
    if (b == NULL)
        return "removed";
    if (a->rows == b->rows && a->bytes == b->bytes && a->row_hash.low == b->row_hash.low &&
        a->row_hash.high == b->row_hash.high && json_array_size(columns) == 0 &&
        a->table->rows_excluded == b->table->rows_excluded)
        return "same";
    return "changed";
}

static rh_status put_table(const diff *d, const rh_stored_table *a, const rh_stored_table *b,
                           json_t *list, rh_error *err)
{
    const rh_table *any = a != NULL ? a->table : b->table;
    json_t *entry = json_object();
    json_t *columns = json_array();
    rh_status status = entry == NULL || columns == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK && a != NULL && b != NULL)
        status = put_columns(columns, a->table, b->table, err);
    if (status == RH_OK)
        status = rh_report_set(entry, "table", rh_report_text(any->full_name), err);
    if (status == RH_OK)
        status = rh_report_set(entry, "change", rh_report_text(change_of(a, b, columns)), err);
    if (status == RH_OK)
        status = put_counts(d, a, b, entry, err);
    if (status == RH_OK)
        status = rh_report_set(entry, "columns", json_incref(columns), err);
    if (status == RH_OK)
        status = rh_report_append(list, json_incref(entry), err);
    json_decref(columns);
    json_decref(entry);
    if (status != RH_OK)
        rh_error_where(err, "table '%s'", any->full_name);
    return status;
}

static int by_name(const void *a, const void *b)
{
    const rh_stored_table *const *x = a;
    const rh_stored_table *const *y = b;

    return strcmp((*x)->table->full_name, (*y)->table->full_name);
}

static rh_status sort_tables(const rh_manifest *manifest, const rh_stored_table ***out,
                             rh_error *err)
{
    size_t count = rh_manifest_table_count(manifest);
    const rh_stored_table **tables = rh_mem_array(count, sizeof *tables);

    if (tables == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < count; i++)
        tables[i] = rh_manifest_table(manifest, i);
    if (count > 0)
        qsort(tables, count, sizeof *tables, by_name);
    *out = tables;
    return RH_OK;
}

static rh_status put_tables(const diff *d, json_t *list, rh_error *err)
{
    size_t count_a = rh_manifest_table_count(d->a);
    size_t count_b = rh_manifest_table_count(d->b);
    rh_status status = RH_OK;

    rh_progress_stage(rh_repo_progress(d->repo), "tables", 0, 0, count_a + count_b);
    for (size_t i = 0, j = 0; status == RH_OK && (i < count_a || j < count_b);) {
        int order = i == count_a ? 1 : j == count_b ? -1 : by_name(&d->of_a[i], &d->of_b[j]);
        const rh_stored_table *a = order <= 0 ? d->of_a[i++] : NULL;
        const rh_stored_table *b = order >= 0 ? d->of_b[j++] : NULL;

        status = rh_cancel_check(rh_repo_cancel(d->repo), err);
        if (status == RH_OK)
            status = put_table(d, a, b, list, err);
        rh_progress_add(rh_repo_progress(d->repo), 0, 0, order == 0 ? 2 : 1);
    }
    return status;
}

/* ---- sections ---- */

static bool same_section(const rh_stored_section *a, const rh_stored_section *b)
{
    return a != NULL && b != NULL && a->bytes == b->bytes &&
           memcmp(a->hash.bytes, b->hash.bytes, sizeof a->hash.bytes) == 0;
}

static rh_status read_side(const diff *d, const rh_manifest *manifest, const char *name,
                           rh_buf *out, rh_error *err)
{
    if (rh_manifest_find_section(manifest, name) == NULL)
        return RH_OK;
    return rh_fetch_section(d->repo, manifest, name, out, err);
}

/* Unified diff, or JSON null where it cannot be made: sealed without a key, or far too long. */
static rh_status section_diff(const diff *d, const char *name, json_t **out, rh_error *err)
{
    rh_buf text_a = RH_BUF_INIT_WIPING;
    rh_buf text_b = RH_BUF_INIT_WIPING;
    rh_buf text = RH_BUF_INIT_WIPING;
    char *name_a = rh_mem_printf("%s/%s", rh_manifest_id(d->a), name);
    char *name_b = rh_mem_printf("%s/%s", rh_manifest_id(d->b), name);
    json_t *value = NULL;
    rh_status status = name_a == NULL || name_b == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK)
        status = read_side(d, d->a, name, &text_a, err);
    if (status == RH_OK)
        status = read_side(d, d->b, name, &text_b, err);
    if (status == RH_OK) {
        const rh_text_side a = {name_a, rh_buf_cstr(&text_a), text_a.len};
        const rh_text_side b = {name_b, rh_buf_cstr(&text_b), text_b.len};

        status = rh_text_diff(&a, &b, &text, err);
    }
    if (status == RH_ELIMIT) {
        rh_error_clear(err);
        value = json_null();
        status = RH_OK;
    } else if (status == RH_OK) {
        value = rh_report_text_len(rh_buf_cstr(&text), text.len);
        status = value == NULL ? rh_error_oom(err) : RH_OK;
    }
    if (status == RH_OK)
        *out = value;
    rh_mem_free(name_a);
    rh_mem_free(name_b);
    rh_buf_wipe_done(&text_a);
    rh_buf_wipe_done(&text_b);
    rh_buf_wipe_done(&text);
    return status;
}

static rh_status put_section(const diff *d, const char *name, json_t *list, rh_error *err)
{
    bool changed =
        !same_section(rh_manifest_find_section(d->a, name), rh_manifest_find_section(d->b, name));
    json_t *text = NULL;
    json_t *entry = json_object();
    rh_status status = entry == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK)
        status = rh_report_set(entry, "name", rh_report_text(name), err);
    if (status == RH_OK)
        status = rh_report_set(entry, "changed", json_boolean(changed), err);
    if (status == RH_OK && changed && rh_repo_can_read(d->repo))
        status = section_diff(d, name, &text, err);
    if (status == RH_OK)
        status = rh_report_set(entry, "diff", text == NULL ? json_null() : text, err);
    if (status == RH_OK)
        status = rh_report_append(list, json_incref(entry), err);
    json_decref(entry);
    if (status != RH_OK)
        rh_error_where(err, "section '%s'", name);
    return status;
}

/* Names of both sides, each once, in byte order. A handful: insertion sort. */
static rh_status put_sections(const diff *d, json_t *list, rh_error *err)
{
    const rh_manifest *const sides[] = {d->a, d->b};
    size_t all = rh_manifest_section_count(d->a) + rh_manifest_section_count(d->b);
    const char **names = rh_mem_array(all, sizeof *names);
    size_t count = 0;
    rh_status status = names == NULL ? rh_error_oom(err) : RH_OK;

    for (size_t side = 0; status == RH_OK && side < 2; side++) {
        for (size_t i = 0; i < rh_manifest_section_count(sides[side]); i++) {
            const char *name = rh_manifest_section(sides[side], i)->name;
            size_t at = count;

            if (side == 1 && rh_manifest_find_section(d->a, name) != NULL)
                continue;
            for (; at > 0 && strcmp(names[at - 1], name) > 0; at--)
                names[at] = names[at - 1];
            names[at] = name;
            count++;
        }
    }
    for (size_t i = 0; status == RH_OK && i < count; i++)
        status = put_section(d, names[i], list, err);
    rh_mem_free(names);
    return status;
}

rh_status rh_repo_diff(rh_repo *repo, const char *id_a, const char *id_b, json_t **out,
                       rh_error *err)
{
    rh_manifest *a = NULL;
    rh_manifest *b = NULL;
    diff d = {.repo = repo};
    json_t *result = json_object();
    json_t *tables = json_array();
    json_t *sections = json_array();
    rh_status status = RH_OK;

    if (result == NULL || tables == NULL || sections == NULL)
        status = rh_error_oom(err);
    if (status == RH_OK)
        status = rh_manifest_load(repo, id_a, &a, err);
    if (status == RH_OK)
        status = rh_manifest_load(repo, id_b, &b, err);
    d.a = a;
    d.b = b;
    if (status == RH_OK)
        status = sort_tables(a, &d.of_a, err);
    if (status == RH_OK)
        status = sort_tables(b, &d.of_b, err);
    if (status == RH_OK)
        status = put_tables(&d, tables, err);
    if (status == RH_OK)
        status = put_sections(&d, sections, err);
    if (status == RH_OK)
        status = rh_report_set(result, "tables", json_incref(tables), err);
    if (status == RH_OK)
        status = rh_report_set(result, "sections", json_incref(sections), err);
    if (status == RH_OK)
        *out = json_incref(result);
    json_decref(result);
    json_decref(tables);
    json_decref(sections);
    rh_mem_free(d.of_a);
    rh_mem_free(d.of_b);
    rh_manifest_free(a);
    rh_manifest_free(b);
    return status;
}
