/*
 * What `rules init` knows about a column, and what it makes of it.
 */
#ifndef RH_DRAFT_COLUMN_H
#define RH_DRAFT_COLUMN_H

#include "anonymize/draft.h"
#include "core/arena.h"
#include "detect.h"

/** Counters of the sampled values; never a value. */
typedef struct draft_column {
    size_t values; /* not NULL */
    size_t texts;
    size_t seconds; /* SQLite: integers that would be seconds since 1970, of 1990 to 2050 */
    size_t millis;  /* the same in milliseconds */
    size_t longest; /* bytes of the longest text */
    size_t objects; /* texts that are JSON objects or arrays */
    size_t records; /* texts between brackets, as composite values are */
    size_t hits[DETECT_COUNT];
    struct draft_json *json; /* what stands where in its JSON; NULL: none was seen */
} draft_column;

struct rh_draft {
    const rh_structure *structure;
    rh_arena *arena;
    rh_chain *chain;
    draft_column **columns; /* per table, per column */
    size_t *rows;           /* per table */
};

/** The proposal. */
typedef struct draft_choice {
    const char *mask;
    const char *parameters; /* "mode: monotone", or NULL */
    bool json;              /* paths are to be listed */
    const char *domain; /* name for a domain when several columns hold the same thing, or NULL */
    bool decided;       /* false: written as a comment */
    bool harmless;
    char evidence[160];
} draft_choice;

/** Count a text in column. */
void draft_see_text(const rh_draft *draft, draft_column *column, const char *text, size_t len);

void draft_choose(const rh_draft *draft, size_t table, size_t column, draft_choice *out);

#endif
