/*
 * The config file: strict when read, because everything else is trusted on its word.
 */
#include "repo_config.h"

#include <jansson.h>
#include <string.h>

#include "core/bytes.h"
#include "core/clock.h"
#include "core/doc.h"
#include "core/mem.h"
#include "core/str.h"

enum {
    CHUNK_MIN = 4096,
    CHUNK_TARGET = 16384,
    CHUNK_MAX = 65536,
    HEX_ROOM = 2 * RH_SEAL_WRAPPED_BYTES + 1,
};

static rh_status damaged(rh_error *err, const char *what)
{
    return rh_error_set(err, RH_EFORMAT, "repository config: %s", what);
}

/* object[key] must be 2*len lower-case hex digits. */
static bool get_hex(const json_t *object, const char *key, size_t len, uint8_t *out)
{
    const json_t *value = json_object_get(object, key);

    return json_is_string(value) && json_string_length(value) == 2 * len &&
           rh_hex_decode(json_string_value(value), len, out) == 0;
}

static rh_status read_features(const json_t *root, rh_repo_config *config, rh_error *err)
{
    const json_t *features = json_object_get(root, "features");
    size_t index;
    const json_t *feature;

    if (!json_is_array(features))
        return damaged(err, "'features' is not a list");
    json_array_foreach(features, index, feature)
    {
        const char *name = json_string_value(feature);

        if (rh_str_eq(name, "sealed")) {
            config->sealed = true;
            continue;
        }
        rh_error_set(err, RH_EFORMAT,
                     "the repository uses feature '%.40s', unknown to this version",
                     name == NULL ? "?" : name);
        rh_error_hint(err, "it was made by a newer version; upgrade rehearse");
        return RH_EFORMAT;
    }
    return RH_OK;
}

static rh_status read_chunk(const json_t *root, rh_repo_config *config, rh_error *err)
{
    const json_t *chunk = json_object_get(root, "chunk");
    json_int_t min = json_integer_value(json_object_get(chunk, "min"));
    json_int_t target = json_integer_value(json_object_get(chunk, "target"));
    json_int_t max = json_integer_value(json_object_get(chunk, "max"));

    if (min < 1 || target <= min || max < target || max > 1024 * 1024)
        return damaged(err, "impossible chunk sizes");
    config->chunk = (rh_chunk_limits){(size_t)min, (size_t)target, (size_t)max};
    return RH_OK;
}

static rh_status read_readers(const json_t *root, rh_repo_config *config, rh_error *err)
{
    const json_t *readers = json_object_get(root, "readers");
    size_t count = json_array_size(readers);
    size_t index;
    const json_t *item;

    if (!config->sealed)
        return readers == NULL ? RH_OK : damaged(err, "readers in a repository that is not sealed");
    if (count == 0 || count > RH_SEAL_MAX_READERS)
        return damaged(err, "impossible number of readers");
    json_array_foreach(readers, index, item)
    {
        rh_config_reader *reader = &config->readers[index];

        if (!get_hex(item, "public", RH_SEAL_PUBLIC_BYTES, reader->key.public_key) ||
            !get_hex(item, "fingerprint", RH_REPO_FINGERPRINT_BYTES, reader->key.fingerprint) ||
            !get_hex(item, "id_key", RH_SEAL_WRAPPED_BYTES, reader->wrapped_id_key))
            return damaged(err, "a reader's key is not readable");
    }
    config->reader_count = count;
    return RH_OK;
}

static rh_status read_version(const json_t *root, rh_error *err)
{
    const json_t *version = json_object_get(root, "rehearse_repository");

    if (!json_is_integer(version) || json_integer_value(version) < 1)
        return damaged(err, "not a repository of rehearse");
    if (json_integer_value(version) == RH_REPO_VERSION)
        return RH_OK;
    rh_error_set(err, RH_EFORMAT, "the repository has format version %lld, this program reads %d",
                 (long long)json_integer_value(version), (int)RH_REPO_VERSION);
    rh_error_hint(err, "it was made by a newer version; upgrade rehearse");
    return RH_EFORMAT;
}

