/*
 * Shorthand for tests of masks: compile a rule for a column of a made-up table, apply it to texts.
 */
#ifndef MASK_CASE_H
#define MASK_CASE_H

#include "anonymize/mask.h"

/* The key of all tests: bytes 0, 1, 2 ... */
extern const rh_mask_key mask_case_key;

typedef struct mask_case {
    rh_doc *doc;
    rh_structure_column columns[2];
    rh_structure_table table;
    rh_mask_request request;
    rh_mask *mask;
    rh_arena *scratch;
    rh_error err;
    rh_status status; /* of compiling */
} mask_case;

typedef struct mask_column {
    const char *type; /* NULL: SQLite */
    int64_t max_chars;
    const char *element;
    const char *const *labels;
    bool padded;
    bool not_null;
    int32_t precision, scale;
} mask_column;

/* rule: the YAML of one rule, e.g. "mask: email" or "{mask: integer, mode: monotone}". */
void mask_case_open(mask_case *c, const char *rule, const mask_column *column);
void mask_case_open_key(mask_case *c, const char *rule, const mask_column *column,
                        const rh_mask_key *key);
/* Everything but compiling. */
void mask_case_prepare(mask_case *c, const char *rule, const mask_column *column);
void mask_case_close(mask_case *c);

/* The image of a text; NULL: NULL. Lives until close. Fails the test on errors. */
const char *mask_case_text(mask_case *c, const char *text);
rh_field mask_case_field(mask_case *c, rh_field value);
rh_status mask_case_status(mask_case *c, const char *text);

/* One rule, one text, one image. */
void assert_masked(const char *rule, const char *type, const char *text, const char *image);
/* Compiling fails with a text that contains `part`. */
void assert_refused(const char *rule, const mask_column *column, const char *part);

#endif
