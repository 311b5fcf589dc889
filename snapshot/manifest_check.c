/*
 * What makes a manifest valid. Every name, number and reference in it is checked here, once, so
 * that its users need not: no name that is not one of ours, no ordinal beyond the packs, no sum
 * that does not add up.
 */
#include <string.h>

#include "chunk_list.h"
#include "core/clock.h"
#include "core/mem.h"
#include "core/str.h"
#include "fetch_blob.h"
#include "manifest_internal.h"

enum { MAX_COUNT = 1 << 28 }; /* of anything in one manifest; keeps sums of counts in range */

static const int64_t max_number = INT64_C(1) << 60; /* rows, bytes: two of them can be added */

static rh_status damaged(rh_error *err, const char *what)
{
    return rh_error_set(err, RH_EFORMAT, "the manifest is damaged: %s", what);
}

static bool get_number(const json_t *object, const char *key, int64_t *out)
{
    const json_t *value = json_object_get(object, key);

    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        json_integer_value(value) > max_number)
        return false;
    *out = json_integer_value(value);
    return true;
}

/* A string without NUL bytes inside, or NULL. */
static const char *get_text(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    const char *text = json_string_value(value);

    return text != NULL && strlen(text) == json_string_length(value) ? text : NULL;
}

/* ---- head ---- */

static rh_status check_version(const json_t *json, rh_error *err)
{
    const json_t *version = json_object_get(json, "rehearse_snapshot");
    const json_t *features = json_object_get(json, "features");

    if (!json_is_integer(version) || json_integer_value(version) < 1)
        return damaged(err, "not a snapshot of rehearse");
    if (json_integer_value(version) > RH_MANIFEST_VERSION) {
        rh_error_set(err, RH_EFORMAT, "the snapshot has format version %lld, this program reads %d",
                     (long long)json_integer_value(version), (int)RH_MANIFEST_VERSION);
        rh_error_hint(err, "it was made by a newer version; upgrade rehearse");
        return RH_EFORMAT;
    }
    if (!json_is_array(features))
        return damaged(err, "'features' is not a list");
    for (size_t i = 0; i < json_array_size(features); i++) {
        const char *name = json_string_value(json_array_get(features, i));

        if (rh_str_eq(name, RH_MANIFEST_ROUTES))
            continue;
        rh_error_set(err, RH_EFORMAT, "the snapshot uses feature '%.40s', unknown to this version",
                     name == NULL ? "?" : name);
        rh_error_hint(err, "it was made by a newer version; upgrade rehearse");
        return RH_EFORMAT;
    }
    return RH_OK;
}

static bool is_lineage(const char *text)
{
    return text != NULL && strlen(text) == 32 && strspn(text, "0123456789abcdef") == 32;
}

static rh_status check_head(rh_manifest *manifest, const rh_repo *repo, rh_error *err)
{
    const char *repository = get_text(manifest->json, "repository");
    const char *time = get_text(manifest->json, "time");
    const char *engine;
    int64_t when;

    if (repository == NULL || (repo != NULL && !rh_str_eq(repository, rh_repo_id_hex(repo))))
        return rh_error_set(err, RH_EFORMAT, "the manifest belongs to another repository");
    manifest->lineage = get_text(manifest->json, "lineage");
    if (!is_lineage(manifest->lineage))
        return damaged(err, "'lineage' is not readable");
    if (time == NULL || rh_clock_parse(time, &when, NULL) != RH_OK)
        return damaged(err, "'time' is not readable");
    manifest->source = json_object_get(manifest->json, "source");
    engine = get_text(manifest->source, "engine");
    if (!json_is_object(manifest->source) || engine == NULL)
        return damaged(err, "'source' is not readable");
    return rh_engine_from_name(engine, &manifest->engine, err);
}

/* ---- packs and dictionaries ---- */

static rh_status check_packs(rh_manifest *manifest, rh_error *err)
{
    const json_t *packs = json_object_get(manifest->json, "packs");
    size_t index;
    const json_t *pack;

    if (!json_is_array(packs) || json_array_size(packs) > MAX_COUNT)
        return damaged(err, "'packs' is not readable");
    manifest->packs = rh_mem_array(json_array_size(packs), sizeof *manifest->packs);
    if (manifest->packs == NULL)
        return rh_error_oom(err);
    manifest->pack_count = json_array_size(packs);
    json_array_foreach(packs, index, pack)
    {
        const char *name = json_string_value(pack);

        if (name == NULL || strlen(name) != json_string_length(pack) || !rh_repo_is_pack_name(name))
            return rh_error_set(err, RH_EFORMAT,
                                "the manifest is damaged: pack %zu has no valid "
                                "name",
                                index);
        manifest->packs[index] = name;
    }
    return RH_OK;
}

