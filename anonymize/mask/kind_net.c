/*
 * Addresses of networks and devices, and UUIDs: ip, mac, uuid.
 */
#include <string.h>

#include "anonymize/ip_map.h"
#include "anonymize/uuid_perm.h"
#include "core/bytes.h"
#include "core/mem.h"
#include "field_text.h"
#include "kinds.h"
#include "net_text.h"
#include "time_text.h"
#include "uuid_text.h"

/* ---- ip ---- */

static rh_status compile_ip(mask_compiler *c, mask_node *node, rh_error *err)
{
    bool *network = rh_arena_array(c->arena, 1, sizeof *network);

    if (network == NULL)
        return rh_error_oom(err);
    *network = node->place.type == PLACE_CIDR;
    node->data = network;
    if (node->place.type == PLACE_TEXT && node->place.max_chars >= 0 && node->place.max_chars < 15)
        return param_error(c, node->parameters, "mask", err,
                           "mask 'ip' needs 15 characters, '%s' has %lld", node->place.name,
                           (long long)node->place.max_chars);
    return param_bool(c, node, "network", network, err);
}

static rh_status open_ip(const mask_node *node, const rh_mask_key *key, void **out, rh_error *err)
{
    rh_ip_map *map = NULL;
    rh_status status = rh_ip_map_new(key, node->domain, &map, err);

    *out = map;
    return status;
}

static void close_ip(void *state)
{
    rh_ip_map_free(state);
}

static void map_bytes(rh_ip_map *map, uint8_t *bytes, size_t size)
{
    uint32_t v4 =
        (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];

    if (size == 16) {
        rh_ip_map_v6(map, bytes, 1);
        return;
    }
    rh_ip_map_v4(map, &v4, 1);
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(v4 >> (24 - 8 * i));
}

/* True when the bits behind the prefix are zero. */
static bool is_network(const net_address *address)
{
    for (size_t bit = (size_t)address->prefix; bit < address->size * 8; bit++) {
        if ((address->bytes[bit / 8] >> (7 - bit % 8) & 1) != 0)
            return false;
    }
    return true;
}

static rh_status apply_ip(const mask_node *node, void *state, mask_call *call, rh_field *value,
                          rh_error *err)
{
    const bool *network = node->data;
    net_address address;
    char *text;

    if (value->kind == RH_FIELD_BLOB && (value->len == 4 || value->len == 16)) {
        uint8_t *bytes = rh_arena_alloc(call->scratch, value->len);

        if (bytes == NULL)
            return rh_error_oom(err);
        memcpy(bytes, value->data, value->len);
        map_bytes(state, bytes, value->len);
        value->data = bytes;
        return RH_OK;
    }
    if (value->kind != RH_FIELD_TEXT ||
        !net_text_parse((const char *)value->data, value->len, &address))
        return RH_SKIPPED;
    if (*network && address.prefix >= 0 && !is_network(&address))
        return RH_SKIPPED;
    if (*network && address.prefix >= 0)
        rh_ip_map_network(state, address.bytes, address.size, (unsigned)address.prefix);
    else
        map_bytes(state, address.bytes, address.size);
    text = rh_arena_alloc(call->scratch, NET_TEXT_BYTES);
    if (text == NULL)
        return rh_error_oom(err);
    field_set_text(value, text, net_text_put(&address, text));
    return RH_OK;
}

/* Addresses as plain text; networks and values with /n are taken one by one. */
typedef struct ip_group {
    net_address address[MASK_MANY];
    uint32_t v4[MASK_MANY];
    uint8_t v6[16 * MASK_MANY];
    size_t count_4, count_6;
} ip_group;

static void map_group(rh_ip_map *map, ip_group *g, const bool *done, size_t count)
{
    size_t at_4 = 0;
    size_t at_6 = 0;

    rh_ip_map_v4(map, g->v4, g->count_4);
    rh_ip_map_v6(map, g->v6, g->count_6);
    for (size_t i = 0; i < count; i++) {
        uint8_t *bytes = g->address[i].bytes;

        if (!done[i])
            continue;
        if (g->address[i].size == 16) {
            memcpy(bytes, g->v6 + 16 * at_6++, 16);
            continue;
        }
        for (int j = 0; j < 4; j++)
            bytes[j] = (uint8_t)(g->v4[at_4] >> (24 - 8 * j));
        at_4++;
    }
}

static rh_status apply_ips(const mask_node *node, void *state, mask_call *call, rh_field *values,
                           bool *done, size_t count, rh_error *err)
{
    ip_group g;
    char *texts = rh_arena_alloc(call->scratch, NET_TEXT_BYTES * count);

    (void)node;
    if (texts == NULL)
        return rh_error_oom(err);
    g.count_4 = 0;
    g.count_6 = 0;
    for (size_t i = 0; i < count; i++) {
        net_address *a = &g.address[i];

        done[i] = values[i].kind == RH_FIELD_TEXT &&
                  net_text_parse((const char *)values[i].data, values[i].len, a) && a->prefix < 0;
        if (!done[i])
            continue;
        if (a->size == 16)
            memcpy(g.v6 + 16 * g.count_6++, a->bytes, 16);
        else
            g.v4[g.count_4++] = (uint32_t)a->bytes[0] << 24 | (uint32_t)a->bytes[1] << 16 |
                                (uint32_t)a->bytes[2] << 8 | a->bytes[3];
    }
    map_group(state, &g, done, count);
    for (size_t i = 0; i < count; i++, texts += NET_TEXT_BYTES) {
        if (done[i])
            field_set_text(&values[i], texts, net_text_put(&g.address[i], texts));
    }
    return RH_OK;
}

