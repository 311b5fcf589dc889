/*
 * Between the files of this folder.
 */
#ifndef RH_CALL_INTERNAL_H
#define RH_CALL_INTERNAL_H

#include "ledger/calls.h"

/** Resolve the parameters of step->text and write step->sql. names: the call's `params` or NULL;
 * step: its number. RH_ECONFIG at pos. */
rh_status rh_calls_compile(const rh_doc *doc, rh_calls *calls, rh_calls_call *call, size_t step,
                           const json_t *names, rh_doc_pos pos, rh_error *err) RH_MUST_CHECK;

#endif
