/*
 * Manifests: load, find, answer. What makes one valid is in manifest_check.c.
 */
#include "manifest.h"

#include <string.h>

#include "core/bytes.h"
#include "core/doc.h"
#include "core/fs.h"
#include "core/mem.h"
#include "core/str.h"
#include "manifest_internal.h"

void rh_manifest_hex(const uint8_t id_key[RH_ID_KEY_BYTES], const void *text, size_t len,
                     char out[17])
{
    uint8_t key[RH_ID_KEY_BYTES];
    rh_id id;

    rh_hash_derive(id_key, "manifest", key, sizeof key);
    rh_hash_id(key, text, len, &id);
    rh_hex_encode(id.bytes, 8, out);
    rh_wipe(key, sizeof key);
}

static rh_status check_id(const rh_repo *repo, const char *id, const char *text, size_t len,
                          rh_error *err)
{
    const uint8_t *id_key = repo == NULL ? NULL : rh_repo_id_key(repo);
    char hex[17];

    if (id == NULL || id_key == NULL)
        return RH_OK;
    rh_manifest_hex(id_key, text, len, hex);
    if (!rh_str_ends_with(id, hex))
        return rh_error_set(err, RH_EFORMAT, "the manifest was changed or renamed");
    return RH_OK;
}

static rh_status parse(rh_manifest *manifest, rh_repo *repo, const char *text, size_t len,
                       rh_error *err)
{
    rh_status status = check_id(repo, manifest->id, text, len, err);

    if (status == RH_OK)
        status = rh_doc_parse_json("manifest", text, len, &manifest->json, err);
    if (status == RH_OK)
        status = rh_manifest_check(manifest, repo, err);
    return status;
}

rh_status rh_manifest_parse(rh_repo *repo, const char *id, const char *text, size_t len,
                            rh_manifest **out, rh_error *err)
{
    rh_manifest *manifest = rh_mem_zalloc(sizeof *manifest);
    rh_status status = RH_OK;

    if (manifest == NULL)
        return rh_error_oom(err);
    if (id != NULL) {
        manifest->id = rh_mem_strdup(id);
        status = manifest->id == NULL ? rh_error_oom(err) : RH_OK;
    }
    if (status == RH_OK)
        status = parse(manifest, repo, text, len, err);
    if (status != RH_OK) {
        rh_manifest_free(manifest);
        return status;
    }
    *out = manifest;
    return RH_OK;
}

void rh_manifest_free(rh_manifest *manifest)
{
    if (manifest == NULL)
        return;
    rh_catalog_free(manifest->catalog);
    rh_mem_free(manifest->tables);
    rh_mem_free(manifest->ranges);
    rh_mem_free(manifest->packs);
    rh_mem_free(manifest->dicts);
    rh_mem_free(manifest->sections);
    json_decref(manifest->json);
    rh_mem_free(manifest->id);
    rh_mem_free(manifest);
}

rh_status rh_manifest_load(rh_repo *repo, const char *id, rh_manifest **out, rh_error *err)
{
    char *path = NULL;
    rh_buf text = RH_BUF_INIT;
    rh_status status = rh_repo_snapshot_path(repo, id, &path, err);

    if (status == RH_OK)
        status = rh_fs_read(path, RH_MANIFEST_MAX_BYTES, &text, err);
    if (status == RH_ENOTFOUND) {
        rh_error_clear(err);
        rh_error_set(err, RH_ENOTFOUND, "there is no snapshot '%s'", id);
        rh_error_hint(err, "rehearse list shows what there is");
    } else if (status == RH_ELIMIT) {
        rh_error_clear(err);
        status = rh_error_set(err, RH_EFORMAT, "snapshot '%s': the manifest is too long", id);
    }
    if (status == RH_OK) {
        status = rh_manifest_parse(repo, id, rh_buf_cstr(&text), text.len, out, err);
        if (status != RH_OK)
            rh_error_where(err, "snapshot '%s'", id);
    }
    rh_buf_done(&text);
    rh_mem_free(path);
    return status;
}

rh_status rh_manifest_latest(rh_repo *repo, const char *lineage, rh_manifest **out, rh_error *err)
{
    char **ids = NULL;
    size_t count = 0;
    rh_manifest *found = NULL;
    rh_status status = rh_repo_snapshot_ids(repo, &ids, &count, err);

    while (status == RH_OK && found == NULL && count > 0) {
        rh_error skipped = RH_ERROR_INIT;

        status = rh_manifest_load(repo, ids[--count], &found, &skipped);
        if (status == RH_EFORMAT || status == RH_ENOTFOUND)
            status = RH_OK;
        else if (status != RH_OK && err != NULL && err->code == RH_OK)
            *err = skipped;
        if (found != NULL && !rh_str_eq(found->lineage, lineage)) {
            rh_manifest_free(found);
            found = NULL;
        }
    }
    rh_fs_list_free(ids);
    if (status == RH_OK)
        *out = found;
    return status;
}

/* ---- questions ---- */

const char *rh_manifest_id(const rh_manifest *manifest)
{
    return manifest->id;
}

json_t *rh_manifest_json(const rh_manifest *manifest)
{
    return manifest->json;
}

json_t *rh_manifest_source(const rh_manifest *manifest)
{
    return manifest->source;
}

const char *rh_manifest_lineage(const rh_manifest *manifest)
{
    return manifest->lineage;
}

rh_engine_kind rh_manifest_engine(const rh_manifest *manifest)
{
    return manifest->engine;
}

const rh_catalog *rh_manifest_catalog(const rh_manifest *manifest)
{
    return manifest->catalog;
}

size_t rh_manifest_table_count(const rh_manifest *manifest)
{
    return manifest->table_count;
}

const rh_stored_table *rh_manifest_table(const rh_manifest *manifest, size_t index)
{
    return &manifest->tables[index];
}

size_t rh_manifest_pack_count(const rh_manifest *manifest)
{
    return manifest->pack_count;
}

const char *rh_manifest_pack(const rh_manifest *manifest, size_t ordinal)
{
    return manifest->packs[ordinal];
}

const rh_id *rh_manifest_dictionary(const rh_manifest *manifest, uint32_t id)
{
    for (size_t i = 0; i < manifest->dict_count; i++)
        if (manifest->dicts[i].id == id)
            return &manifest->dicts[i].hash;
    return NULL;
}

size_t rh_manifest_dictionary_count(const rh_manifest *manifest)
{
    return manifest->dict_count;
}

uint32_t rh_manifest_dictionary_id(const rh_manifest *manifest, size_t index)
{
    return manifest->dicts[index].id;
}

size_t rh_manifest_section_count(const rh_manifest *manifest)
{
    return manifest->section_count;
}

const rh_stored_section *rh_manifest_section(const rh_manifest *manifest, size_t index)
{
    return &manifest->sections[index];
}

const rh_stored_section *rh_manifest_find_section(const rh_manifest *manifest, const char *name)
{
    for (size_t i = 0; i < manifest->section_count; i++)
        if (rh_str_eq(manifest->sections[i].name, name))
            return &manifest->sections[i];
    return NULL;
}
