/*
 * Identifiers of block chains: chain-address, txid, outpoint, match-id, packed-address.
 */
#include <string.h>

#include "anonymize/chain_id.h"
#include "core/bytes.h"
#include "core/mem.h"
#include "field_text.h"
#include "kinds.h"

enum { MAX_CASES = 32, MAX_OFFSETS = 32, MAX_PREFIX = 32, FORM_OUTPOINT = 64, FORM_MATCH = 128 };

/* One layout of binaries with packed addresses. */
typedef struct packed_case {
    uint8_t prefix[MAX_PREFIX];
    size_t prefix_len;
    int64_t length; /* -1: any */
    int64_t offsets[MAX_OFFSETS];
    size_t offset_count;
} packed_case;

typedef struct chain_data {
    unsigned forms;
    const char *tx_domain; /* of hashes; NULL: the mask's own */
    bool reversed;
    char separator;
    bool secret_error;
    packed_case *cases;
    size_t case_count;
    bool rest_kept;
} chain_data;

typedef struct chain_state {
    rh_chain *addresses;
    rh_chain *hashes; /* may be the same */
} chain_state;

static void close_chain(void *state)
{
    chain_state *chain = state;

    if (chain->hashes != chain->addresses)
        rh_chain_free(chain->hashes);
    rh_chain_free(chain->addresses);
    rh_mem_free(chain);
}

static rh_status open_chain(const mask_node *node, const rh_mask_key *key, void **out,
                            rh_error *err)
{
    const chain_data *data = node->data;
    chain_state *chain = rh_mem_zalloc(sizeof *chain);
    rh_status status;

    if (chain == NULL)
        return rh_error_oom(err);
    status = rh_chain_new(key, node->domain, &chain->addresses, err);
    if (status == RH_OK && data->tx_domain != NULL)
        status = rh_chain_new(key, data->tx_domain, &chain->hashes, err);
    else if (status == RH_OK)
        chain->hashes = chain->addresses;
    if (status != RH_OK) {
        close_chain(chain);
        return status;
    }
    *out = chain;
    return RH_OK;
}

/* ---- parameters ---- */

static const struct {
    const char *name;
    unsigned form;
} form_names[] = {
    {"base58check", RH_CHAIN_BASE58CHECK}, {"segwit", RH_CHAIN_SEGWIT},
    {"bech32", RH_CHAIN_BECH32},           {"evm", RH_CHAIN_EVM},
    {"solana", RH_CHAIN_SOLANA},           {"txid", RH_CHAIN_HASH},
    {"outpoint", FORM_OUTPOINT},           {"match-id", FORM_MATCH},
};

static rh_status read_forms(mask_compiler *c, const mask_node *node, unsigned *out, rh_error *err)
{
    const char **names = NULL;
    size_t count = 0;
    unsigned forms = 0;
    rh_status status = param_texts(c, node, "forms", &names, &count, err);

    if (status != RH_OK || names == NULL)
        return status;
    for (size_t i = 0; i < count; i++) {
        unsigned form = 0;

        for (size_t k = 0; k < sizeof form_names / sizeof form_names[0]; k++) {
            if (strcmp(form_names[k].name, names[i]) == 0)
                form = form_names[k].form;
        }
        if (form == 0)
            return param_error(c, node->parameters, "forms", err,
                               "'%s' is no form of a chain address", names[i]);
        forms |= form;
    }
    *out = forms;
    return RH_OK;
}

static rh_status compile_chain(mask_compiler *c, mask_node *node, rh_error *err)
{
    static const char *const orders[] = {"shown", "wire", NULL};
    chain_data *data = rh_arena_array(c->arena, 1, sizeof *data);
    const char *separator = NULL;
    size_t order = 0;
    rh_status status;

    if (data == NULL)
        return rh_error_oom(err);
    node->data = data;
    data->forms = RH_CHAIN_CHECKED;
    data->separator = node->ops == &mask_ops_outpoint ? ':' : '_';
    status = read_forms(c, node, &data->forms, err);
    if (status == RH_OK)
        status = param_text(c, node, "txid-domain", &data->tx_domain, err);
    if (status == RH_OK)
        status = param_choice(c, node, "byte-order", orders, &order, err);
    if (status == RH_OK)
        status = param_text(c, node, "separator", &separator, err);
    if (status != RH_OK)
        return status;
    data->reversed = order == 1;
    if (separator != NULL && strlen(separator) != 1)
        return param_error(c, node->parameters, "separator", err,
                           "'separator' must be one character");
    if (separator != NULL)
        data->separator = separator[0];
    if (node->ops == &mask_ops_chain_address && node->place.max_chars >= 0 &&
        node->place.max_chars < 34)
        return param_error(c, node->parameters, "mask", err,
                           "mask 'chain-address' needs 34 characters or more, '%s' has %lld",
                           node->place.name, (long long)node->place.max_chars);
    return RH_OK;
}

