/*
 * Files of an export directory: written, counted, hashed, listed.
 */
#include "export.h"

#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/doc.h"
#include "core/fs.h"
#include "core/mem.h"
#include "core/rows.h"
#include "report_json.h"

enum {
    KEPT_NAME_BYTES = 200,
    NAME_HASH_BYTES = 8,
    ZSTD_LEVEL = 3,
    FILE_MODE = 0600,
};

void rh_export_name(const char *name, char out[RH_EXPORT_NAME_BYTES])
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    static const char digits[] = "0123456789ABCDEF";
    size_t len = 0;

    for (const char *at = name; *at != '\0'; at++) {
        bool safe = strchr(plain, *at) != NULL && (at > name || (*at != '.' && *at != '-'));

        if (len + (safe ? 1 : 3) > KEPT_NAME_BYTES) {
            uint8_t hash[RH_ID_BYTES];

            rh_hash_blake2b(name, strlen(name), hash);
            out[len++] = '-';
            rh_hex_encode(hash, NAME_HASH_BYTES, out + len);
            return;
        }
        if (safe) {
            out[len++] = *at;
        } else {
            out[len++] = '%';
            out[len++] = digits[(uint8_t)*at >> 4];
            out[len++] = digits[(uint8_t)*at & 15];
        }
    }
    out[len] = '\0';
}

/* ---- one file ---- */

rh_status rh_export_file_open(rh_export *x, const char *name, bool compressed, rh_export_file *out,
                              rh_error *err)
{
    char *path = rh_fs_join(x->dir, name);
    rh_export_file file = {.x = x, .name = rh_mem_strdup(name)};
    rh_writer *below = NULL;
    rh_status status = path == NULL || file.name == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK)
        status = rh_writer_file(path, FILE_MODE, &below, err);
    if (status == RH_OK)
        status = rh_writer_hash(below, RH_HASH_SHA256, &file.hash, err);
    if (status == RH_OK)
        file.top = file.hash;
    if (status == RH_OK && compressed) {
        file.top = NULL; /* the filter takes the stream below, also when it fails */
        status = rh_writer_zstd(file.hash, ZSTD_LEVEL, &file.top, err);
    }
    rh_mem_free(path);
    if (status != RH_OK) {
        rh_mem_free(file.name);
        return status;
    }
    *out = file;
    return RH_OK;
}

/* Complete an entry and put it on the list. Takes about. */
static rh_status add_entry(rh_export *x, json_t *about, const char *name, const uint8_t *sha256,
                           uint64_t bytes, rh_error *err)
{
    char hex[2 * 32 + 1];
    rh_status status = about == NULL ? rh_error_oom(err) : RH_OK;

    rh_hex_encode(sha256, 32, hex);
    if (status == RH_OK)
        status = rh_report_set(about, "file", rh_report_text(name), err);
    if (status == RH_OK)
        status = rh_report_set(about, "bytes", json_integer((json_int_t)bytes), err);
    if (status == RH_OK)
        status = rh_report_set(about, "sha256", rh_report_text(hex), err);
    if (status == RH_OK) {
        pthread_mutex_lock(&x->lock);
        status = rh_report_append(x->files, json_incref(about), err);
        x->file_bytes += bytes;
        x->file_count++;
        pthread_mutex_unlock(&x->lock);
    }
    json_decref(about);
    return status;
}

rh_status rh_export_file_end(rh_export_file *file, json_t *about, rh_error *err)
{
    uint8_t sha256[RH_HASH_MAX_BYTES];
    uint64_t bytes = 0;
    rh_status status = rh_writer_finish(file->top, err);

    if (status == RH_OK) {
        rh_writer_hash_result(file->hash, sha256, &bytes);
        status = add_entry(file->x, about, file->name, sha256, bytes, err);
    } else {
        json_decref(about);
    }
    rh_export_file_done(file);
    return status;
}

void rh_export_file_done(rh_export_file *file)
{
    rh_writer_free(file->top);
    rh_mem_free(file->name);
    file->top = NULL;
    file->hash = NULL;
    file->name = NULL;
}

rh_status rh_export_put(rh_export *x, const char *name, const void *data, size_t len, json_t *about,
                        rh_error *err)
{
    rh_export_file file = {0};
    rh_status status = rh_export_file_open(x, name, false, &file, err);

    if (status == RH_OK && len > 0)
        status = rh_writer_put(file.top, data, len, err);
    if (status == RH_OK)
        return rh_export_file_end(&file, about, err);
    json_decref(about);
    rh_export_file_done(&file);
    return status;
}

