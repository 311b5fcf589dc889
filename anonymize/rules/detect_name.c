/*
 * What the name of a column says, word by word.
 */
#include <string.h>

#include "core/str.h"
#include "detect.h"

typedef struct known_word {
    const char *word; /* of the name: "first name" is two words in a row */
    name_sense sense;
} known_word;

/* The first that occurs wins: what must be destroyed, then people, then what is harmless. */
static const known_word KNOWN[] = {
    {"password", NAME_SECRET},
    {"passwd", NAME_SECRET},
    {"pwd", NAME_SECRET},
    {"pw", NAME_SECRET},
    {"pass", NAME_SECRET},
    {"passphrase", NAME_SECRET},
    {"secret", NAME_SECRET},
    {"token", NAME_SECRET},
    {"api key", NAME_SECRET},
    {"apikey", NAME_SECRET},
    {"private key", NAME_SECRET},
    {"privkey", NAME_SECRET},
    {"privatekey", NAME_SECRET},
    {"priv key", NAME_SECRET},
    {"seed", NAME_SECRET},
    {"mnemonic", NAME_SECRET},
    {"otp", NAME_SECRET},
    {"totp", NAME_SECRET},
    {"salt", NAME_SECRET},
    {"credential", NAME_SECRET},
    {"credentials", NAME_SECRET},
    {"wif", NAME_SECRET},
    {"xprv", NAME_SECRET},
    {"session key", NAME_SECRET},
    {"cookie", NAME_SECRET},
    {"jwt", NAME_SECRET},
    {"cvv", NAME_SECRET},
    {"cvc", NAME_SECRET},
    {"pin", NAME_SECRET},
    {"email", NAME_EMAIL},
    {"mail", NAME_EMAIL},
    {"e mail", NAME_EMAIL},
    {"phone", NAME_PHONE},
    {"telephone", NAME_PHONE},
    {"tel", NAME_PHONE},
    {"mobile", NAME_PHONE},
    {"cell", NAME_PHONE},
    {"fax", NAME_PHONE},
    {"msisdn", NAME_PHONE},
    {"ip", NAME_IP},
    {"ipv4", NAME_IP},
    {"ipv6", NAME_IP},
    {"ipaddr", NAME_IP},
    {"url", NAME_URL},
    {"uri", NAME_URL},
    {"website", NAME_URL},
    {"homepage", NAME_URL},
    {"avatar", NAME_URL},
    {"webhook", NAME_URL},
    {"hostname", NAME_HOST},
    {"host", NAME_HOST},
    {"iban", NAME_IBAN},
    {"card number", NAME_CARD},
    {"pan", NAME_CARD},
    {"credit card", NAME_CARD},
    {"ssn", NAME_OFFICIAL_ID},
    {"passport", NAME_OFFICIAL_ID},
    {"tax id", NAME_OFFICIAL_ID},
    {"vat id", NAME_OFFICIAL_ID},
    {"national id", NAME_OFFICIAL_ID},
    {"birth", NAME_BIRTH},
    {"birthday", NAME_BIRTH},
    {"birthdate", NAME_BIRTH},
    {"dob", NAME_BIRTH},
    {"born", NAME_BIRTH},
    {"firstname", NAME_PERSON},
    {"first name", NAME_PERSON},
    {"lastname", NAME_PERSON},
    {"last name", NAME_PERSON},
    {"surname", NAME_PERSON},
    {"fullname", NAME_PERSON},
    {"full name", NAME_PERSON},
    {"given name", NAME_PERSON},
    {"family name", NAME_PERSON},
    {"middle name", NAME_PERSON},
    {"maiden name", NAME_PERSON},
    {"nickname", NAME_PERSON},
    {"username", NAME_PERSON},
    {"user name", NAME_PERSON},
    {"display name", NAME_PERSON},
    {"contact name", NAME_PERSON},
    {"customer name", NAME_PERSON},
    {"author", NAME_PERSON},
    {"login", NAME_PERSON},
    {"company", NAME_COMPANY},
    {"employer", NAME_COMPANY},
    {"organisation", NAME_COMPANY},
    {"organization", NAME_COMPANY},
    {"firm", NAME_COMPANY},
    {"city", NAME_CITY},
    {"town", NAME_CITY},
    {"postcode", NAME_POSTCODE},
    {"zip", NAME_POSTCODE},
    {"zipcode", NAME_POSTCODE},
    {"postal code", NAME_POSTCODE},
    {"street", NAME_ADDRESS},
    {"address", NAME_ADDRESS},
    {"addr", NAME_ADDRESS},
    {"latitude", NAME_GEO},
    {"longitude", NAME_GEO},
    {"lat", NAME_GEO},
    {"lon", NAME_GEO},
    {"lng", NAME_GEO},
    {"coordinates", NAME_GEO},
    {"geo", NAME_GEO},
    {"comment", NAME_FREE_TEXT},
    {"comments", NAME_FREE_TEXT},
    {"note", NAME_FREE_TEXT},
    {"notes", NAME_FREE_TEXT},
    {"description", NAME_FREE_TEXT},
    {"message", NAME_FREE_TEXT},
    {"bio", NAME_FREE_TEXT},
    {"body", NAME_FREE_TEXT},
    {"subject", NAME_FREE_TEXT},
    {"remark", NAME_FREE_TEXT},
    {"memo", NAME_FREE_TEXT},
    {"amount", NAME_AMOUNT},
    {"balance", NAME_AMOUNT},
    {"price", NAME_AMOUNT},
    {"salary", NAME_AMOUNT},
    {"income", NAME_AMOUNT},
    {"quantity", NAME_AMOUNT},
    {"fee", NAME_AMOUNT},
    {"total", NAME_AMOUNT},
    {"cost", NAME_AMOUNT},
    {"count", NAME_COUNTER},
    {"counter", NAME_COUNTER},
    {"version", NAME_COUNTER},
    {"position", NAME_COUNTER},
    {"retries", NAME_COUNTER},
    {"attempts", NAME_COUNTER},
    {"priority", NAME_COUNTER},
    {"revision", NAME_COUNTER},
    {"ordinal", NAME_COUNTER},
    {"status", NAME_CATEGORY},
    {"state", NAME_CATEGORY},
    {"type", NAME_CATEGORY},
    {"kind", NAME_CATEGORY},
    {"category", NAME_CATEGORY},
    {"currency", NAME_CATEGORY},
    {"locale", NAME_CATEGORY},
    {"language", NAME_CATEGORY},
    {"level", NAME_CATEGORY},
    {"mode", NAME_CATEGORY},
    {"id", NAME_IDENTIFIER},
    {"number", NAME_IDENTIFIER},
    {"no", NAME_IDENTIFIER},
    {"key", NAME_IDENTIFIER},
    {"ref", NAME_IDENTIFIER},
};

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

