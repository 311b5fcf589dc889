/*
 * What the two readers (YAML events, JSON text) and the accessors of a document share.
 */
#ifndef DOC_INTERNAL_H
#define DOC_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/doc.h"

enum {
    DOC_MAX_DEPTH = 64,
    DOC_MAX_TEXT_BYTES = 16 * 1024 * 1024,
    DOC_NUMBER_BYTES = 64,    /* longer runs of digits are text */
    DOC_MAX_VALUES = 1000000, /* bounds the memory that a hostile 16 MiB text can ask for */
};

/* Where one member of a container stands. Found by container and key, or container and index. */
typedef struct doc_place doc_place;
struct doc_place {
    doc_place *next; /* same bucket */
    const json_t *container;
    const char *key; /* NULL for array items */
    size_t index;
    uint32_t key_line, key_column;
    uint32_t value_line, value_column;
};

struct rh_doc {
    char *name;
    json_t *root;
    rh_arena *arena; /* places and their keys */
    doc_place **buckets;
    size_t bucket_count; /* power of two, or 0 */
    size_t place_count;
};

/* Remember a member. key NULL: array item at index. RH_ENOMEM, or RH_ECONFIG past DOC_MAX_VALUES.
 */
rh_status doc_place_add(rh_doc *doc, const doc_place *place, rh_error *err);

/* The member's place, NULL when unknown. */
const doc_place *doc_place_find(const rh_doc *doc, const json_t *container, const char *key,
                                size_t index);

/* Read YAML into *out (a new reference), recording places. */
rh_status doc_yaml_load(rh_doc *doc, const char *text, size_t len, json_t **out, rh_error *err);

/*
 * Read strict JSON into *out, recording places. RH_SKIPPED, without an error, when the text is not
 * strict JSON: the YAML reader then either understands it or says precisely what is wrong.
 */
rh_status doc_json_load(rh_doc *doc, const char *text, size_t len, json_t **out, rh_error *err);

/* One JSON value of a short text. *out is NULL when it is none or out of range; or RH_ENOMEM. */
rh_status doc_json_value(const char *text, json_t **out);

/*
 * Is this word a decimal number: [+-] digits [. digits] [e [+-] digits], also ".5"? Numbers with a
 * leading zero are text (post codes, hashes). Writes it as JSON spells it.
 */
bool doc_number(const char *text, char out[DOC_NUMBER_BYTES]);

#endif