static rh_status read_members(json_t *root, rh_repo_config *config, rh_error *err)
{
    rh_status status = read_version(root, err);

    if (status == RH_OK)
        status = read_features(root, config, err);
    if (status == RH_OK)
        status = read_chunk(root, config, err);
    if (status == RH_OK)
        status = read_readers(root, config, err);
    if (status != RH_OK)
        return status;
    if (!get_hex(root, "id", RH_REPO_ID_BYTES, config->id) ||
        !get_hex(root, "id_key_check", RH_CONFIG_CHECK_BYTES, config->key_check) ||
        !get_hex(root, "mac", RH_ID_BYTES, config->mac))
        return damaged(err, "'id', 'id_key_check' or 'mac' is missing");
    if (config->sealed != (json_object_get(root, "id_key") == NULL))
        return damaged(err, "'id_key' must be there exactly when the repository is not sealed");
    if (!config->sealed && !get_hex(root, "id_key", RH_ID_KEY_BYTES, config->id_key))
        return damaged(err, "'id_key' is not readable");
    if (json_object_del(root, "mac") != 0)
        return damaged(err, "'mac' is missing");
    return rh_doc_json_text(root, JSON_COMPACT | JSON_SORT_KEYS, &config->text, err);
}

rh_status rh_repo_config_parse(const char *text, size_t len, rh_repo_config *out, rh_error *err)
{
    rh_repo_config config = {0};
    json_t *root = NULL;
    rh_status status = rh_doc_parse_json("config", text, len, &root, err);

    if (status == RH_OK && !json_is_object(root))
        status = damaged(err, "not an object");
    if (status == RH_OK)
        status = read_members(root, &config, err);
    if (status == RH_OK)
        *out = config;
    else
        rh_repo_config_done(&config);
    json_decref(root);
    return status;
}

void rh_repo_config_done(rh_repo_config *config)
{
    rh_mem_wipe_free(config->text, config->text == NULL ? 0 : strlen(config->text));
    rh_wipe(config, sizeof *config);
}

static void make_check(const uint8_t *id_key, uint8_t out[RH_CONFIG_CHECK_BYTES])
{
    rh_hash_derive(id_key, "check", out, RH_CONFIG_CHECK_BYTES);
}

static void make_mac(const uint8_t *id_key, const char *text, rh_id *out)
{
    uint8_t key[RH_ID_KEY_BYTES];

    rh_hash_derive(id_key, "config", key, sizeof key);
    rh_hash_id(key, text, strlen(text), out);
    rh_wipe(key, sizeof key);
}

bool rh_repo_config_knows(const rh_repo_config *config, const uint8_t id_key[RH_ID_KEY_BYTES])
{
    uint8_t check[RH_CONFIG_CHECK_BYTES];

    make_check(id_key, check);
    return memcmp(check, config->key_check, sizeof check) == 0;
}

rh_status rh_repo_config_prove(const rh_repo_config *config, const uint8_t id_key[RH_ID_KEY_BYTES],
                               rh_error *err)
{
    rh_id mac;

    make_mac(id_key, config->text, &mac);
    if (memcmp(mac.bytes, config->mac, sizeof mac.bytes) != 0)
        return damaged(err, "it was changed after the repository was created");
    return RH_OK;
}

/* ---- making one ---- */

static int set_hex(json_t *object, const char *key, const uint8_t *data, size_t len)
{
    char hex[HEX_ROOM];
    int result;

    rh_hex_encode(data, len, hex);
    result = json_object_set_new(object, key, json_string(hex));
    rh_wipe(hex, sizeof hex);
    return result;
}

