#include "sql_keyword.h"

#include <string.h>

typedef struct word {
    const char *text; /* capitals */
    unsigned char len;
    bool reserved;
} word;

static const word words[RH_SQL_KW_COUNT] = {{"", 0, false},
#define WORD(text, reserved) {#text, sizeof #text - 1, reserved},
                                            RH_SQL_KEYWORDS(WORD)
#undef WORD
};

/* words[] is in the order of the alphabet: where each first letter begins. */
static const unsigned char first_of[27] = {
#define FIRST(word) RH_SQL_KW_##word
    FIRST(ABORT),   FIRST(BEGIN),   FIRST(CALL),   FIRST(DEALLOCATE), FIRST(ELSE),
    FIRST(FALSE),   FIRST(GLOB),    FIRST(HAVING), FIRST(ILIKE),      FIRST(JOIN),
    FIRST(LATERAL), FIRST(LATERAL), FIRST(MATCH),  FIRST(NATURAL),    FIRST(OFFSET),
    FIRST(PRAGMA),  FIRST(RAISE),   FIRST(RAISE),  FIRST(SAVEPOINT),  FIRST(TABLE),
    FIRST(UNION),   FIRST(VACUUM),  FIRST(WHEN),   FIRST(COUNT),      FIRST(COUNT),
    FIRST(COUNT),   FIRST(COUNT),
#undef FIRST
};

rh_sql_keyword rh_sql_keyword_of(const rh_sql_token *token, const char *text)
{
    char capitals[16];
    unsigned letter;

    if (token->kind != RH_SQL_TOKEN_WORD || token->len < 2 || token->len > 12)
        return RH_SQL_KW_NONE;
    for (size_t i = 0; i < token->len; i++) {
        char c = text[token->offset + i];

        capitals[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    letter = (unsigned)(unsigned char)capitals[0] - 'A';
    if (letter >= 26)
        return RH_SQL_KW_NONE;
    for (unsigned k = first_of[letter]; k < first_of[letter + 1]; k++) {
        if (words[k].len == token->len && memcmp(words[k].text, capitals, token->len) == 0)
            return (rh_sql_keyword)k;
    }
    return RH_SQL_KW_NONE;
}

bool rh_sql_keyword_is_reserved(rh_sql_keyword keyword)
{
    return words[keyword].reserved;
}
