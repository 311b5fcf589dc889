/*
 * Images of values that came not long ago: most columns repeat themselves. A table of one
 * place per hash, 96 KiB; up to eight times as large where values repeat and push each other out.
 * It looks away for a while where a column turns out to be all different.
 *
 * Holds raw values, so it is wiped when it is freed. Not for two threads.
 */
#ifndef RH_MASK_MEMO_H
#define RH_MASK_MEMO_H

#include <stddef.h>

#include <rehearse/error.h>

typedef struct mask_memo mask_memo;

/* RH_ENOMEM. */
rh_status mask_memo_new(mask_memo **out, rh_error *err);
void mask_memo_free(mask_memo *memo);

/* The image of a text, borrowed until the next call; NULL: not known. */
const char *mask_memo_get(mask_memo *memo, const char *raw, size_t len, size_t *image_len);

/* Remember an image; one that is too long, or of nothing, is not. */
void mask_memo_put(mask_memo *memo, const char *raw, size_t len, const char *image,
                   size_t image_len);

#endif
