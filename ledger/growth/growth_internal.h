/*
 * Between the files of this folder.
 */
#ifndef RH_LEDGER_GROWTH_INTERNAL_H
#define RH_LEDGER_GROWTH_INTERNAL_H

#include "core/power_fit.h"
#include "ledger/ledger_growth.h"

enum {
    GROWTH_MAX_SIZES = 16, /* copies, and the target itself */
    GROWTH_FIT_POINTS = 5, /* largest ones, where constants no longer count */
    GROWTH_BLOCKS = 4,     /* thinned blocks: an eighth, a quarter, a half, all */
    GROWTH_TABLE = 3,      /* testnet-like, mainnet-like, x10 */
};

/** What one call cost at one size: x rows of the largest table, y cost of one unit. */
typedef struct growth_call {
    const rh_calls_call *call;
    rh_power_point points[GROWTH_MAX_SIZES];
    size_t count;
    rh_power_fit fit;
    int64_t stopped_at;                       /* rows at which the budget ended it; 0: never */
    double us_per_cost;                       /* at the largest size where it ran */
    bool active;                              /* at the block's height */
    rh_power_point statements[GROWTH_BLOCKS]; /* x inputs and outputs, y statements */
    rh_power_fit statement_fit;
    json_t *plans[GROWTH_TABLE]; /* lines of each step; NULL on PostgreSQL */
} growth_call;

typedef struct growth_size {
    const char *name;
    int64_t rows; /* of the largest table */
    double units; /* inputs and outputs of a block */
} growth_size;

typedef struct growth {
    const rh_ledger_growth_options *options;
    rh_call_session *copies;
    rh_engine_kind kind;
    char version[24];
    json_t *tables;
    const char *largest; /* borrowed from tables */
    int64_t total;       /* its rows in the target */
    growth_call *calls;
    size_t count;
    growth_size sizes[GROWTH_TABLE];
    int64_t last_copy;      /* rows */
    rh_power_fit block_fit; /* all statements */
    json_t *findings;
    bool bad;
} growth;

/** Statements of blocks of rising size, on the copies as they stand. growth_blocks.c */
rh_status rh_growth_run_blocks(growth *g, rh_error *err) RH_MUST_CHECK;

/** Which plan each step would have at the three sizes. growth_plans.c */
rh_status rh_growth_read_plans(growth *g, rh_error *err) RH_MUST_CHECK;

/** Cost of a unit with `rows` rows; beyond the last point with the exponent given. */
double rh_growth_cost(const growth_call *call, double exponent, double rows);

/** Statements of a call in a block of so many units. */
double rh_growth_statements(const growth_call *call, double units);

/** VM steps, or rows and statements, of a block. */
double rh_growth_block_cost(const growth *g, const growth_size *size);

/** Microseconds of a block; exponent: 0 the fitted one, -1 the least, 1 the greatest. */
double rh_growth_block_us(const growth *g, const growth_size *size, int exponent);

/** Was there a measurement at this size or above it? Else its figures are a model. */
bool rh_growth_measured(const growth *g, const growth_size *size);

/** Findings into g. growth_judge.c */
rh_status rh_growth_judge(growth *g, rh_error *err) RH_MUST_CHECK;

/** growth_report.c */
rh_status rh_growth_report(const growth *g, json_t **out, rh_error *err) RH_MUST_CHECK;

#endif
