/*
 * Inside of masks: a compiled mask is a tree of nodes (a json mask holds the masks of its paths),
 * read-only once compiled. What a node needs to compute (ciphers, which are not for two threads)
 * lives in lanes: a thread takes a free lane, applies the tree with it, and gives it back.
 */
#ifndef RH_MASK_NODE_H
#define RH_MASK_NODE_H

#include <stdbool.h>

#include "anonymize/mask.h"

/** Types as masks see them: a column's, or that of a value inside of another. */
typedef enum place_type {
    PLACE_ANY, /* a text inside of another value, or no column known */
    PLACE_SQLITE,
    PLACE_TEXT,
    PLACE_INT2,
    PLACE_INT4,
    PLACE_INT8,
    PLACE_NUMERIC,
    PLACE_FLOAT,
    PLACE_BOOL,
    PLACE_BYTEA,
    PLACE_UUID,
    PLACE_INET,
    PLACE_CIDR,
    PLACE_MAC,
    PLACE_DATE,
    PLACE_TIMESTAMP,
    PLACE_TIMESTAMPTZ,
    PLACE_JSON,
    PLACE_XML,
    PLACE_ENUM,
    PLACE_ARRAY,
    PLACE_RANGE,
    PLACE_MULTIRANGE,
    PLACE_HSTORE,
    PLACE_OTHER, /* composites, and all that masks know nothing about */
} place_type;

#define FIT(type) (UINT32_C(1) << (PLACE_##type))
enum {
    FITS_FREE = FIT(ANY) | FIT(SQLITE),
    FITS_TEXT = FITS_FREE | FIT(TEXT),
    FITS_INTEGERS = FIT(INT2) | FIT(INT4) | FIT(INT8),
    FITS_TIMES = FIT(DATE) | FIT(TIMESTAMP) | FIT(TIMESTAMPTZ),
    FITS_ALL = 0x7fffffff,
};

/** Where values of a mask stand. */
typedef struct mask_place {
    place_type type;
    const char *name;          /* for errors: "public.users.email", "...$.path" */
    const char *type_name;     /* for errors; never NULL */
    const char *element;       /* arrays and ranges: base type of what is inside */
    const char *const *labels; /* enums */
    int64_t max_chars;         /* -1: no limit */
    int32_t precision, scale;  /* -1: none */
    bool padded;
    bool folds_case; /* citext, COLLATE NOCASE */
    bool single;     /* floating point: real, of 24 bits */
    bool not_null;
} mask_place;

typedef enum invalid_policy {
    INVALID_SHAPE,
    INVALID_ERROR,
    INVALID_NULL,
    INVALID_KEEP,
} invalid_policy;

typedef struct mask_node mask_node;
typedef struct mask_lane mask_lane;
typedef struct mask_compiler mask_compiler;

/** One call of rh_mask_apply. */
typedef struct mask_call {
    const rh_field *fields;
    rh_arena *scratch;
    mask_lane *lane;
    const rh_field *answer; /* rh_mask_answer: what custom puts in the value's place, or NULL */
    bool json_number;       /* the value is a number of a JSON text and has to stay one */
} mask_call;

enum {
    OPS_WHOLE = 1,     /* replaces or keeps values as a whole, containers as well */
    OPS_CONTAINER = 2, /* looks inside of the value by itself */
    OPS_TOTAL = 4,     /* every value has the form */
    OPS_NULLS = 8,     /* is asked about NULL as well */
    OPS_ORDER = 16,    /* has no image beyond its reach: `invalid` is error unless stated */
};