static const char *const ip_parameters[] = {"network", NULL};

const mask_ops mask_ops_ip = {
    .kind = {"ip", KEEPS_PERMUTED | RH_KEEPS_PREFIX,
             "which addresses share how many bits: the tree of networks, to be recovered from a "
             "few known addresses",
             ip_parameters},
    .fits = FITS_TEXT | FIT(INET) | FIT(CIDR),
    .compile = compile_ip,
    .open = open_ip,
    .close = close_ip,
    .apply = apply_ip,
    .apply_many = apply_ips,
};

/* ---- mac ---- */

static rh_status open_mac(const mask_node *node, const rh_mask_key *key, void **out, rh_error *err)
{
    rh_mac_perm *perm = NULL;
    rh_status status = rh_mac_perm_new(key, node->domain, &perm, err);

    *out = perm;
    return status;
}

static void close_mac(void *state)
{
    rh_mac_perm_free(state);
}

/* EUI-64 is a MAC with two bytes in its middle, which stay. */
static void map_mac(rh_mac_perm *perm, uint8_t *bytes, size_t size)
{
    uint8_t mac[6];

    memcpy(mac, bytes, 3);
    memcpy(mac + 3, bytes + size - 3, 3);
    rh_mac_perm_map(perm, mac, 1);
    memcpy(bytes, mac, 3);
    memcpy(bytes + size - 3, mac + 3, 3);
}

/* Digits at their places, signs between them only; no mix of capitals and small letters. */
static bool hex_places(const char *text, size_t len, const char *signs, size_t *places, size_t want)
{
    size_t count = 0;
    bool upper = false;
    bool lower = false;

    for (size_t i = 0; i < len; i++) {
        bool letter = (text[i] | 0x20) >= 'a' && (text[i] | 0x20) <= 'f';

        if (letter || is_digit(text[i])) {
            if (count == want)
                return false;
            places[count++] = i;
            upper |= letter && text[i] < 'a';
            lower |= letter && text[i] >= 'a';
        } else if (text[i] == '\0' || strchr(signs, text[i]) == NULL) {
            return false;
        }
    }
    return count == want && !(upper && lower);
}

static void read_places(const char *text, const size_t *places, uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        const char pair[2] = {text[places[2 * i]], text[places[2 * i + 1]]};

        (void)rh_hex_decode(pair, 1, bytes + i);
    }
}

static void write_places(char *text, size_t len, const size_t *places, const uint8_t *bytes,
                         size_t size)
{
    bool upper = false;
    char pair[3];

    for (size_t i = 0; i < len; i++)
        upper |= text[i] >= 'A' && text[i] <= 'F';
    for (size_t i = 0; i < size; i++) {
        rh_hex_encode(bytes + i, 1, pair);
        if (upper)
            ascii_upper(pair, 2);
        text[places[2 * i]] = pair[0];
        text[places[2 * i + 1]] = pair[1];
    }
}

static rh_status apply_mac(const mask_node *node, void *state, mask_call *call, rh_field *value,
                           rh_error *err)
{
    size_t places[16];
    uint8_t bytes[8];
    size_t size = 6;
    char *text;
    size_t len;

    (void)node;
    if (value->kind == RH_FIELD_BLOB && (value->len == 6 || value->len == 8)) {
        uint8_t *copy = rh_arena_alloc(call->scratch, value->len);

        if (copy == NULL)
            return rh_error_oom(err);
        memcpy(copy, value->data, value->len);
        map_mac(state, copy, value->len);
        value->data = copy;
        return RH_OK;
    }
    if (value->kind != RH_FIELD_TEXT)
        return RH_SKIPPED;

    rh_status status = field_copy(value, call->scratch, &text, &len, err);

    if (status != RH_OK)
        return status;
    if (!hex_places(text, len, ":-.", places, 12)) {
        size = 8;
        if (!hex_places(text, len, ":-.", places, 16))
            return RH_SKIPPED;
    }
    read_places(text, places, bytes, size);
    map_mac(state, bytes, size);
    write_places(text, len, places, bytes, size);
    field_set_text(value, text, len);
    return RH_OK;
}

const mask_ops mask_ops_mac = {
    .kind = {"mac", KEEPS_PERMUTED | RH_KEEPS_WIDTH,
             "which devices are of the same vendor, the multicast and the local bit, frequency",
             NULL},
    .fits = FITS_TEXT | FIT(MAC),
    .open = open_mac,
    .close = close_mac,
    .apply = apply_mac,
};

/* ---- uuid ---- */

