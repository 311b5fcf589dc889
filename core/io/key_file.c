/*
 * Key files. Everything that held a secret on the way (file text, hex, half-read key) is wiped. The
 * parsed JSON is the exception: jansson cannot wipe, so its secrets are overwritten before the
 * free.
 */
#include "core/key_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/bytes.h"
#include "core/doc.h"
#include "core/mem.h"
#include "core/str.h"
#include "fs_internal.h"

enum {
    MAX_FILE_BYTES = 64 * 1024,
    KEY_BYTES = 32,
    KEY_HEX_BYTES = 2 * KEY_BYTES + 1,
    FINGERPRINT_BYTES = 8,
    VERSION = 1,
};

_Static_assert(sizeof(((rh_key *)0)->pair) == 2 * (size_t)KEY_BYTES, "size of the pair's halves");
_Static_assert(sizeof(((rh_key *)0)->id_key) == (size_t)KEY_BYTES, "size of the id key");
_Static_assert(sizeof(((rh_key *)0)->mask_key) == (size_t)KEY_BYTES, "size of the mask key");

static const char *const kind_names[] = {
    [RH_KEY_SEAL_SECRET] = "seal-secret",
    [RH_KEY_SEAL_WRITER] = "seal-writer",
    [RH_KEY_MASK] = "mask",
};

/* One key of a file: its name there, and its place in the record. */
typedef struct field {
    const char *name;
    size_t offset;
} field;

static const field seal_secret_fields[] = {
    {"public", offsetof(rh_key, pair.public_key)},
    {"secret", offsetof(rh_key, pair.secret_key)},
    {"id_key", offsetof(rh_key, id_key)},
    {NULL, 0},
};
static const field seal_writer_fields[] = {
    {"public", offsetof(rh_key, pair.public_key)},
    {"id_key", offsetof(rh_key, id_key)},
    {NULL, 0},
};
static const field mask_fields[] = {
    {"key", offsetof(rh_key, mask_key)},
    {NULL, 0},
};

static const field *fields_of(rh_key_kind kind)
{
    if (kind == RH_KEY_SEAL_SECRET)
        return seal_secret_fields;
    return kind == RH_KEY_SEAL_WRITER ? seal_writer_fields : mask_fields;
}

/* ---- reading ---- */

static rh_status kind_of(const char *path, const json_t *root, rh_key_kind *out, rh_error *err)
{
    const json_t *version = json_object_get(root, "rehearse_key");
    const char *kind = json_string_value(json_object_get(root, "kind"));

    if (!json_is_integer(version) || kind == NULL)
        return rh_error_set(err, RH_EKEY, "'%s' is not a key file", path);
    if (json_integer_value(version) != VERSION)
        return rh_error_set(err, RH_EKEY, "key file '%s' was written by a newer version", path);
    for (size_t i = 0; i < sizeof kind_names / sizeof kind_names[0]; i++) {
        if (strcmp(kind, kind_names[i]) == 0) {
            *out = (rh_key_kind)i;
            return RH_OK;
        }
    }
    return rh_error_set(err, RH_EKEY, "key file '%s' is of an unknown kind", path);
}

static rh_status read_fields(const char *path, const json_t *root, rh_key *key, rh_error *err)
{
    for (const field *f = fields_of(key->kind); f->name != NULL; f++) {
        const json_t *value = json_object_get(root, f->name);
        const char *hex = json_string_value(value);

        if (hex == NULL)
            return rh_error_set(err, RH_EKEY, "key file '%s' has no '%s'", path, f->name);
        if (strlen(hex) != 2 * (size_t)KEY_BYTES ||
            rh_hex_decode(hex, KEY_BYTES, (uint8_t *)key + f->offset) != 0)
            return rh_error_set(err, RH_EKEY, "'%s' of key file '%s' is not 64 hex digits", f->name,
                                path);
    }
    return RH_OK;
}

/* Overwrite the strings of a parsed file before their memory is given back. */
static void wipe_strings(json_t *root)
{
    const char *name = NULL;
    json_t *value = NULL;

    json_object_foreach(root, name, value)
    {
        const char *text = json_string_value(value);
        char *owned = NULL;

        if (text == NULL)
            continue;
        memcpy(&owned, &text, sizeof owned); /* ours alone, and freed next */
        rh_wipe(owned, json_string_length(value));
    }
}