static rh_status check_dicts(rh_manifest *manifest, rh_error *err)
{
    const json_t *dicts = json_object_get(manifest->json, "dictionaries");
    size_t index;
    const json_t *item;

    if (!json_is_array(dicts) || json_array_size(dicts) > MAX_COUNT)
        return damaged(err, "'dictionaries' is not readable");
    manifest->dicts = rh_mem_array(json_array_size(dicts), sizeof *manifest->dicts);
    if (manifest->dicts == NULL)
        return rh_error_oom(err);
    manifest->dict_count = json_array_size(dicts);
    json_array_foreach(dicts, index, item)
    {
        rh_manifest_dict *dict = &manifest->dicts[index];
        const char *id = get_text(item, "id");
        const char *hash = get_text(item, "hash");

        if (id == NULL || hash == NULL || !rh_repo_is_dict_name(id, &dict->id) ||
            rh_id_parse(hash, &dict->hash, NULL) != RH_OK)
            return rh_error_set(err, RH_EFORMAT,
                                "the manifest is damaged: dictionary %zu is not readable", index);
    }
    return RH_OK;
}

/* ---- tables ---- */

/* null is an open end. */
static bool get_bound(const json_t *range, const char *key, int64_t open, int64_t *out)
{
    const json_t *value = json_object_get(range, key);

    if (value == NULL || (!json_is_null(value) && !json_is_integer(value)))
        return false;
    *out = json_is_null(value) ? open : json_integer_value(value);
    return true;
}

static rh_status check_range(const rh_manifest *manifest, const json_t *json, rh_stored_range *out,
                             rh_error *err)
{
    const char *list = get_text(json, "list");
    rh_chunk_run run;
    rh_status status;

    if (!get_bound(json, "from", INT64_MIN, &out->from) ||
        !get_bound(json, "to", INT64_MAX, &out->to) || out->from >= out->to)
        return damaged(err, "impossible bounds");
    if (!get_number(json, "rows", &out->rows) || !get_number(json, "bytes", &out->bytes) ||
        !get_number(json, "chunks", &out->chunks) || list == NULL)
        return damaged(err, "a number or the list is missing");
    if (out->rows > out->bytes || out->chunks > out->bytes ||
        (out->chunks == 0) != (out->rows == 0) || (out->rows == 0) != (out->bytes == 0))
        return damaged(err, "impossible numbers of rows, bytes and chunks");
    status = rh_chunk_ref_parse(list, manifest->pack_count, &run, err);
    if (status != RH_OK)
        return status;
    if ((run.count == 0) != (out->chunks == 0))
        return damaged(err, "the list does not fit the number of chunks");
    out->list_pack = run.pack;
    out->list_first = run.first;
    out->list_count = run.count;
    return RH_OK;
}

static rh_status check_ranges(const rh_manifest *manifest, const json_t *ranges,
                              rh_stored_range *out, const rh_stored_table *table, rh_error *err)
{
    int64_t rows = 0;
    int64_t bytes = 0;
    int64_t chunks = 0;
    size_t index;
    const json_t *item;

    json_array_foreach(ranges, index, item)
    {
        rh_status status = check_range(manifest, item, &out[index], err);

        if (status != RH_OK) {
            rh_error_where(err, "range %zu", index);
            return status;
        }
        rows += out[index].rows;
        bytes += out[index].bytes;
        chunks += out[index].chunks;
        if (rows > max_number || bytes > max_number || chunks > max_number)
            return damaged(err, "impossible sums");
        if (index > 0 && out[index].from < out[index - 1].to)
            return damaged(err, "ranges overlap");
    }
    if (rows != table->rows || bytes != table->bytes || chunks != table->chunks)
        return damaged(err, "the ranges do not add up to the table");
    return RH_OK;
}

static rh_status check_dictionary(const rh_manifest *manifest, const json_t *json,
                                  rh_stored_table *out, rh_error *err)
{
    const json_t *value = json_object_get(json, "dictionary");
    const char *name = get_text(json, "dictionary");

    out->dictionary = 0;
    if (json_is_null(value))
        return RH_OK;
    if (name == NULL || !rh_repo_is_dict_name(name, &out->dictionary) ||
        rh_manifest_dictionary(manifest, out->dictionary) == NULL)
        return damaged(err, "the dictionary is not listed");
    return RH_OK;
}

