/*
 * Call files (docs/ledger.md): calls by name, their SQL, where their parameters come from, budgets.
 */
#ifndef LEDGER_CALLS_H
#define LEDGER_CALLS_H

#include "core/doc.h"
#include "core/sql_scan.h"
#include "ledger/ledger_block.h"

typedef enum rh_calls_per {
    RH_CALLS_PER_BLOCK,
    RH_CALLS_PER_TRANSACTION,
    RH_CALLS_PER_INPUT,
    RH_CALLS_PER_OUTPUT,
    RH_CALLS_PER_STATEMENT, /* of a trace */
} rh_calls_per;

/** What of a result is compared between two variants. */
typedef enum rh_calls_result {
    RH_CALLS_ROWS,    /* all rows, in any order */
    RH_CALLS_ORDERED, /* all rows, in their order */
    RH_CALLS_EXISTS,  /* whether there is any */
} rh_calls_result;

typedef enum rh_calls_when {
    RH_CALLS_ALWAYS,
    RH_CALLS_FOUND,   /* the step before returned a row */
    RH_CALLS_MISSING, /* it did not */
} rh_calls_when;

enum { RH_CALLS_MAX_PARAMETERS = 64, RH_CALLS_MAX_TAKEN = 16, RH_CALLS_MAX_SHAPES = 20000 };

/** Where a parameter's value comes from. */
typedef struct rh_calls_parameter {
    const char *name; /* as in the text, without its first character */
    int field;        /* number of a field, or -1 */
    int taken;        /* number of a value that an earlier step took, or -1 */
    bool list;        /* a batch's list of values */
} rh_calls_parameter;

typedef struct rh_calls_step {
    const char *text; /* as written */
    const char *sql;  /* with ?1 or $1 for its parameters; of a batch, with its list filled up */
    rh_calls_parameter *parameters; /* ?1 first */
    size_t parameter_count;
    rh_calls_when when;
    const char *take[RH_CALLS_MAX_TAKEN]; /* columns of the first row, NULL-terminated */
    size_t first_taken;                   /* number of take[0] in the call */
    size_t take_count;
    bool writes;
} rh_calls_step;

typedef struct rh_calls_call {
    const char *name;
    /* The call of another file that it is compared with; NULL: its namesake. */
    const char *replaces;
    rh_calls_per per;
    rh_calls_result result;
    int64_t active_from; /* height; 0: always */
    size_t batch;        /* values of one statement; 1: none */
    rh_calls_step *steps;
    size_t step_count;
    size_t taken_count;    /* up to RH_CALLS_MAX_PARAMETERS */
    const char *cache_sql; /* NULL: no cache */
    const char *cache_key; /* its column */
    int cache_field;
    const char *shape; /* of a trace: the statement without its values; else NULL */
    int64_t max_steps; /* budget of one execution, VM steps; 0: none */
    int64_t max_rows;  /* likewise */
    rh_doc_pos pos;
} rh_calls_call;

typedef struct rh_calls_budget {
    int64_t interval_us; /* between two units; default 600 s */
    double share;        /* of it that calls may take; default 0.05 */
    int64_t statements;  /* per block; 0: no limit */
    int64_t steps;       /* VM steps per block; 0: as many as the share's seconds have */
    int64_t pace;        /* cost that counts as a second; 0: the engine's, see below */
} rh_calls_budget;

/**
 * What counts as a second: VM steps of SQLite, rows that plans processed of PostgreSQL. As slow as
 * a row of a table that does not fit the cache is (a microsecond; SQLite takes four steps for it).
 */
enum { RH_CALLS_SQLITE_PACE = 4000000, RH_CALLS_POSTGRES_PACE = 1000000 };

/** Which call a statement of a trace is. */
typedef struct rh_calls_shape {
    uint64_t fingerprint;
    size_t call;
} rh_calls_shape;

typedef struct rh_calls {
    rh_arena *arena;
    rh_sql_dialect dialect;
    const char *file;
    const char **setup; /* statements of `open`, NULL-terminated */
    rh_calls_call *calls;
    size_t count;
    rh_calls_budget budget;
    json_t *after; /* {"index": "stat"}: statistics after activation; NULL: assumed */
    bool writes;
    bool traced;            /* calls are the statements of a trace */
    rh_calls_shape *shapes; /* of it, by fingerprint */
    size_t shape_count;
} rh_calls;

/** Cost that counts as a second: the file's, else the engine's. */
double rh_calls_pace(const rh_calls *calls);

/** What a block may cost: counters, which are the same on every machine. */
double rh_calls_allowed_cost(const rh_calls *calls);

/** "VM steps per block" or "rows per block". */
const char *rh_calls_cost_unit(const rh_calls *calls);

/** No calls and the default budget; for rh_calls_add_trace. */
rh_status rh_calls_new(rh_sql_dialect dialect, rh_calls **out, rh_error *err) RH_MUST_CHECK;

/**
 * Make each shape of statement of a traced ledger workload that reads or writes rows a call, in the
 * order in which they appear, named like "select-balances-3fa2c1d0"; steps[0].sql is the first text
 * of it. calls must have none before. RH_EUSAGE: statements of the other engine, or none;
 * RH_ELIMIT: more than RH_CALLS_MAX_SHAPES.
 */
rh_status rh_calls_add_trace(rh_calls *calls, const char *path, rh_error *err) RH_MUST_CHECK;

/** The call that a statement of this fingerprint is; calls->count when it is none. */
size_t rh_calls_of_shape(const rh_calls *calls, uint64_t fingerprint);

/** Read a file. Without 'calls' in it there are none: it says how a trace is opened and judged.
 * RH_ECONFIG names file, line and column; RH_ENOTFOUND, RH_EIO. */
rh_status rh_calls_read(const char *path, rh_sql_dialect dialect, rh_calls **out,
                        rh_error *err) RH_MUST_CHECK;
/** As rh_calls_read from memory; name is used in errors. */
rh_status rh_calls_parse(const char *name, const char *text, size_t len, rh_sql_dialect dialect,
                         rh_calls **out, rh_error *err) RH_MUST_CHECK;
void rh_calls_free(rh_calls *calls);

const char *rh_calls_per_name(rh_calls_per per);

/* ---- fields ---- */

/** Number of a field by its name; -1 when units of this kind have none of that name. */
int rh_calls_field(rh_calls_per per, const char *name);

/** True for a field that all units of a block share. */
bool rh_calls_field_of_block(int field);

/** A unit of a block; tx, input, output as its kind has them. */
typedef struct rh_calls_unit {
    const rh_ledger_block *block;
    const rh_ledger_tx *tx;
    const rh_ledger_input *input;
    const rh_ledger_output *output;
} rh_calls_unit;

/** Its value, borrowed from the block; NULL where it is not known. */
rh_parameter rh_calls_value(const rh_calls_unit *unit, int field);

#endif