/* ---- pieces ---- */

static bool parse_txid(chain_state *chain, const char *text, size_t len, char *out, size_t *out_len)
{
    return rh_chain_map(chain->hashes, RH_CHAIN_HASH, text, len, out, out_len);
}

static bool is_decimal(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!is_digit(text[i]))
            return false;
    }
    return len > 0 && len <= 10;
}

/* "txid:vout": the number stays. */
static bool map_outpoint(const chain_data *data, chain_state *chain, const char *text, size_t len,
                         char *out, size_t *out_len)
{
    const char sign = data->separator == '_' ? ':' : data->separator;
    const char *at = len == 0 ? NULL : memchr(text, sign, len);
    size_t id = at == NULL ? 0 : (size_t)(at - text);

    if (at == NULL || !is_decimal(at + 1, len - id - 1) ||
        !parse_txid(chain, text, id, out, out_len))
        return false;
    memcpy(out + *out_len, at, len - id);
    *out_len += len - id;
    return true;
}

/* "txid_txid" */
static bool map_match(const chain_data *data, chain_state *chain, const char *text, size_t len,
                      char *out, size_t *out_len)
{
    const char sign = data->separator == ':' ? '_' : data->separator;
    const char *at = len == 0 ? NULL : memchr(text, sign, len);
    size_t id = at == NULL ? 0 : (size_t)(at - text);
    size_t second;

    if (at == NULL || !parse_txid(chain, text, id, out, out_len))
        return false;
    out[(*out_len)++] = sign;
    if (!parse_txid(chain, at + 1, len - id - 1, out + *out_len, &second))
        return false;
    *out_len += second;
    return true;
}

enum { CHAIN_OUT_BYTES = 2 * RH_CHAIN_MAX_TEXT + 16 };

static bool map_forms(const chain_data *data, chain_state *chain, unsigned forms, const char *text,
                      size_t len, char *out, size_t *out_len)
{
    const unsigned plain = forms & (RH_CHAIN_CHECKED | RH_CHAIN_SOLANA);

    if (len > CHAIN_OUT_BYTES - 16)
        return false;
    return (plain != 0 && rh_chain_map(chain->addresses, plain, text, len, out, out_len)) ||
           ((forms & RH_CHAIN_HASH) != 0 && parse_txid(chain, text, len, out, out_len)) ||
           ((forms & FORM_OUTPOINT) != 0 && map_outpoint(data, chain, text, len, out, out_len)) ||
           ((forms & FORM_MATCH) != 0 && map_match(data, chain, text, len, out, out_len));
}

static unsigned forms_of(const mask_node *node)
{
    const chain_data *data = node->data;

    if (node->ops == &mask_ops_txid)
        return RH_CHAIN_HASH;
    if (node->ops == &mask_ops_outpoint)
        return FORM_OUTPOINT;
    return node->ops == &mask_ops_match_id ? FORM_MATCH : data->forms;
}

/* Binary identifiers; the length tells what they are. */
static rh_status map_binary(const mask_node *node, chain_state *chain, mask_call *call,
                            rh_field *value, rh_error *err)
{
    const chain_data *data = node->data;
    unsigned forms = forms_of(node);
    bytes_view view;
    rh_status status = field_bytes(node, value, call->scratch, &view, err);

    if (status != RH_OK)
        return status;
    if (view.len == RH_CHAIN_HASH_BYTES && (forms & RH_CHAIN_HASH) != 0)
        rh_chain_map_hash(chain->hashes, view.data, data->reversed);
    else if (view.len == RH_CHAIN_HASH_BYTES && (forms & RH_CHAIN_CHECKED) != 0) {
        if (!rh_chain_map_topic(chain->addresses, view.data) &&
            !rh_chain_map_id(chain->addresses, view.data, view.len))
            return RH_SKIPPED;
    } else if (view.len == RH_CHAIN_PACKED_BYTES && (forms & RH_CHAIN_CHECKED) != 0)
        rh_chain_map_packed(chain->addresses, view.data);
    else if (view.len != 20 || (forms & RH_CHAIN_CHECKED) == 0 ||
             !rh_chain_map_id(chain->addresses, view.data, view.len))
        return RH_SKIPPED;
    return field_set_bytes(value, &view, call->scratch, err);
}

