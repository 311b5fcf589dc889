/*
 * A rule file as it was read: rules and domains with their places.
 */
#ifndef RH_RULE_FILE_H
#define RH_RULE_FILE_H

#include <jansson.h>

#include "anonymize/rules.h"
#include "core/doc.h"
#include "rule_pattern.h"

typedef struct rule_domain {
    const char *name;
    const char *kind;
    json_t *parameters; /* object, or NULL for a kind alone */
    rh_doc_pos pos;
    bool used;
} rule_domain;

typedef struct rule {
    rule_pattern pattern;
    rh_doc_pos pos; /* of the pattern */
    const char *kind;
    const char *domain; /* or NULL */
    json_t *parameters; /* of the rule, or of its domain; NULL for a kind alone */
    const char *why;
} rule;

struct rh_rules {
    rh_arena *arena;
    rh_doc *doc;
    const char *name; /* of the file, for complaints */
    rule *rules;      /* in the order of the file */
    size_t rule_count;
    rule_domain *domains;
    size_t domain_count;
    const char *key_file;
    bool refuse_texts; /* schema_texts: refuse */
    char hash[65];
};

/** The same mask with the same parameters. */
bool rule_same_mask(const rule *a, const rule *b);

const rule_domain *rules_find_domain(const rh_rules *rules, const char *name);

/** The nearest of names (NULL-terminated) to what was written; NULL when none is near. */
const char *nearest_name(const char *written, const char *const *names);

#endif
