/*
 * What stands where in the JSON of a column: paths with counters, for the rule that a draft
 * suggests. Keys may be values themselves (a balance per address), so only those are written that
 * are plain words, look like nothing a detector knows and came back in several samples.
 */
#ifndef RH_DRAFT_JSON_H
#define RH_DRAFT_JSON_H

#include "draft_column.h"

typedef struct draft_path {
    const char *path; /* "$.user.email", "$.tags[*]", "$.balances.*" */
    const char *key;  /* the last key of it, "" behind arrays and for "*" */
    size_t samples;   /* rows that had it */
    size_t last_row;  /* the row that counted last */
    bool fractions;   /* numbers that are no integers */
    draft_column seen;
} draft_path;

/** Objects with keys that are no plain words. */
typedef struct draft_keys {
    const char *path;
    size_t samples;
    size_t last_row;
} draft_keys;

typedef struct draft_json {
    draft_path *paths;
    size_t count;
    draft_keys *keys;
    size_t key_count;
    size_t rows;
    bool cut; /* there were more paths than have room */
} draft_json;

/** Look at one text; one that is no JSON object or array is passed over. RH_ENOMEM. */
rh_status draft_json_see(const rh_draft *draft, draft_column *column, const char *text, size_t len,
                         rh_error *err) RH_MUST_CHECK;

/** Whether the path came back often enough to be written. */
bool draft_json_common(const draft_json *json, const draft_path *path);
/** Whether any did; json may be NULL. */
bool draft_json_worth_listing(const draft_json *json);

/** What a path's values look like (draft_choose.c). */
void draft_choose_path(const rh_structure_table *table, const draft_path *path, draft_choice *out);

#endif