/* A private key in a column of addresses: shown the same way, and worth nothing. */
static void destroy_secret(chain_state *chain, char *text, size_t len)
{
    static const char alphabet[] = "abcdefghijkmnopqrstuvwxyz";
    uint8_t id[RH_CHAIN_HASH_BYTES] = {0xff};

    for (size_t i = 0; i < len; i++) {
        if (i % RH_CHAIN_HASH_BYTES == 0)
            rh_chain_map_hash(chain->addresses, id, false);
        text[i] = alphabet[id[i % RH_CHAIN_HASH_BYTES] % (sizeof alphabet - 1)];
    }
}

static rh_status apply_chain(const mask_node *node, void *state, mask_call *call, rh_field *value,
                             rh_error *err)
{
    const char *text = (const char *)value->data;
    char *out;
    size_t len;

    if (value->kind == RH_FIELD_BLOB || node->place.type == PLACE_BYTEA)
        return map_binary(node, state, call, value, err);
    if (value->kind != RH_FIELD_TEXT || call->json_number)
        return RH_SKIPPED;
    out = rh_arena_alloc(call->scratch, CHAIN_OUT_BYTES);
    if (out == NULL)
        return rh_error_oom(err);
    if (map_forms(node->data, state, forms_of(node), text, value->len, out, &len)) {
        field_set_text(value, out, len);
        return RH_OK;
    }
    if (value->len <= 113 && node->ops == &mask_ops_chain_address &&
        rh_chain_is_secret(((chain_state *)state)->addresses, text, value->len)) {
        destroy_secret(state, out, value->len);
        field_set_text(value, out, value->len);
        return RH_OK;
    }
    return RH_SKIPPED;
}

static const char *const address_parameters[] = {"forms", "txid-domain", "byte-order", "separator",
                                                 NULL};

const mask_ops mask_ops_chain_address = {
    .kind = {"chain-address", KEEPS_PERMUTED,
             "kind of address (version, prefix), capitals, frequency; amounts and times of a "
             "public chain may still identify it",
             address_parameters},
    .fits = FITS_TEXT | FIT(BYTEA),
    .compile = compile_chain,
    .open = open_chain,
    .close = close_chain,
    .apply = apply_chain,
};

static const char *const txid_parameters[] = {"byte-order", NULL};

const mask_ops mask_ops_txid = {
    .kind = {"txid", KEEPS_PERMUTED | RH_KEEPS_WIDTH, "capitals, 0x or not, frequency",
             txid_parameters},
    .fits = FITS_TEXT | FIT(BYTEA),
    .compile = compile_chain,
    .open = open_chain,
    .close = close_chain,
    .apply = apply_chain,
};

static const char *const outpoint_parameters[] = {"separator", NULL};

const mask_ops mask_ops_outpoint = {
    .kind = {"outpoint", KEEPS_PERMUTED | RH_KEEPS_WIDTH,
             "number of the output, which outputs are of one transaction, frequency",
             outpoint_parameters},
    .fits = FITS_TEXT,
    .compile = compile_chain,
    .open = open_chain,
    .close = close_chain,
    .apply = apply_chain,
};

const mask_ops mask_ops_match_id = {
    .kind = {"match-id", KEEPS_PERMUTED | RH_KEEPS_WIDTH,
             "which ids share a transaction, frequency", outpoint_parameters},
    .fits = FITS_TEXT,
    .compile = compile_chain,
    .open = open_chain,
    .close = close_chain,
    .apply = apply_chain,
};

/* ---- packed-address ---- */

static rh_status case_error(mask_compiler *c, const mask_node *node, size_t index, rh_error *err)
{
    return param_error(
        c, node->parameters, "cases", err,
        "case %zu needs 'offsets' (whole numbers, at most %d), and may have 'prefix' "
        "(hexadecimal, at most %d bytes) and 'length'",
        index + 1, MAX_OFFSETS, MAX_PREFIX);
}

static bool read_offsets(const json_t *offsets, packed_case *out)
{
    if (!json_is_array(offsets) || json_array_size(offsets) > MAX_OFFSETS)
        return false;
    for (size_t i = 0; i < json_array_size(offsets); i++) {
        const json_t *offset = json_array_get(offsets, i);

        if (!json_is_integer(offset))
            return false;
        out->offsets[out->offset_count++] = json_integer_value(offset);
    }
    return true;
}

