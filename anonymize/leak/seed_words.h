/*
 * The words of BIP-39 seed phrases.
 */
#ifndef LEAK_SEED_WORDS_H
#define LEAK_SEED_WORDS_H

enum { RH_LEAK_SEED_WORDS = 2048, RH_LEAK_SEED_SLOT = 8 };

/** Slots of eight bytes, padded with spaces, in byte order. */
extern const char rh_leak_seed_words[];

#endif