static rh_status add_reader(json_t *readers, const rh_key *key, const uint8_t *id_key,
                            rh_error *err)
{
    uint8_t wrapped[RH_SEAL_WRAPPED_BYTES];
    char fingerprint[17];
    json_t *reader = NULL;
    rh_status status = rh_seal_wrap(key->pair.public_key, id_key, wrapped, err);

    if (status != RH_OK)
        return status;
    rh_key_fingerprint(key, fingerprint);
    reader = json_object();
    if (reader == NULL ||
        set_hex(reader, "public", key->pair.public_key, RH_SEAL_PUBLIC_BYTES) != 0 ||
        json_object_set_new(reader, "fingerprint", json_string(fingerprint)) != 0 ||
        set_hex(reader, "id_key", wrapped, sizeof wrapped) != 0 ||
        json_array_append(readers, reader) != 0)
        status = rh_error_oom(err);
    json_decref(reader);
    return status;
}

static rh_status add_readers(json_t *root, const rh_key *keys, size_t key_count,
                             const uint8_t *id_key, rh_error *err)
{
    json_t *readers = json_array();
    rh_status status = RH_OK;

    if (readers == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; status == RH_OK && i < key_count; i++)
        status = add_reader(readers, &keys[i], id_key, err);
    if (status == RH_OK && json_object_set(root, "readers", readers) != 0)
        status = rh_error_oom(err);
    json_decref(readers);
    return status;
}

static rh_status fill(json_t *root, const rh_key *keys, size_t key_count, const uint8_t *id_key,
                      rh_error *err)
{
    uint8_t id[RH_REPO_ID_BYTES];
    uint8_t check[RH_CONFIG_CHECK_BYTES];
    char created[RH_CLOCK_TEXT_BYTES];
    json_t *features = key_count > 0 ? json_pack("[s]", "sealed") : json_array();

    rh_random(id, sizeof id);
    make_check(id_key, check);
    rh_clock_format(rh_clock_wall_us(), created);
    if (json_object_set_new(root, "features", features) != 0 ||
        json_object_set_new(root, "rehearse_repository", json_integer(RH_REPO_VERSION)) != 0 ||
        json_object_set_new(root, "created", json_string(created)) != 0 ||
        json_object_set_new(root, "chunk",
                            json_pack("{s:i, s:i, s:i}", "min", CHUNK_MIN, "target", CHUNK_TARGET,
                                      "max", CHUNK_MAX)) != 0 ||
        set_hex(root, "id", id, sizeof id) != 0 ||
        set_hex(root, "id_key_check", check, sizeof check) != 0)
        return rh_error_oom(err);
    if (key_count > 0)
        return add_readers(root, keys, key_count, id_key, err);
    return set_hex(root, "id_key", id_key, RH_ID_KEY_BYTES) == 0 ? RH_OK : rh_error_oom(err);
}

static rh_status sign(json_t *root, const uint8_t *id_key, rh_error *err)
{
    char *text = NULL;
    rh_status status = rh_doc_json_text(root, JSON_COMPACT | JSON_SORT_KEYS, &text, err);
    rh_id mac;

    if (status != RH_OK)
        return status;
    make_mac(id_key, text, &mac);
    if (set_hex(root, "mac", mac.bytes, sizeof mac.bytes) != 0)
        status = rh_error_oom(err);
    rh_mem_wipe_free(text, strlen(text));
    return status;
}

rh_status rh_repo_config_make(const rh_key *keys, size_t key_count, rh_buf *out, rh_error *err)
{
    uint8_t id_key[RH_ID_KEY_BYTES];
    json_t *root = json_object();
    char *text = NULL;
    rh_status status = root == NULL ? rh_error_oom(err) : RH_OK;

    if (key_count > 0)
        memcpy(id_key, keys[0].id_key, sizeof id_key);
    else
        rh_random(id_key, sizeof id_key);
    if (status == RH_OK)
        status = fill(root, keys, key_count, id_key, err);
    if (status == RH_OK)
        status = sign(root, id_key, err);
    if (status == RH_OK)
        status = rh_doc_json_text(root, JSON_INDENT(2) | JSON_SORT_KEYS, &text, err);
    if (status == RH_OK)
        status = rh_buf_append_str(out, text, err);
    if (status == RH_OK)
        status = rh_buf_append_byte(out, '\n', err);
    rh_mem_wipe_free(text, text == NULL ? 0 : strlen(text));
    rh_wipe(id_key, sizeof id_key);
    json_decref(root);
    return status;
}
