/*
 * Masks: a name in a rule file becomes a compiled function from a field to a field.
 *
 * Every mask is deterministic: same key, same domain, same input -> same output on any machine,
 * engine and run. NULL stays NULL (but for `constant` with nulls: true).
 */
#ifndef ANONYMIZE_MASK_H
#define ANONYMIZE_MASK_H

#include <jansson.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "anonymize/mask_key.h"
#include "core/arena.h"
#include "core/doc.h"
#include "core/engine.h"
#include "core/row_fields.h"
#include "core/structure.h"

/** What a mask keeps of a column; printed by `rules check`, stored in the manifest. */
enum {
    RH_KEEPS_EQUALITY = 1 << 0,  /* equal in, equal out, across the whole domain */
    RH_KEEPS_UNIQUE = 1 << 1,    /* different in, different out: injective by construction */
    RH_KEEPS_FREQUENCY = 1 << 2, /* follows from the two above, or holds in distribution */
    RH_KEEPS_ORDER = 1 << 3,     /* strictly monotone in the type's own order */
    RH_KEEPS_PREFIX = 1 << 4,    /* common prefixes stay common prefixes of the same length */
    RH_KEEPS_WIDTH = 1 << 5,     /* same number of bytes */
    RH_KEEPS_NULLS = 1 << 6,
    RH_KEEPS_CLASS = 1 << 7, /* letters stay letters, digits digits, signs signs */
    RH_KEEPS_SHAPE = 1 << 8, /* stays valid for its type (address, uuid, e-mail, json ...) */
    RH_KEEPS_VALUE = 1 << 9, /* keep: nothing is masked */
};
enum { RH_KEEPS_COUNT = 10 };

/** The word for RH_KEEPS_* number `bit`, below RH_KEEPS_COUNT: "equality", "unique" ... */
const char *rh_mask_keeps_word(size_t bit);

typedef struct rh_mask rh_mask;

/** Static description of a kind: for docs, `rules check`, and the lint against docs/masks.md. */
typedef struct rh_mask_kind {
    const char *name;              /* "integer", "chain-address" ... */
    unsigned keeps;                /* at best; a compiled mask may keep less */
    const char *leaks;             /* one sentence */
    const char *const *parameters; /* names, NULL-terminated */
} rh_mask_kind;

/** NULL when there is no such kind. */
const rh_mask_kind *rh_mask_kind_find(const char *name);
/** All kinds, NULL-terminated. */
const rh_mask_kind *const *rh_mask_kinds(void);

/** A domain by name, for masks that contain others (json paths, arrays, match ids): fills kind,
 * parameters (borrowed) and position; RH_ECONFIG for an unknown name. */
typedef struct rh_mask_domains {
    rh_status (*find)(void *ctx, const char *name, const char **out_kind,
                      const json_t **out_parameters, rh_error *err);
    void *ctx;
} rh_mask_domains;

typedef struct rh_mask_request {
    const char *kind;
    const json_t *parameters; /* the rule's object (members mask, domain, why are ignored) */
    const rh_doc *doc;        /* for positions in errors; may be NULL */
    const char *domain;       /* domain name; columns without one use "schema.table.column" */
    const rh_mask_key *key;   /* master key */
    rh_engine_kind engine;
    const rh_structure_table *table; /* may be NULL (workloads) */
    const rh_structure_column *column;
    const rh_mask_domains *domains;
    const rh_structure *structure; /* knows the labels of enum types; may be NULL */
    rh_doc_pos pos; /* of the rule, for errors when parameters have no place; zeros: unknown */
} rh_mask_request;

/**
 * Compile. RH_ECONFIG "file:line:col: ..." for an unknown kind or parameter, or a mask that does
 * not fit the column's type. The compiled mask is read-only: many threads may apply it.
 */
rh_status rh_mask_compile(const rh_mask_request *request, rh_mask **out,
                          rh_error *err) RH_MUST_CHECK;
void rh_mask_free(rh_mask *mask); /* wipes its keys */

/**
 * Mask one value. fields: the whole row (a per-subject mask reads its subject there), NULL allowed.
 * out may be in. New bytes come from scratch. RH_EFORMAT when the value does not have the form that
 * the mask needs and the rule says so (`invalid: error`); never repeats the value.
 */
rh_status rh_mask_apply(const rh_mask *mask, const rh_field *in, const rh_field *fields,
                        rh_arena *scratch, rh_field *out, rh_error *err) RH_MUST_CHECK;

/**
 * Values that somebody else masks: mask `custom`. One of sql and command is set. rh_mask_apply
 * refuses such masks (RH_EUNSUPPORTED); who gets the answers hands them to rh_mask_answer.
 */
typedef struct rh_mask_custom {
    const char *sql;            /* expression that the source computes */
    const char *const *command; /* program and arguments, NULL-terminated */
    int64_t timeout_us;         /* silence after which the command has failed */
    const char *where;          /* "file:line:col" of it; "" when not known */
} rh_mask_custom;

/** NULL when the mask is another one. Borrowed from the mask. */
const rh_mask_custom *rh_mask_custom_of(const rh_mask *mask);

/** As rh_mask_apply for a custom mask, with the answer for this value: NULL stays NULL, `keep`,
 * `invalid` and the column's width hold. */
rh_status rh_mask_answer(const rh_mask *mask, const rh_field *in, const rh_field *answer,
                         rh_arena *scratch, rh_field *out, rh_error *err) RH_MUST_CHECK;

/**
 * Mask count values in place, first[0], first[stride] ...: the same images as rh_mask_apply gives
 * one by one, several times as fast. scratch must outlive the images. A value that fails stops it:
 * those in front of it may be masked already. RH_EUSAGE for masks with rh_mask_reads.
 */
rh_status rh_mask_apply_many(const rh_mask *mask, rh_field *first, size_t stride, size_t count,
                             rh_arena *scratch, rh_error *err) RH_MUST_CHECK;

/** What this compiled mask keeps (RH_KEEPS_*), and what it leaks (borrowed). */
unsigned rh_mask_keeps(const rh_mask *mask);
const char *rh_mask_leaks(const rh_mask *mask);
/** May a value pass as it is because the rule says so: a json path that is not there, `other:
 * keep`, `invalid: keep`? Values of `keep` lists do in any case. */
bool rh_mask_may_pass(const rh_mask *mask);
/** All values of `keep`, of inner masks, too. Stops at the first status that is not RH_OK. */
rh_status rh_mask_each_kept(const rh_mask *mask,
                            rh_status (*visit)(void *ctx, const char *value, rh_error *err),
                            void *ctx, rh_error *err) RH_MUST_CHECK;
/** Columns of the same row that apply() reads besides its own: positions, count. Borrowed. */
const size_t *rh_mask_reads(const rh_mask *mask, size_t *out_count);

/** What happened to values so far, over all threads. Ask when no thread is applying the mask. */
typedef struct rh_mask_counts {
    uint64_t values;    /* not NULL */
    uint64_t invalid;   /* did not have the form: `invalid` decided */
    uint64_t unmatched; /* json and the like: values in which no path matched anything */
} rh_mask_counts;

void rh_mask_count(const rh_mask *mask, rh_mask_counts *out);

#endif
