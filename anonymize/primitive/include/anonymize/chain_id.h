/*
 * Transaction ids in both byte orders, packed addresses, topics, and identifiers inside longer
 * texts: "txid:vout", "hash_hash", lists.
 */
#ifndef ANONYMIZE_CHAIN_ID_H
#define ANONYMIZE_CHAIN_ID_H

#include "anonymize/chain_address.h"
#include "core/buf.h"

enum {
    RH_CHAIN_HASH_BYTES = 32,
    RH_CHAIN_PACKED_BYTES = 21,
};

/**
 * Permute a hash of 32 bytes in place. reversed: the bytes are in the order of the wire, which
 * Bitcoin shows back to front; the image is then that of the shown order, reversed again, so text
 * and binary columns of one domain still join.
 */
void rh_chain_map_hash(rh_chain *chain, uint8_t hash[RH_CHAIN_HASH_BYTES], bool reversed);

/** Permute the 20 bytes behind the first of a packed address (version byte, or witness mark). */
void rh_chain_map_packed(rh_chain *chain, uint8_t packed[RH_CHAIN_PACKED_BYTES]);

/** Permute an EVM address padded to 32 bytes in front. False, untouched: the padding is not zero.
 */
bool rh_chain_map_topic(rh_chain *chain, uint8_t topic[RH_CHAIN_HASH_BYTES]) RH_MUST_CHECK;

/** A text, and what happened to its words. */
typedef struct rh_chain_words {
    const char *text;
    size_t len;
    size_t mapped; /* out */
    size_t secret; /* out: private keys, left as they were: the caller destroys the value */
} rh_chain_words;

/**
 * Append words->text to out with every word (run of ASCII letters and digits) that is one of the
 * forms mapped, and everything else as it is. RH_ENOMEM, RH_ELIMIT (out's maximum); out then holds
 * a part of the text: clear it.
 */
rh_status rh_chain_map_words(rh_chain *chain, unsigned forms, rh_chain_words *words, rh_buf *out,
                             rh_error *err) RH_MUST_CHECK;

#endif
