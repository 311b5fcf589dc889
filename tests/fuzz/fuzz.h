/*
 * The one function of a fuzz target, fuzz_<name>.c: called by libFuzzer or by replay_corpus.c.
 *
 * It takes any bytes, must not crash, leak or print, and returns 0.
 */
#ifndef RH_TESTS_FUZZ_H
#define RH_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
