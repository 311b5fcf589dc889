/*
 * A section's SQL text as a list of statements that know what they do, to what, and under which
 * session settings. Classification looks at the statement's own tokens, never at pg_dump's
 * comments: those hold names, and names may hold anything.
 */
#ifndef PG_SCRIPT_H
#define PG_SCRIPT_H

#include <rehearse/error.h>

#include "core/arena.h"

typedef enum rh_pg_item_kind {
    RH_PG_ITEM_OTHER,
    RH_PG_ITEM_INDEX,       /* CREATE INDEX */
    RH_PG_ITEM_CONSTRAINT,  /* ADD CONSTRAINT with an index: primary key, unique, exclusion */
    RH_PG_ITEM_ATTACH,      /* ALTER INDEX ... ATTACH PARTITION */
    RH_PG_ITEM_FOREIGN_KEY, /* ADD CONSTRAINT ... FOREIGN KEY */
    RH_PG_ITEM_OWNER,       /* ALTER ... OWNER TO */
    RH_PG_ITEM_REFRESH,     /* REFRESH MATERIALIZED VIEW */
    RH_PG_ITEM_PRIVILEGE,   /* GRANT, REVOKE, ALTER DEFAULT PRIVILEGES */
} rh_pg_item_kind;

typedef struct rh_pg_item {
    rh_pg_item_kind kind;
    const char *sql;
    const char *label;     /* of pg_dump's comment, for errors; "" when there was none */
    size_t settings;       /* so many of the script's settings come before it */
    const char *schema;    /* table of INDEX, CONSTRAINT, FOREIGN_KEY, REFRESH; else NULL */
    const char *table;     /* NULL as schema */
    const char *name;      /* index or constraint, NULL otherwise */
    const char *to_schema; /* FOREIGN_KEY: the table it references */
    const char *to_table;
    bool only;      /* ALTER TABLE ONLY: not a partitioned table */
    bool not_valid; /* FOREIGN_KEY that says NOT VALID itself */
} rh_pg_item;

typedef struct rh_pg_script {
    rh_arena *arena;
    const char **settings; /* SET ... and set_config(...) in order */
    size_t setting_count;
    rh_pg_item *items;
    size_t item_count;
} rh_pg_script;

/** Parse text (copied). RH_EFORMAT for psql commands or zero bytes in the text, RH_ENOMEM. */
rh_status rh_pg_script_parse(const char *text, size_t len, rh_pg_script **out,
                             rh_error *err) RH_MUST_CHECK;
void rh_pg_script_free(rh_pg_script *script);

#endif