typedef struct uuid_data {
    time_options time;
    bool keep_order; /* version 7 stays in order of time */
} uuid_data;

typedef struct uuid_state {
    rh_time_map *time;
    rh_uuid_perm *perm;
} uuid_state;

static rh_status compile_uuid(mask_compiler *c, mask_node *node, rh_error *err)
{
    uuid_data *data = rh_arena_array(c->arena, 1, sizeof *data);

    if (data == NULL)
        return rh_error_oom(err);
    node->data = data;
    data->keep_order = true;

    rh_status status = param_bool(c, node, "v7-order", &data->keep_order, err);

    if (status == RH_OK)
        status = time_options_read(c, node, &data->time, err);
    if (status == RH_OK && node->place.max_chars >= 0 && node->place.max_chars < 32)
        return param_error(c, node->parameters, "mask", err,
                           "mask 'uuid' needs 32 characters or more, '%s' has %lld",
                           node->place.name, (long long)node->place.max_chars);
    return status;
}

static void close_uuid(void *state)
{
    uuid_state *uuid = state;

    rh_uuid_perm_free(uuid->perm);
    rh_time_map_free(uuid->time);
    rh_mem_free(uuid);
}

static rh_status open_uuid(const mask_node *node, const rh_mask_key *key, void **out, rh_error *err)
{
    const uuid_data *data = node->data;
    uuid_state *uuid = rh_mem_zalloc(sizeof *uuid);
    rh_status status = RH_OK;

    if (uuid == NULL)
        return rh_error_oom(err);
    if (data->keep_order)
        status = time_options_open(&data->time, key, node->domain, &uuid->time, err);
    if (status == RH_OK)
        status = rh_uuid_perm_new(key, node->domain, uuid->time, &uuid->perm, err);
    if (status != RH_OK) {
        close_uuid(uuid);
        return status;
    }
    *out = uuid;
    return RH_OK;
}

static rh_status apply_uuid(const mask_node *node, void *state, mask_call *call, rh_field *value,
                            rh_error *err)
{
    uuid_state *uuid = state;
    size_t places[32];
    uint8_t bytes[RH_UUID_BYTES];
    char *text;
    size_t len;

    (void)node;
    if (value->kind == RH_FIELD_BLOB && value->len == RH_UUID_BYTES) {
        uint8_t *copy = rh_arena_alloc(call->scratch, RH_UUID_BYTES);

        if (copy == NULL)
            return rh_error_oom(err);
        memcpy(copy, value->data, RH_UUID_BYTES);
        rh_uuid_perm_map(uuid->perm, copy, 1);
        value->data = copy;
        return RH_OK;
    }
    if (value->kind != RH_FIELD_TEXT)
        return RH_SKIPPED;

    rh_status status = field_copy(value, call->scratch, &text, &len, err);

    if (status != RH_OK)
        return status;

    /* "urn:uuid:" has letters that are hexadecimal digits: skip it. */
    size_t skip = len > 9 && memcmp(text, "urn:uuid:", 9) == 0 ? 9 : 0;

    if (!hex_places(text + skip, len - skip, "-{}", places, 32))
        return RH_SKIPPED;
    read_places(text + skip, places, bytes, RH_UUID_BYTES);
    rh_uuid_perm_map(uuid->perm, bytes, 1);
    write_places(text + skip, len - skip, places, bytes, RH_UUID_BYTES);
    field_set_text(value, text, len);
    return RH_OK;
}

/* Those in the usual spelling. */
static rh_status apply_uuids(const mask_node *node, void *state, mask_call *call, rh_field *values,
                             bool *done, size_t count, rh_error *err)
{
    uuid_state *uuid = state;
    uint8_t bytes[RH_UUID_BYTES * MASK_MANY];
    char *texts = rh_arena_alloc(call->scratch, UUID_TEXT_BYTES * count);
    size_t used = 0;

    (void)node;
    if (texts == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < count; i++) {
        done[i] = values[i].kind == RH_FIELD_TEXT &&
                  uuid_text_read((const char *)values[i].data, values[i].len,
                                 bytes + RH_UUID_BYTES * used);
        used += done[i];
    }
    rh_uuid_perm_map(uuid->perm, bytes, used);
    used = 0;
    for (size_t i = 0; i < count; i++) {
        if (!done[i])
            continue;
        uuid_text_write(bytes + RH_UUID_BYTES * used++, texts);
        field_set_text(&values[i], texts, UUID_TEXT_BYTES);
        texts += UUID_TEXT_BYTES;
    }
    return RH_OK;
}

static const char *const uuid_parameters[] = {"v7-order", "anchor", "stretch-ppm", "shift-weeks",
                                              NULL};

const mask_ops mask_ops_uuid = {
    .kind = {"uuid", KEEPS_PERMUTED | RH_KEEPS_WIDTH,
             "version and variant, frequency; of version 7 the order in time and roughly the gaps",
             uuid_parameters},
    .fits = FITS_TEXT | FIT(UUID),
    .compile = compile_uuid,
    .open = open_uuid,
    .close = close_uuid,
    .apply = apply_uuid,
    .apply_many = apply_uuids,
};
