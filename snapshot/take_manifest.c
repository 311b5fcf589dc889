/*
 * See take_manifest.h.
 */
#include "take_manifest.h"

#include "core/clock.h"
#include "core/mem.h"

/* Sums over the ranges of one table. */
typedef struct table_sums {
    int64_t rows;
    int64_t bytes;
    int64_t chunks;
    int64_t new_chunks;
    rh_u128 row_hash;
} table_sums;

static table_sums sum_table(const rh_take_table *table)
{
    table_sums sums = {0, 0, 0, 0, {0, 0}};

    for (size_t i = 0; i < table->range_count; i++) {
        const rh_store_range *range = &table->ranges[i];

        sums.rows += range->stored.rows;
        sums.bytes += range->stored.bytes;
        sums.chunks += range->stored.chunks;
        sums.new_chunks += range->new_chunks;
        rh_u128_add(&sums.row_hash, range->row_hash);
    }
    return sums;
}

static rh_status ranges_json(const rh_take_table *table, json_t **out, rh_error *err)
{
    json_t *ranges = json_array();
    rh_status status = ranges == NULL ? rh_error_oom(err) : RH_OK;

    for (size_t i = 0; status == RH_OK && i < table->range_count; i++) {
        json_t *range = NULL;

        status = rh_store_range_json(&table->ranges[i].stored, &range, err);
        if (status == RH_OK && json_array_append_new(ranges, range) != 0)
            status = rh_error_oom(err);
    }
    if (status != RH_OK) {
        json_decref(ranges);
        return status;
    }
    *out = ranges;
    return RH_OK;
}

static rh_status table_json(const rh_take_facts *facts, size_t index, json_t **out, rh_error *err)
{
    const rh_table *table = &facts->catalog->tables[index];
    table_sums sums = sum_table(&facts->tables[index]);
    uint32_t dictionary = rh_store_dictionary(facts->store, table);
    char hash[33];
    json_t *json = NULL;
    json_t *ranges = NULL;
    rh_status status = rh_table_to_json(table, &json, err);

    if (status != RH_OK)
        return status;
    status = ranges_json(&facts->tables[index], &ranges, err);
    rh_u128_hex(sums.row_hash, hash);
    if (status == RH_OK &&
        (json_object_set_new(json, "ranges", ranges) != 0 ||
         json_object_set_new(json, "rows", json_integer(sums.rows)) != 0 ||
         json_object_set_new(json, "bytes", json_integer(sums.bytes)) != 0 ||
         json_object_set_new(json, "chunks", json_integer(sums.chunks)) != 0 ||
         json_object_set_new(json, "row_hash", json_string(hash)) != 0 ||
         json_object_set_new(json, "dictionary",
                             dictionary == 0 ? json_null() : json_sprintf("%08x", dictionary)) !=
             0))
        status = rh_error_oom(err);
    if (status != RH_OK) {
        json_decref(json);
        return status;
    }
    *out = json;
    return RH_OK;
}

static rh_status tables_json(const rh_take_facts *facts, json_t **out, rh_error *err)
{
    json_t *tables = json_array();
    rh_status status = tables == NULL ? rh_error_oom(err) : RH_OK;

    for (size_t i = 0; status == RH_OK && i < facts->catalog->table_count; i++) {
        json_t *table = NULL;

        status = table_json(facts, i, &table, err);
        if (status == RH_OK && json_array_append_new(tables, table) != 0)
            status = rh_error_oom(err);
        if (status != RH_OK)
            rh_error_where(err, "table '%s'", facts->catalog->tables[i].full_name);
    }
    if (status != RH_OK) {
        json_decref(tables);
        return status;
    }
    *out = tables;
    return RH_OK;
}

rh_status rh_take_manifest(const rh_take_facts *facts, json_t **out, rh_error *err)
{
    char now[RH_CLOCK_TEXT_BYTES];
    json_t *tables = NULL;
    json_t *report = NULL;
    json_t *manifest;
    rh_status status = RH_OK;

    if (facts->filter != NULL && facts->filter->report != NULL)
        status = facts->filter->report(facts->filter->ctx, &report, err);
    if (status == RH_OK)
        status = tables_json(facts, &tables, err);
    if (status != RH_OK) {
        json_decref(report);
        return status;
    }
    manifest =
        json_pack("{s:s, s:s?, s:O, s:b, s:o?, s:o, s:{}, s:[], s:{s:I, s:I}}", "time",
                  rh_clock_format(rh_clock_wall_us(), now), "label", facts->label, "source",
                  facts->source, "raw", facts->filter == NULL, "filter", report, "tables", tables,
                  "sections", "limits", "timings", "held_us", (json_int_t)facts->held_us,
                  "elapsed_us", (json_int_t)(rh_clock_mono_us() - facts->started_us));
    if (manifest == NULL)
        return rh_error_oom(err);
    *out = manifest;
    return RH_OK;
}

static rh_status make_summary(const rh_take_facts *facts, const char *id, json_t **out,
                              rh_error *err)
{
    table_sums all = {0, 0, 0, 0, {0, 0}};
    json_t *summary;

    for (size_t i = 0; i < facts->catalog->table_count; i++) {
        table_sums sums = sum_table(&facts->tables[i]);

        all.rows += sums.rows;
        all.bytes += sums.bytes;
        all.chunks += sums.chunks;
        all.new_chunks += sums.new_chunks;
    }
    summary =
        json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "snapshot", id, "tables",
                  (json_int_t)facts->catalog->table_count, "rows", (json_int_t)all.rows, "bytes",
                  (json_int_t)all.bytes, "new_bytes", (json_int_t)rh_store_new_bytes(facts->store),
                  "chunks", (json_int_t)all.chunks, "new_chunks", (json_int_t)all.new_chunks,
                  "held_us", (json_int_t)facts->held_us, "elapsed_us",
                  (json_int_t)(rh_clock_mono_us() - facts->started_us));
    if (summary == NULL)
        return rh_error_oom(err);
    *out = summary;
    return RH_OK;
}

rh_status rh_take_commit(const rh_take_facts *facts, rh_take_sections put_sections, void *ctx,
                         char **out_id, json_t **out, rh_error *err)
{
    json_t *manifest = NULL;
    char *id = NULL;
    rh_status status = rh_row_filter_end(facts->filter, err);

    if (status == RH_OK)
        status = rh_take_manifest(facts, &manifest, err);
    if (status == RH_OK)
        status = put_sections(ctx, json_object_get(manifest, "sections"), err);
    if (status == RH_OK)
        status = rh_store_commit(facts->store, manifest, &id, err);
    if (status == RH_OK)
        status = make_summary(facts, id, out, err);
    if (status == RH_OK) {
        *out_id = id;
        id = NULL;
    }
    rh_mem_free(id);
    json_decref(manifest);
    return status;
}