typedef struct mask_ops {
    rh_mask_kind kind;
    uint32_t fits;
    unsigned flags;
    /* Read the parameters into node->data (arena of the mask). NULL: there are none. */
    rh_status (*compile)(mask_compiler *c, mask_node *node, rh_error *err);
    /* Make the keyed state of one lane; NULL: stateless. */
    rh_status (*open)(const mask_node *node, const rh_mask_key *key, void **out, rh_error *err);
    void (*close)(void *state);
    /* Free what compile put outside of the arena; NULL: nothing. */
    void (*release)(mask_node *node);
    /* Replace value, which is not NULL. RH_SKIPPED, value untouched: it does not have the form. */
    rh_status (*apply)(const mask_node *node, void *state, mask_call *call, rh_field *value,
                       rh_error *err);
    /* Replace those of count values (not NULL, of a column of its own) that it can replace as apply
     * does but faster together, and set their done; the others stay as they are. NULL: none. */
    rh_status (*apply_many)(const mask_node *node, void *state, mask_call *call, rh_field *values,
                            bool *done, size_t count, rh_error *err);
} mask_ops;

enum { MASK_MANY = 64 }; /* values that apply_many gets at most */

struct mask_node {
    const mask_ops *ops;
    size_t slot; /* of its state in a lane */
    const char *domain;
    mask_place place;
    const json_t *parameters; /* during compile only */
    invalid_policy invalid;
    const char **keep; /* values that pass unchanged; sorted */
    size_t keep_count;
    bool passes; /* values in which nothing is named come out as they went in */
    unsigned keeps;
    const char *leaks;
    void *data;
};

struct mask_compiler {
    const rh_mask_request *request;
    rh_arena *arena; /* lives as long as the mask */
    rh_mask *mask;
    unsigned depth;
};

/* ---- compile ---- */

/** Compile a node for a place. params may be NULL. name and domain are copied. */
rh_status mask_compile_node(mask_compiler *c, const char *kind, const json_t *params,
                            const char *domain, const mask_place *place, mask_node **out,
                            rh_error *err);

/** How an inner mask is written, and where it stands. */
typedef struct inner_mask {
    const json_t *parent; /* object that holds the text or object under key */
    const char *key;
    const char *suffix; /* of the domain when none is named: "$.path" */
    const mask_place *place;
} inner_mask;

/** Inner mask: a kind as text, or an object with `mask` and parameters, or with `domain`. */
rh_status mask_compile_inner(mask_compiler *c, const mask_node *outer, const inner_mask *inner,
                             mask_node **out, rh_error *err);

/** A place for texts inside of another value. */
mask_place mask_place_inside(const mask_place *outer);
/** The place of a base type (PostgreSQL), e.g. of array elements. */
mask_place mask_place_of_type(const mask_place *outer, const char *base_type);

/** Position of the mask's column by name, remembered for rh_mask_reads. */
rh_status mask_reads_column(mask_compiler *c, const mask_node *node, const char *name,
                            size_t *out_index, rh_error *err);

/* ---- parameters: untouched outputs when the parameter is not there ---- */

rh_status param_error(const mask_compiler *c, const json_t *object, const char *key, rh_error *err,
                      const char *format, ...) RH_PRINTF(5, 6);
rh_status param_text(const mask_compiler *c, const mask_node *node, const char *key,
                     const char **out, rh_error *err);
rh_status param_integer(const mask_compiler *c, const mask_node *node, const char *key,
                        const int64_t range[2], int64_t *out, rh_error *err);
rh_status param_bool(const mask_compiler *c, const mask_node *node, const char *key, bool *out,
                     rh_error *err);
/** Index in choices (NULL-terminated). */
rh_status param_choice(const mask_compiler *c, const mask_node *node, const char *key,
                       const char *const *choices, size_t *out, rh_error *err);
/** A list of texts (numbers are taken as their text), copied. */
rh_status param_texts(const mask_compiler *c, const mask_node *node, const char *key,
                      const char ***out, size_t *out_count, rh_error *err);

/* ---- apply ---- */

/** Apply a node of the tree, with keep list, `invalid`, width. value may be NULL-valued. */
rh_status mask_node_apply(const mask_node *node, mask_call *call, rh_field *value, rh_error *err);

/** Count a json path (or the like) that matched nothing. */
void mask_count_unmatched(mask_call *call);

const mask_ops *mask_ops_find(const char *kind);

#endif
