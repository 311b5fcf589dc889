/*
 * Unified diff of two texts by lines, for schema sections. Myers' algorithm in linear space.
 */
#ifndef SNAPSHOT_TEXT_DIFF_H
#define SNAPSHOT_TEXT_DIFF_H

#include <stddef.h>

#include <rehearse/error.h>

#include "core/buf.h"

enum {
    RH_TEXT_DIFF_MAX_BYTES = 16 << 20, /* of each text */
    RH_TEXT_DIFF_MAX_LINES = 500000,   /* of each text */
    RH_TEXT_DIFF_CONTEXT = 3,          /* unchanged lines around a change */
};

/** One side: a name for the header line and the bytes. Any bytes will do; a line ends at '\n'. */
typedef struct rh_text_side {
    const char *name;
    const char *text;
    size_t len;
} rh_text_side;

/**
 * Append the unified diff that turns a into b to out, as `diff -u` writes it (nothing when they are
 * equal). The edit script is minimal unless the texts differ so much that finding it would take
 * too long; then it is correct but longer. RH_ELIMIT past the sizes above; RH_ENOMEM.
 */
rh_status rh_text_diff(const rh_text_side *a, const rh_text_side *b, rh_buf *out,
                       rh_error *err) RH_MUST_CHECK;

#endif
