/*
 * Bytes of any width: bytes (bytea, BLOB) and hex (the same as digits in texts).
 */
#include "byte_engine.h"
#include "field_text.h"
#include "kinds.h"

static rh_status open_bytes(const mask_node *node, const rh_mask_key *key, void **out,
                            rh_error *err)
{
    byte_engine *engine = NULL;
    rh_status status = byte_engine_open(key, node->domain, &engine, err);

    *out = engine;
    return status;
}

static void close_bytes(void *state)
{
    byte_engine_close(state);
}

static rh_status apply_bytes(const mask_node *node, void *state, mask_call *call, rh_field *value,
                             rh_error *err)
{
    bytes_view view;
    rh_status status;

    if (call->json_number)
        return RH_SKIPPED;
    status = field_bytes(node, value, call->scratch, &view, err);
    if (status == RH_OK)
        status = byte_engine_map(state, view.data, view.len, err);
    if (status == RH_OK)
        status = field_set_bytes(value, &view, call->scratch, err);
    return status;
}

const mask_ops mask_ops_bytes = {
    .kind = {"bytes", KEEPS_PERMUTED | RH_KEEPS_WIDTH, "number of bytes, frequency", NULL},
    .fits = FITS_TEXT | FIT(BYTEA),
    .open = open_bytes,
    .close = close_bytes,
    .apply = apply_bytes,
};

const mask_ops mask_ops_hex = {
    .kind = {"hex", KEEPS_PERMUTED | RH_KEEPS_WIDTH,
             "number of digits, capitals or not, 0x or not, frequency", NULL},
    .fits = FITS_TEXT | FIT(BYTEA),
    .open = open_bytes,
    .close = close_bytes,
    .apply = apply_bytes,
};
