/*
 * Patterns of rule files: "schema.table.column::type" with globs, and how specific one is.
 */
#ifndef RH_RULE_PATTERN_H
#define RH_RULE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "core/arena.h"
#include "core/structure.h"

/** Parts in the order in which they decide who is more specific. */
enum { PART_COLUMN, PART_TABLE, PART_TYPE, PART_SCHEMA, PART_COUNT };

/** What a part is made of. */
enum { RANK_ANY, RANK_GLOB, RANK_NAME };

typedef struct rule_pattern {
    const char *text;             /* as written */
    const char *glob[PART_COUNT]; /* for rh_str_glob; NULL: anything */
    uint8_t rank[PART_COUNT];
    size_t literal[PART_COUNT]; /* characters that are not wild */
} rule_pattern;

/**
 * Read a pattern; everything lives in arena. RH_ECONFIG with a text that starts at the problem (the
 * caller says where), RH_ENOMEM.
 */
rh_status rule_pattern_parse(const char *text, rh_arena *arena, rule_pattern *out, rh_error *err);

bool rule_pattern_matches(const rule_pattern *p, const rh_structure_table *table,
                          const rh_structure_column *column);

/** > 0: a is more specific; 0: neither is. */
int rule_pattern_compare(const rule_pattern *a, const rule_pattern *b);
/** The same by ranks alone, for patterns that match different columns. */
int rule_pattern_compare_ranks(const rule_pattern *a, const rule_pattern *b);
/** True when they are written differently at most. */
bool rule_pattern_same(const rule_pattern *a, const rule_pattern *b);

#endif
