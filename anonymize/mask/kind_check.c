/*
 * Numbers with check digits: card, iban.
 */
#include "anonymize/check_digit.h"
#include "core/mem.h"
#include "field_text.h"
#include "kinds.h"

static rh_status compile_check(mask_compiler *c, mask_node *node, rh_error *err)
{
    bool card = node->ops == &mask_ops_card;
    const int64_t range[2] = {0, card ? 8 : 20};
    int64_t *keep = rh_arena_array(c->arena, 1, sizeof *keep);

    if (keep == NULL)
        return rh_error_oom(err);
    *keep = card ? 6 : 0;
    node->data = keep;
    return param_integer(c, node, card ? "keep-bin" : "keep-bank", range, keep, err);
}

static rh_status open_check(const mask_node *node, const rh_mask_key *key, void **out,
                            rh_error *err)
{
    rh_class_text *map = NULL;
    rh_status status = rh_class_text_new(key, node->domain, node->ops == &mask_ops_card, &map, err);

    *out = map;
    return status;
}

static void close_check(void *state)
{
    rh_class_text_free(state);
}

/* The first digit of a card is never 0, so that a number that is stored as integer stays one. */
static bool map_card(rh_class_text *map, char *text, size_t len, size_t keep)
{
    size_t digits = 0;
    bool integer = text_is_int64(text, len);

    for (size_t i = 0; i < len; i++)
        digits += is_digit(text[i]);
    if (keep + 7 > digits)
        keep = 0;
    do {
        if (!rh_card_map(map, text, len, keep))
            return false;
    } while (text_is_int64(text, len) != integer);
    return true;
}

static rh_status apply_check(const mask_node *node, void *state, mask_call *call, rh_field *value,
                             rh_error *err)
{
    const int64_t *keep = node->data;
    char *text;
    size_t len;
    rh_status status = field_copy(value, call->scratch, &text, &len, err);

    if (status != RH_OK)
        return status;
    if (node->ops == &mask_ops_card ? !map_card(state, text, len, (size_t)*keep)
                                    : !rh_iban_map(state, text, len, (size_t)*keep))
        return RH_SKIPPED;
    field_put_back(value, text, len);
    return RH_OK;
}

static const char *const card_parameters[] = {"keep-bin", NULL};
static const char *const iban_parameters[] = {"keep-bank", NULL};

const mask_ops mask_ops_card = {
    .kind = {"card", KEEPS_PERMUTED | RH_KEEPS_WIDTH | RH_KEEPS_CLASS,
             "the first digits (issuer) as far as they are kept, frequency", card_parameters},
    .fits = FITS_TEXT,
    .compile = compile_check,
    .open = open_check,
    .close = close_check,
    .apply = apply_check,
};

const mask_ops mask_ops_iban = {
    .kind = {"iban", KEEPS_PERMUTED | RH_KEEPS_WIDTH | RH_KEEPS_CLASS,
             "country, the characters of the bank as far as they are kept, frequency",
             iban_parameters},
    .fits = FITS_TEXT,
    .compile = compile_check,
    .open = open_check,
    .close = close_check,
    .apply = apply_check,
};
