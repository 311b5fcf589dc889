/*
 * Tokens, keys and seed phrases: what is destroyed, never mapped.
 */
#include <string.h>

#include "detect.h"

static bool is_base64url(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

/* header.payload.signature; the header is the base64 of an object. */
bool detect_jwt(const char *text, size_t len)
{
    size_t dots = 0;

    if (len < 20 || memcmp(text, "eyJ", 3) != 0)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '.')
            dots++;
        else if (!is_base64url(text[i]))
            return false;
    }
    return dots == 2;
}

bool detect_api_key(const char *text, size_t len)
{
    static const char *const PREFIXES[] = {
        "sk_live_",    "sk_test_", "pk_live_", "rk_live_", "whsec_", "ghp_",    "gho_", "ghs_",
        "github_pat_", "glpat-",   "xoxb-",    "xoxp-",    "xapp-",  "AKIA",    "ASIA", "AIza",
        "ya29.",       "SG.",      "npm_",     "pypi-",    "shpat_", "dop_v1_", "sk-"};

    if (len < 16 || memchr(text, ' ', len) != NULL)
        return false;
    for (size_t i = 0; i < sizeof PREFIXES / sizeof PREFIXES[0]; i++) {
        size_t prefix = strlen(PREFIXES[i]);

        if (len >= prefix + 12 && memcmp(text, PREFIXES[i], prefix) == 0)
            return true;
    }
    return false;
}

/* 12, 15, 18, 21 or 24 words of 3 to 8 small letters, as BIP 39 has them. */
bool detect_seed_phrase(const char *text, size_t len)
{
    size_t words = 0;
    size_t letters = 0;

    for (size_t i = 0; i <= len; i++) {
        if (i < len && text[i] >= 'a' && text[i] <= 'z') {
            letters++;
            continue;
        }
        if ((i < len && text[i] != ' ') || letters < 3 || letters > 8)
            return false;
        words++;
        letters = 0;
    }
    return words >= 12 && words <= 24 && words % 3 == 0;
}
