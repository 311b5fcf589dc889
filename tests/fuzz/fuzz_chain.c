/*
 * The readers of chain addresses, and the text masks, on hostile bytes. What is accepted must be
 * written back as it was, and its image must be of the same kind.
 *
 * modules: core_base core_io core_chain anonymize_primitive
 */
#include <assert.h>
#include <string.h>

#include "anonymize/chain_id.h"
#include "anonymize/check_digit.h"
#include "anonymize/decimal_map.h"
#include "anonymize/prefix_text.h"
#include "core/mem.h"
#include "fuzz.h"

enum { MAX_INPUT = 4096, ALL_FORMS = 63 };

static const rh_mask_key key = {{1, 2, 3}};

static void check_address(rh_chain *chain, const char *text, size_t size)
{
    rh_chain_parts raw, image;
    char out[RH_CHAIN_MAX_TEXT];
    size_t len;

    if (!rh_chain_parse(chain, ALL_FORMS, text, size, &raw))
        return;
    len = rh_chain_format(chain, &raw, out);
    assert(len == size && memcmp(out, text, size) == 0);
    if (!rh_chain_map(chain, raw.form, text, size, out, &len))
        assert(!"what was read must be mapped");
    if (!rh_chain_parse(chain, raw.form, out, len, &image))
        assert(!"an image must be read again");
    assert(image.form == raw.form && image.version == raw.version &&
           image.id_bytes == raw.id_bytes);
    (void)rh_chain_is_secret(chain, text, size);
}

static void check_words(rh_chain *chain, const char *text, size_t size)
{
    rh_chain_words words = {.text = text, .len = size};
    rh_buf out = RH_BUF_INIT;

    if (rh_chain_map_words(chain, ALL_FORMS, &words, &out, NULL) == RH_OK && words.mapped == 0)
        assert(out.len == size && (size == 0 || memcmp(out.data, text, size) == 0));
    rh_buf_done(&out);
}

static void check_text(char *text, const char *raw, size_t size)
{
    rh_class_text *classes = NULL;
    rh_prefix_text *prefix = NULL;
    rh_decimal_map *decimal = NULL;
    char number[RH_DECIMAL_OUT_BYTES];
    size_t len;

    if (rh_class_text_new(&key, "d", false, &classes, NULL) == RH_OK) {
        rh_class_item item = {text, size, false};

        if (rh_class_text_map(classes, &item, 1) == 0)
            (void)rh_class_text_unmap(classes, &item, 1);
        assert(size == 0 || memcmp(text, raw, size) == 0);
        if (rh_card_map(classes, text, size, 6))
            assert(rh_luhn_valid(text, size));
        else if (rh_iban_map(classes, text, size, 4))
            assert(rh_iban_valid(text, size));
    }
    if (rh_prefix_text_new(&key, "d", true, &prefix, NULL) == RH_OK)
        rh_prefix_text_map(prefix, text, size);
    if (rh_decimal_map_new(&key, "d", &decimal, NULL) == RH_OK &&
        rh_decimal_map_map(decimal, raw, size, number, &len))
        assert(len <= sizeof number);
    rh_decimal_map_free(decimal);
    rh_prefix_text_free(prefix);
    rh_class_text_free(classes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    long blocks = rh_mem_live_blocks();
    rh_chain *chain = NULL;

    if (size > MAX_INPUT)
        return 0;

    char *raw = rh_mem_alloc(size); /* exactly as long, for the sanitizer */
    char *text = rh_mem_alloc(size);

    if (raw != NULL && text != NULL && rh_chain_new(&key, "d", &chain, NULL) == RH_OK) {
        if (size > 0) {
            memcpy(raw, data, size);
            memcpy(text, data, size);
        }
        check_address(chain, raw, size);
        check_words(chain, raw, size);
        check_text(text, raw, size);
    }
    rh_chain_free(chain);
    rh_mem_free(text);
    rh_mem_free(raw);
    assert(rh_mem_live_blocks() == blocks);
    return 0;
}
