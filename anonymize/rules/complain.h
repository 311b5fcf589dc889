/*
 * Complaints about rules, with the place in the rule file.
 */
#ifndef RH_COMPLAIN_H
#define RH_COMPLAIN_H

#include "core/problems.h"
#include "rule_file.h"

/** Where complaints go. */
typedef struct complaints {
    const rh_rules *rules;
    rh_engine_kind engine;
    rh_problems *problems;
    rh_error *err;
} complaints;

/** "file:line:col: text" at a rule, "file: text" without one. hint may be NULL. RH_ENOMEM only. */
rh_status complain(const complaints *to, bool fatal, const rule *at, const char *hint,
                   const char *format, ...) RH_PRINTF(5, 6);

#endif
