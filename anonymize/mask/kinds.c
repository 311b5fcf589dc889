#include "kinds.h"

#include <string.h>

static const mask_ops *const all[] = {
    &mask_ops_alnum,
    &mask_ops_array,
    &mask_ops_bytes,
    &mask_ops_card,
    &mask_ops_chain_address,
    &mask_ops_city,
    &mask_ops_company,
    &mask_ops_composite,
    &mask_ops_constant,
    &mask_ops_custom,
    &mask_ops_destroy,
    &mask_ops_digits,
    &mask_ops_email,
    &mask_ops_enum,
    &mask_ops_hex,
    &mask_ops_host,
    &mask_ops_hstore,
    &mask_ops_iban,
    &mask_ops_integer,
    &mask_ops_ip,
    &mask_ops_json,
    &mask_ops_keep,
    &mask_ops_list,
    &mask_ops_mac,
    &mask_ops_match_id,
    &mask_ops_multirange,
    &mask_ops_name,
    &mask_ops_null,
    &mask_ops_numeric,
    &mask_ops_outpoint,
    &mask_ops_packed_address,
    &mask_ops_phone,
    &mask_ops_prefix_text,
    &mask_ops_range,
    &mask_ops_shift_time,
    &mask_ops_text,
    &mask_ops_time,
    &mask_ops_txid,
    &mask_ops_url,
    &mask_ops_uuid,
    &mask_ops_words,
    &mask_ops_xml,
};

enum { COUNT = sizeof all / sizeof all[0] };

static const rh_mask_kind *const kinds[COUNT + 1] = {
    &mask_ops_alnum.kind,
    &mask_ops_array.kind,
    &mask_ops_bytes.kind,
    &mask_ops_card.kind,
    &mask_ops_chain_address.kind,
    &mask_ops_city.kind,
    &mask_ops_company.kind,
    &mask_ops_composite.kind,
    &mask_ops_constant.kind,
    &mask_ops_custom.kind,
    &mask_ops_destroy.kind,
    &mask_ops_digits.kind,
    &mask_ops_email.kind,
    &mask_ops_enum.kind,
    &mask_ops_hex.kind,
    &mask_ops_host.kind,
    &mask_ops_hstore.kind,
    &mask_ops_iban.kind,
    &mask_ops_integer.kind,
    &mask_ops_ip.kind,
    &mask_ops_json.kind,
    &mask_ops_keep.kind,
    &mask_ops_list.kind,
    &mask_ops_mac.kind,
    &mask_ops_match_id.kind,
    &mask_ops_multirange.kind,
    &mask_ops_name.kind,
    &mask_ops_null.kind,
    &mask_ops_numeric.kind,
    &mask_ops_outpoint.kind,
    &mask_ops_packed_address.kind,
    &mask_ops_phone.kind,
    &mask_ops_prefix_text.kind,
    &mask_ops_range.kind,
    &mask_ops_shift_time.kind,
    &mask_ops_text.kind,
    &mask_ops_time.kind,
    &mask_ops_txid.kind,
    &mask_ops_url.kind,
    &mask_ops_uuid.kind,
    &mask_ops_words.kind,
    &mask_ops_xml.kind,
    NULL,
};

const mask_ops *mask_ops_find(const char *kind)
{
    for (size_t i = 0; i < COUNT; i++) {
        if (strcmp(all[i]->kind.name, kind) == 0)
            return all[i];
    }
    return NULL;
}

const rh_mask_kind *rh_mask_kind_find(const char *name)
{
    const mask_ops *ops = mask_ops_find(name);

    return ops == NULL ? NULL : &ops->kind;
}

const rh_mask_kind *const *rh_mask_kinds(void)
{
    return kinds;
}