static rh_status parse(const char *path, const rh_buf *text, rh_key *key, rh_error *err)
{
    json_t *root = NULL;
    rh_error problem = RH_ERROR_INIT;
    rh_status status = rh_doc_parse_json(path, rh_buf_cstr(text), text->len, &root, &problem);

    if (status == RH_ENOMEM)
        return rh_error_oom(err);
    if (status != RH_OK) {
        (void)rh_error_set(err, RH_EKEY, "'%s' is not a key file", path);
        rh_error_hint(err, "%s", problem.text);
        return RH_EKEY;
    }
    status = kind_of(path, root, &key->kind, err);
    if (status == RH_OK)
        status = read_fields(path, root, key, err);
    wipe_strings(root);
    json_decref(root);
    return status;
}

static rh_status check_mode(const char *path, const rh_key *key, const struct stat *st,
                            rh_error *err)
{
    if (key->kind == RH_KEY_SEAL_WRITER || (st->st_mode & 077u) == 0)
        return RH_OK;
    (void)rh_error_set(err, RH_EKEY, "key file '%s' holds a secret and others may read it", path);
    rh_error_hint(err, "run: chmod 600 '%s'", path);
    return RH_EKEY;
}

rh_status rh_key_read(const char *path, rh_key *out, rh_error *err)
{
    rh_buf text = RH_BUF_INIT;
    rh_error problem = RH_ERROR_INIT;
    rh_key key;
    int fd = -1;
    struct stat st;

    /* a symlink is fine here: secrets are often mounted as one */
    rh_status status = fs_open_regular(path, true, &fd, &st, &problem);

    memset(&key, 0, sizeof key);
    if (status == RH_OK) /* room for all at once: growing would leave copies behind */
        status = rh_buf_reserve(&text, MAX_FILE_BYTES + 1, &problem);
    if (status == RH_OK)
        status = fs_read_all(fd, path, MAX_FILE_BYTES, &text, &problem);
    if (status == RH_OK)
        status = parse(path, &text, &key, &problem);
    if (status == RH_OK)
        status = check_mode(path, &key, &st, &problem);
    if (status == RH_OK)
        *out = key;
    if (status == RH_EIO || status == RH_ELIMIT) /* unreadable, a directory, far too long */
        status = problem.code = RH_EKEY;
    if (status != RH_OK && err != NULL && err->code == RH_OK)
        *err = problem;
    rh_wipe(&key, sizeof key);
    rh_buf_wipe_done(&text);
    if (fd >= 0)
        (void)close(fd);
    return status;
}

/* ---- writing ---- */

static rh_status render(const rh_key *key, rh_buf *text, rh_error *err)
{
    char hex[KEY_HEX_BYTES];
    rh_status status = rh_buf_printf(text, err, "{\"rehearse_key\": %d, \"kind\": \"%s\"", VERSION,
                                     kind_names[key->kind]);

    for (const field *f = fields_of(key->kind); status == RH_OK && f->name != NULL; f++) {
        rh_hex_encode((const uint8_t *)key + f->offset, KEY_BYTES, hex);
        status = rh_buf_printf(text, err, ",\n \"%s\": \"%s\"", f->name, hex);
    }
    if (status == RH_OK)
        status = rh_buf_append_str(text, "}\n", err);
    rh_wipe(hex, sizeof hex);
    return status;
}

rh_status rh_key_write(const char *path, const rh_key *key, rh_error *err)
{
    rh_buf text = RH_BUF_INIT;
    char *temporary = NULL;
    int fd = -1;
    unsigned mode = key->kind == RH_KEY_SEAL_WRITER ? 0644 : 0600;
    rh_status status = rh_buf_reserve(&text, 1024, err); /* at once: no copy is left behind */

    if (status == RH_OK)
        status = render(key, &text, err);
    if (status == RH_OK)
        status = fs_create_temporary(path, mode, &temporary, &fd, err);
    if (status == RH_OK)
        status = fs_write_all(fd, path, text.data, text.len, err);
    if (status == RH_OK && fsync(fd) != 0)
        status = rh_error_errno(err, errno, "cannot sync '%s' to disk", path);
    if (status == RH_OK)
        status = rh_fs_rename_new(temporary, path, err);
    if (status == RH_EEXISTS)
        rh_error_hint(err, "a key is never overwritten: choose another name");
    if (fd >= 0)
        (void)close(fd);
    if (status != RH_OK && temporary != NULL)
        (void)unlink(temporary);
    rh_mem_free(temporary);
    rh_buf_wipe_done(&text);
    return status;
}

void rh_key_fingerprint(const rh_key *key, char out[17])
{
    uint8_t hash[RH_ID_BYTES];

    if (key->kind == RH_KEY_MASK)
        rh_hash_derive(key->mask_key, "fingerprint", hash, sizeof hash);
    else
        rh_hash_blake2b(key->pair.public_key, RH_SEAL_PUBLIC_BYTES, hash);
    rh_hex_encode(hash, FINGERPRINT_BYTES, out);
}
