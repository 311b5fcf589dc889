/*
 * PostgreSQL's texts of values with parts, read part by part: array, composite, range, hstore.
 *
 * All of them quote alike: "..." with \" and \\ (and "" in composites and ranges). A part goes
 * through the inner mask and is quoted again where it has to be.
 */
#ifndef RH_PGTEXT_PARTS_H
#define RH_PGTEXT_PARTS_H

#include "field_text.h"
#include "mask_node.h"

typedef struct pgtext_reader {
    const char *text;
    size_t len;
    size_t at;
    /* Parts without their quotes, each where it begins in text; NULL before the first. */
    char *parts;
    mask_call *call;
    arena_text out;
    rh_error *err;
} pgtext_reader;

typedef struct pgtext_part {
    char *text; /* of the reader */
    size_t len;
    bool quoted;
} pgtext_part;

/** False: not a text, there is nothing to read. */
bool pgtext_begin(pgtext_reader *r, const rh_field *value, mask_call *call, rh_error *err);
/** The value is what was written, when all went well. RH_SKIPPED: something is left. */
rh_status pgtext_end(pgtext_reader *r, rh_status status, rh_field *value);

static inline bool pgtext_at(const pgtext_reader *r, char c)
{
    return r->at < r->len && r->text[r->at] == c;
}

/** Copy the character here to out. */
static inline rh_status pgtext_pass(pgtext_reader *r)
{
    return arena_text_byte(&r->out, r->text[r->at++], r->err);
}

/** A part up to one of the signs in `ends` that is not quoted. RH_SKIPPED: it does not end. */
rh_status pgtext_read_part(pgtext_reader *r, const char *ends, pgtext_part *out);
/** mask NULL: the part as it is. */
rh_status pgtext_mask_part(pgtext_reader *r, const mask_node *mask, const pgtext_part *p,
                           rh_field *out);
rh_status pgtext_put_quoted(pgtext_reader *r, const char *text, size_t len);
/** Quoted only where a sign in `special` asks for it. */
rh_status pgtext_put_plain(pgtext_reader *r, const char *text, size_t len, const char *special);

/** The word in any case, as in NULL. */
bool pgtext_is_word(const char *text, size_t len, const char *word);

#endif