static bool read_case(const json_t *spec, packed_case *out)
{
    const char *prefix = json_string_value(json_object_get(spec, "prefix"));
    const json_t *length = json_object_get(spec, "length");
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)spec, key, value)
    {
        if (strcmp(key, "offsets") != 0 && strcmp(key, "prefix") != 0 && strcmp(key, "length") != 0)
            return false;
    }
    if ((length != NULL && !json_is_integer(length)) ||
        (prefix == NULL && json_object_get(spec, "prefix") != NULL))
        return false;
    out->length = length == NULL ? -1 : json_integer_value(length);
    if (prefix != NULL) {
        size_t len = strlen(prefix);

        if (len % 2 != 0 || len > 2 * MAX_PREFIX ||
            rh_hex_decode(prefix, len / 2, out->prefix) != 0)
            return false;
        out->prefix_len = len / 2;
    }
    return read_offsets(json_object_get(spec, "offsets"), out);
}

static rh_status compile_packed(mask_compiler *c, mask_node *node, rh_error *err)
{
    static const char *const others[] = {"keep-shape", "keep", NULL};
    const json_t *cases = json_object_get(node->parameters, "cases");
    chain_data *data = rh_arena_array(c->arena, 1, sizeof *data);
    packed_case *list;
    size_t other = 0;
    size_t count;
    rh_status status;

    if (data == NULL)
        return rh_error_oom(err);
    node->data = data;
    status = param_choice(c, node, "other", others, &other, err);
    if (status != RH_OK)
        return status;
    data->rest_kept = other == 1;
    node->passes = data->rest_kept;
    if (json_object_get(node->parameters, "offsets") != NULL && cases == NULL) {
        list = rh_arena_array(c->arena, 1, sizeof *list);
        if (list == NULL)
            return rh_error_oom(err);
        list->length = -1;
        if (!read_offsets(json_object_get(node->parameters, "offsets"), list))
            return case_error(c, node, 0, err);
        data->cases = list;
        data->case_count = 1;
        return RH_OK;
    }
    count = json_array_size(cases);
    if (!json_is_array(cases) || count == 0 || count > MAX_CASES)
        return param_error(c, node->parameters, "cases", err,
                           "mask 'packed-address' needs 'offsets', or 'cases' (at most %d)",
                           MAX_CASES);
    list = rh_arena_array(c->arena, count, sizeof *list);
    if (list == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < count; i++) {
        if (!read_case(json_array_get(cases, i), &list[i]))
            return case_error(c, node, i, err);
        node->passes = node->passes || list[i].offset_count == 0;
    }
    data->cases = list;
    data->case_count = count;
    return RH_OK;
}

/* Where a packed address begins; negative offsets count from the end. */
static bool place_of(const bytes_view *view, int64_t offset, size_t *out)
{
    int64_t at = offset < 0 ? (int64_t)view->len + offset : offset;

    if (at < 0 || at > (int64_t)view->len - RH_CHAIN_PACKED_BYTES)
        return false;
    *out = (size_t)at;
    return true;
}

static bool case_matches(const packed_case *one, const bytes_view *view)
{
    size_t at;

    if ((one->length >= 0 && (int64_t)view->len != one->length) || view->len < one->prefix_len ||
        memcmp(view->data, one->prefix, one->prefix_len) != 0)
        return false;
    for (size_t i = 0; i < one->offset_count; i++) {
        if (!place_of(view, one->offsets[i], &at))
            return false;
    }
    return true;
}

static rh_status apply_packed(const mask_node *node, void *state, mask_call *call, rh_field *value,
                              rh_error *err)
{
    const chain_data *data = node->data;
    chain_state *chain = state;
    bytes_view view;
    rh_status status = field_bytes(node, value, call->scratch, &view, err);

    if (status != RH_OK)
        return status;
    for (size_t i = 0; i < data->case_count; i++) {
        const packed_case *one = &data->cases[i];
        size_t at;

        if (!case_matches(one, &view))
            continue;
        for (size_t k = 0; k < one->offset_count; k++) {
            if (place_of(&view, one->offsets[k], &at))
                rh_chain_map_packed(chain->addresses, view.data + at);
        }
        return field_set_bytes(value, &view, call->scratch, err);
    }
    mask_count_unmatched(call);
    return data->rest_kept ? RH_OK : RH_SKIPPED;
}

static const char *const packed_parameters[] = {"offsets", "cases", "other", NULL};

const mask_ops mask_ops_packed_address = {
    .kind = {"packed-address", KEEPS_PERMUTED | RH_KEEPS_WIDTH,
             "all bytes but those of the addresses", packed_parameters},
    .fits = FITS_TEXT | FIT(BYTEA),
    .flags = OPS_CONTAINER,
    .compile = compile_packed,
    .open = open_chain,
    .close = close_chain,
    .apply = apply_packed,
};