/* " first name ": small letters, one blank around each word. Long names are cut. */
static void split_words(const char *name, char *out, size_t size)
{
    size_t len = 0;

    out[len++] = ' ';
    for (size_t i = 0; name[i] != '\0' && len + 3 < size; i++) {
        char c = name[i];
        bool starts = is_upper(c) && i > 0 &&
                      (is_lower(name[i - 1]) || (is_upper(name[i - 1]) && is_lower(name[i + 1])));

        if (c == '_' || c == '-' || c == ' ' || c == '.' || starts) {
            if (out[len - 1] != ' ')
                out[len++] = ' ';
        }
        if (is_upper(c))
            out[len++] = (char)(c - 'A' + 'a');
        else if (c != '_' && c != '-' && c != ' ' && c != '.')
            out[len++] = c;
    }
    if (out[len - 1] != ' ')
        out[len++] = ' ';
    out[len] = '\0';
}

name_sense name_sense_of(const char *name)
{
    char words[256];

    split_words(name, words, sizeof words);
    for (size_t i = 0; i < sizeof KNOWN / sizeof KNOWN[0]; i++) {
        size_t len = strlen(KNOWN[i].word);

        for (const char *at = strstr(words, KNOWN[i].word); at != NULL;
             at = strstr(at + 1, KNOWN[i].word)) {
            if (at[-1] == ' ' && at[len] == ' ')
                return KNOWN[i].sense;
        }
    }
    /* "name" alone is a person, a product or anything: nobody can tell. */
    return NAME_NOTHING;
}
