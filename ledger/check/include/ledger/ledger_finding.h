/*
 * Findings as docs/findings.md has them, of a ledger's calls.
 */
#ifndef LEDGER_LEDGER_FINDING_H
#define LEDGER_LEDGER_FINDING_H

#include <jansson.h>
#include <stdbool.h>

#include <rehearse/error.h>

typedef struct rh_ledger_finding {
    const char *name;
    const char *severity; /* "note", "warning", "error" */
    const char *query;    /* name of a call; NULL: all of them */
    double value;
    double threshold;
    const char *unit;
    bool model;       /* not measured at this size */
    const char *plan; /* a line; NULL: none */
    const char *advice;
} rh_ledger_finding;

/** Append to an array. */
rh_status rh_ledger_finding_add(json_t *findings, const rh_ledger_finding *finding,
                                rh_error *err) RH_MUST_CHECK;

#endif
