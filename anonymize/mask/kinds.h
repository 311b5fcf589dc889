/*
 * Every kind of mask, one variable each; kinds.c has the table.
 */
#ifndef RH_KINDS_H
#define RH_KINDS_H

#include "mask_node.h"

extern const mask_ops mask_ops_keep, mask_ops_null, mask_ops_constant, mask_ops_destroy,
    mask_ops_custom;
extern const mask_ops mask_ops_text, mask_ops_prefix_text, mask_ops_digits, mask_ops_alnum,
    mask_ops_phone;
extern const mask_ops mask_ops_words, mask_ops_name, mask_ops_company, mask_ops_city;
extern const mask_ops mask_ops_email, mask_ops_url, mask_ops_host;
extern const mask_ops mask_ops_ip, mask_ops_mac, mask_ops_uuid;
extern const mask_ops mask_ops_card, mask_ops_iban;
extern const mask_ops mask_ops_integer, mask_ops_numeric;
extern const mask_ops mask_ops_time, mask_ops_shift_time;
extern const mask_ops mask_ops_enum, mask_ops_bytes, mask_ops_hex;
extern const mask_ops mask_ops_chain_address, mask_ops_txid, mask_ops_outpoint, mask_ops_match_id,
    mask_ops_packed_address;
extern const mask_ops mask_ops_json, mask_ops_list, mask_ops_array, mask_ops_composite,
    mask_ops_range, mask_ops_multirange, mask_ops_hstore, mask_ops_xml;

/** What FPE of a permutation keeps, short for the table entries. */
enum {
    KEEPS_PERMUTED =
        RH_KEEPS_EQUALITY | RH_KEEPS_UNIQUE | RH_KEEPS_FREQUENCY | RH_KEEPS_NULLS | RH_KEEPS_SHAPE,
    KEEPS_PSEUDONYM = RH_KEEPS_EQUALITY | RH_KEEPS_FREQUENCY | RH_KEEPS_NULLS | RH_KEEPS_SHAPE,
};

#endif