static rh_status check_table(const rh_manifest *manifest, const json_t *json,
                             rh_stored_range *ranges, rh_stored_table *out, rh_error *err)
{
    const char *hash = get_text(json, "row_hash");
    rh_status status;

    if (!get_number(json, "rows", &out->rows) || !get_number(json, "bytes", &out->bytes) ||
        !get_number(json, "chunks", &out->chunks) || hash == NULL)
        return damaged(err, "a number or the row hash is missing");
    status = rh_u128_parse(hash, &out->row_hash, err);
    if (status == RH_OK)
        status = check_dictionary(manifest, json, out, err);
    if (status == RH_OK)
        status = check_ranges(manifest, json_object_get(json, "ranges"), ranges, out, err);
    out->ranges = ranges;
    out->range_count = json_array_size(json_object_get(json, "ranges"));
    return status;
}

static rh_status count_ranges(rh_manifest *manifest, const json_t *tables, rh_error *err)
{
    size_t index;
    const json_t *table;

    json_array_foreach(tables, index, table)
    {
        const json_t *ranges = json_object_get(table, "ranges");

        if (!json_is_array(ranges))
            return rh_error_set(err, RH_EFORMAT, "the manifest is damaged: table %zu has no ranges",
                                index);
        manifest->range_count += json_array_size(ranges);
    }
    manifest->ranges = rh_mem_array(manifest->range_count, sizeof *manifest->ranges);
    return manifest->ranges == NULL ? rh_error_oom(err) : RH_OK;
}

static rh_status check_tables(rh_manifest *manifest, rh_error *err)
{
    const json_t *tables = json_object_get(manifest->json, "tables");
    size_t count = json_array_size(tables);
    size_t used = 0;
    rh_status status = RH_OK;

    if (!json_is_array(tables) || count > MAX_COUNT)
        return damaged(err, "'tables' is not readable");
    status = rh_catalog_from_json(tables, &manifest->catalog, err);
    if (status == RH_OK && manifest->catalog->table_count != count)
        status = damaged(err, "'tables' is not readable");
    if (status == RH_OK)
        status = count_ranges(manifest, tables, err);
    if (status != RH_OK)
        return status;
    manifest->tables = rh_mem_array(count, sizeof *manifest->tables);
    if (manifest->tables == NULL)
        return rh_error_oom(err);
    manifest->table_count = count;
    for (size_t i = 0; status == RH_OK && i < count; i++) {
        rh_stored_table *table = &manifest->tables[i];

        table->table = &manifest->catalog->tables[i];
        status =
            check_table(manifest, json_array_get(tables, i), manifest->ranges + used, table, err);
        if (status != RH_OK)
            rh_error_where(err, "table '%s'", table->table->full_name);
        used += table->range_count;
    }
    return status;
}

/* ---- sections ---- */

static rh_status check_section(const rh_manifest *manifest, const char *name, const json_t *json,
                               rh_stored_section *out, rh_error *err)
{
    const char *hash = get_text(json, "hash");
    const char *list = get_text(json, "list");
    rh_chunk_run run;
    rh_status status;

    out->name = name;
    if (!get_number(json, "bytes", &out->bytes) || out->bytes > RH_FETCH_SECTION_MAX_BYTES ||
        hash == NULL || list == NULL || rh_id_parse(hash, &out->hash, NULL) != RH_OK)
        return damaged(err, "the section is not readable");
    status = rh_chunk_ref_parse(list, manifest->pack_count, &run, err);
    if (status == RH_OK && (run.count == 0) != (out->bytes == 0))
        status = damaged(err, "the list does not fit the size");
    if (status != RH_OK)
        return status;
    out->list_pack = run.pack;
    out->list_first = run.first;
    out->list_count = run.count;
    return RH_OK;
}

static rh_status check_sections(rh_manifest *manifest, rh_error *err)
{
    json_t *sections = json_object_get(manifest->json, "sections");
    const char *name;
    json_t *item;
    size_t used = 0;

    if (!json_is_object(sections))
        return damaged(err, "'sections' is not readable");
    manifest->sections = rh_mem_array(json_object_size(sections), sizeof *manifest->sections);
    if (manifest->sections == NULL)
        return rh_error_oom(err);
    json_object_foreach(sections, name, item)
    {
        rh_status status = check_section(manifest, name, item, &manifest->sections[used], err);

        if (status != RH_OK) {
            rh_error_where(err, "section '%.60s'", name);
            return status;
        }
        used++;
    }
    manifest->section_count = used;
    return RH_OK;
}

rh_status rh_manifest_check(rh_manifest *manifest, const rh_repo *repo, rh_error *err)
{
    rh_status status = json_is_object(manifest->json) ? check_version(manifest->json, err)
                                                      : damaged(err, "not an object");

    if (status == RH_OK)
        status = check_head(manifest, repo, err);
    if (status == RH_OK)
        status = check_packs(manifest, err);
    if (status == RH_OK)
        status = check_dicts(manifest, err);
    if (status == RH_OK)
        status = check_tables(manifest, err);
    if (status == RH_OK)
        status = check_sections(manifest, err);
    return status;
}