rh_status rh_export_adopt(rh_export *x, const char *name, json_t *about, rh_error *err)
{
    char *path = rh_fs_join(x->dir, name);
    rh_hasher *hasher = rh_hasher_new(RH_HASH_SHA256, NULL);
    uint8_t *piece = rh_mem_alloc(RH_BATCH_TARGET_BYTES);
    uint8_t sha256[RH_HASH_MAX_BYTES];
    rh_reader *reader = NULL;
    uint64_t bytes = 0;
    rh_status status = path == NULL || hasher == NULL || piece == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK)
        status = rh_reader_file(path, &reader, err);
    while (status == RH_OK) {
        size_t len = 0;

        status = rh_reader_get(reader, piece, RH_BATCH_TARGET_BYTES, &len, err);
        if (status == RH_OK) {
            rh_hasher_add(hasher, piece, len);
            bytes += len;
        }
    }
    if (status == RH_DONE) {
        rh_hasher_end(hasher, sha256);
        status = add_entry(x, about, name, sha256, bytes, err);
    } else {
        json_decref(about);
    }
    rh_reader_free(reader);
    rh_hasher_free(hasher);
    rh_mem_free(piece);
    rh_mem_free(path);
    return status;
}

/* ---- the lists at the end ---- */

static int by_file(const void *a, const void *b)
{
    const json_t *const *x = a;
    const json_t *const *y = b;

    return strcmp(json_string_value(json_object_get(*x, "file")),
                  json_string_value(json_object_get(*y, "file")));
}

/* The workers ended in any order; the lists are in order of the names. */
static rh_status sort_files(rh_export *x, rh_error *err)
{
    size_t count = json_array_size(x->files);
    json_t **entries = rh_mem_array(count, sizeof(json_t *));
    json_t *sorted = json_array();
    rh_status status = entries == NULL || sorted == NULL ? rh_error_oom(err) : RH_OK;

    for (size_t i = 0; status == RH_OK && i < count; i++)
        entries[i] = json_array_get(x->files, i);
    if (status == RH_OK && count > 0)
        qsort(entries, count, sizeof(json_t *), by_file);
    for (size_t i = 0; status == RH_OK && i < count; i++)
        status = rh_report_append(sorted, json_incref(entries[i]), err);
    rh_mem_free(entries);
    if (status != RH_OK) {
        json_decref(sorted);
        return status;
    }
    json_decref(x->files);
    x->files = sorted;
    return RH_OK;
}

static rh_status put_manifest(rh_export *x, rh_error *err)
{
    static const char *const copied[] = {"time", "label", "tool", "raw", "source"};
    json_t *manifest = json_object();
    char *text = NULL;
    rh_status status = manifest == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK)
        status = rh_report_set(manifest, "rehearse_export", json_integer(1), err);
    if (status == RH_OK)
        status =
            rh_report_set(manifest, "snapshot", rh_report_text(rh_manifest_id(x->manifest)), err);
    for (size_t i = 0; status == RH_OK && i < sizeof copied / sizeof copied[0]; i++) {
        json_t *value = json_object_get(rh_manifest_json(x->manifest), copied[i]);

        status = rh_report_set(manifest, copied[i],
                               value == NULL ? json_null() : json_incref(value), err);
    }
    if (status == RH_OK)
        status = rh_report_set(manifest, "files", json_incref(x->files), err);
    if (status == RH_OK)
        status = rh_doc_json_text(manifest, JSON_INDENT(1) | JSON_SORT_KEYS, &text, err);
    if (status == RH_OK)
        status = rh_export_put(x, "manifest.json", text, strlen(text), json_object(), err);
    rh_mem_free(text);
    json_decref(manifest);
    return status;
}

rh_status rh_export_seal(rh_export *x, rh_error *err)
{
    rh_buf sums = RH_BUF_INIT;
    rh_status status = sort_files(x, err);

    if (status == RH_OK)
        status = put_manifest(x, err);
    for (size_t i = 0; status == RH_OK && i < json_array_size(x->files); i++) {
        const json_t *entry = json_array_get(x->files, i);

        status = rh_buf_printf(&sums, err, "%s  %s\n",
                               json_string_value(json_object_get(entry, "sha256")),
                               json_string_value(json_object_get(entry, "file")));
    }
    if (status == RH_OK)
        status = rh_export_put(x, "SHA256SUMS", sums.data, sums.len, json_object(), err);
    rh_buf_done(&sums);
    return status;
}
