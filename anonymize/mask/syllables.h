/*
 * Words that can be said: consonant, vowel, consonant ... Each word of n letters has one of its own
 * among those of syllables_len(n) letters, so different words stay different.
 */
#ifndef RH_SYLLABLES_H
#define RH_SYLLABLES_H

#include <stddef.h>

/** Letters of the stand-in of a word of so many letters, 2 or more; strictly increasing. */
size_t syllables_len(size_t letters);

/** Write the stand-in of len small letters (a to z), syllables_len(len) of them, into out. */
void syllables_put(const char *word, size_t len, char *out);

#endif
