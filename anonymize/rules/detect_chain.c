/*
 * Addresses and private keys of block chains, and all detectors together.
 */
#include "detect.h"

bool detect_chain_address(rh_chain *chain, const char *text, size_t len)
{
    rh_chain_parts parts;

    return len >= 20 && len <= RH_CHAIN_MAX_TEXT &&
           rh_chain_parse(chain, RH_CHAIN_CHECKED, text, len, &parts);
}

bool detect_private_key(rh_chain *chain, const char *text, size_t len)
{
    return rh_chain_is_secret(chain, text, len);
}

const char *detector_words(detector which)
{
    static const char *const WORDS[DETECT_COUNT] = {
        [DETECT_PRIVATE_KEY] = "private keys",
        [DETECT_SEED_PHRASE] = "seed phrases",
        [DETECT_JWT] = "JSON web tokens",
        [DETECT_API_KEY] = "API keys",
        [DETECT_EMAIL] = "e-mail addresses",
        [DETECT_URL] = "URLs",
        [DETECT_UUID] = "UUIDs",
        [DETECT_MAC] = "MAC addresses",
        [DETECT_IP] = "IP addresses",
        [DETECT_OUTPOINT] = "outpoints",
        [DETECT_HASH] = "hashes of 32 bytes",
        [DETECT_CHAIN_ADDRESS] = "chain addresses",
        [DETECT_IBAN] = "IBANs",
        [DETECT_CARD] = "card numbers",
        [DETECT_GEO] = "coordinates",
        [DETECT_DATE] = "dates",
        [DETECT_PHONE] = "telephone numbers",
    };

    return WORDS[which];
}

unsigned detect(rh_chain *chain, const char *text, size_t len)
{
    static bool (*const PLAIN[DETECT_COUNT])(const char *, size_t) = {
        [DETECT_SEED_PHRASE] = detect_seed_phrase,
        [DETECT_JWT] = detect_jwt,
        [DETECT_API_KEY] = detect_api_key,
        [DETECT_EMAIL] = detect_email,
        [DETECT_URL] = detect_url,
        [DETECT_UUID] = detect_uuid,
        [DETECT_MAC] = detect_mac,
        [DETECT_IP] = detect_ip,
        [DETECT_OUTPOINT] = detect_outpoint,
        [DETECT_HASH] = detect_hash,
        [DETECT_IBAN] = detect_iban,
        [DETECT_CARD] = detect_card,
        [DETECT_GEO] = detect_geo,
        [DETECT_DATE] = detect_date,
        [DETECT_PHONE] = detect_phone,
    };
    unsigned found = 0;

    if (len == 0)
        return 0;
    for (size_t i = 0; i < DETECT_COUNT; i++) {
        if (PLAIN[i] != NULL && PLAIN[i](text, len))
            found |= 1U << i;
    }
    if (detect_private_key(chain, text, len))
        found |= 1U << DETECT_PRIVATE_KEY;
    else if (detect_chain_address(chain, text, len))
        found |= 1U << DETECT_CHAIN_ADDRESS;
    return found;
}
