#include "sql_keyword.h"

#include <string.h>

enum { WORD_BYTES = 16 };

typedef struct word {
    char text[WORD_BYTES]; /* capitals, filled up with zeros: compared in two steps of 8 bytes */
    bool reserved;
} word;

static const word words[RH_SQL_KW_COUNT] = {{"", false},
#define WORD(text, reserved) {#text, reserved},
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
    char capitals[WORD_BYTES] = {0};
    unsigned letter;

    if (token->kind != RH_SQL_TOKEN_WORD || token->len < 2 || token->len > 12)
        return RH_SQL_KW_NONE;
    letter = (unsigned)(unsigned char)(text[token->offset] & ~0x20) - 'A';
    if (letter >= 26 || first_of[letter] == first_of[letter + 1])
        return RH_SQL_KW_NONE;
    for (size_t i = 0; i < token->len; i++) {
        char c = text[token->offset + i];

        capitals[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    for (unsigned k = first_of[letter]; k < first_of[letter + 1]; k++) {
        if (memcmp(words[k].text, capitals, WORD_BYTES) == 0)
            return (rh_sql_keyword)k;
    }
    return RH_SQL_KW_NONE;
}

bool rh_sql_keyword_is_reserved(rh_sql_keyword keyword)
{
    return words[keyword].reserved;
}
