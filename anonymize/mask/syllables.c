/*
 * A word is a number of base 26; its stand-in is the same number in the bases 20 and 5 in turns.
 * Longer words go in parts of 13 letters: 26^13 is below 2^62.
 */
#include "syllables.h"

#include <stdint.h>

enum { PART = 13, PART_OUT = 19, CONSONANTS = 20, VOWELS = 5 };

static const char consonants[] = "bcdfghjklmnprstvwxyz";
static const char vowels[] = "aeiou";

/* The least number of letters, by that of the word: 20 * 5 * 20 ... is 26^n or more. */
static const uint8_t needed[PART + 1] = {0, 2, 3, 5, 6, 7, 9, 10, 12, 13, 15, 16, 17, PART_OUT};

size_t syllables_len(size_t letters)
{
    return letters / PART * PART_OUT + needed[letters % PART];
}

static void put_part(const char *word, size_t len, char *out)
{
    uint64_t number = 0;
    size_t letters = needed[len];

    for (size_t i = 0; i < len; i++)
        number = number * 26 + (uint64_t)(word[i] - 'a');
    for (size_t i = letters; i > 0; i--) {
        /* The first letter is a consonant, and so is every second one behind it. */
        uint64_t quotient = i % 2 == 1 ? number / CONSONANTS : number / VOWELS;

        out[i - 1] = i % 2 == 1 ? consonants[number - quotient * CONSONANTS]
                                : vowels[number - quotient * VOWELS];
        number = quotient;
    }
}

void syllables_put(const char *word, size_t len, char *out)
{
    for (; len >= PART; len -= PART, word += PART, out += PART_OUT)
        put_part(word, PART, out);
    put_part(word, len, out);
}
