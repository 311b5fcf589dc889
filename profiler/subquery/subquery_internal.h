/*
 * What the files of this folder share: entries (levels of the statement and of views) and, for each
 * node of the plan, the entry whose relation it reads.
 */
#ifndef SUBQUERY_INTERNAL_H
#define SUBQUERY_INTERNAL_H

#include "core/arena.h"
#include "profiler/subquery.h"

typedef struct subquery_entry {
    rh_subquery pub;
    const rh_sql_levels *levels;
    size_t first;    /* entry of its text's level 0 */
    size_t parent;   /* entry; RH_SQL_NONE for entry 0 */
    size_t relation; /* first entry of a view: which of its parent's relations that is */
    size_t top;      /* topmost node that works for it and what is in it alone */
    bool placed;
} subquery_entry;

/* Who a scan belongs to. */
typedef struct subquery_owner {
    size_t entry;    /* RH_SQL_NONE: not known */
    size_t relation; /* of its level */
    size_t *others;  /* clash: all entries that are possible */
    size_t other_count;
} subquery_owner;

typedef struct subquery_text {
    char *text; /* of a view, owned; NULL: the statement's */
    rh_sql_levels *levels;
    struct subquery_text *next;
} subquery_text;

struct rh_subquery_map {
    const rh_plan *plan;
    const rh_sql_levels *levels;
    const char *text;
    size_t text_len;
    const rh_subquery_options *options;
    rh_arena *arena;
    subquery_entry *entries;
    size_t count;
    size_t capacity;
    subquery_text *views;
    subquery_owner *owners; /* per node */
    size_t **answers;       /* per node: entries */
    size_t *answer_counts;
    bool certain; /* owners come from tags, or every name is unique and accounted for */
};

/** Add the levels of a text below `parent` (RH_SQL_NONE for the statement). */
rh_status rh_subquery_add_text(rh_subquery_map *map, const rh_sql_levels *levels, const char *text,
                               size_t text_len, const char *view, size_t parent, rh_error *err);

/** First entry of the view that this relation of the entry is; RH_SQL_NONE when it is none. */
size_t rh_subquery_view_of(const rh_subquery_map *map, size_t entry, size_t relation);

/** Length of the text whose first entry this is; a view's without what ends its statement. */
size_t rh_subquery_text_len(const rh_subquery_map *map, size_t first);

/** True when entry `inner` is `outer` or lies in it. */
bool rh_subquery_within(const rh_subquery_map *map, size_t inner, size_t outer);

/** The relation of a level that a scan of this alias may be: exactly, or with PostgreSQL's "_1". */
bool rh_subquery_alias_fits(const char *alias, const char *name, bool *out_suffixed);

/** True for nodes that read a named thing, so that they have an owner. */
bool rh_subquery_has_owner(const rh_plan_node *node);

/** Owners by alias, over entries from first_entry on, for nodes that have none. */
rh_status rh_subquery_own_by_alias(rh_subquery_map *map, size_t first_entry, rh_error *err);

/** Owners by planning the statement again under aliases of our own. RH_OK, RH_SKIPPED when that
 * proves nothing, or RH_ENOMEM. */
rh_status rh_subquery_own_by_tag(rh_subquery_map *map, rh_error *err);

/** Nodes for entries. */
rh_status rh_subquery_place_postgres(rh_subquery_map *map, rh_error *err);
rh_status rh_subquery_place_sqlite(rh_subquery_map *map, rh_error *err);

void rh_subquery_set(rh_subquery_map *map, size_t entry, rh_subquery_fate fate, size_t node);

/** Mark an entry unclear between these (copied). */
rh_status rh_subquery_set_unclear(rh_subquery_map *map, size_t entry, const size_t *others,
                                  size_t count, rh_error *err);

#endif
