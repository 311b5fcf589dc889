/*
 * What the manifest and the user are told about the masks of a run.
 */
#include <inttypes.h>
#include <stdio.h>

#include "filter.h"

rh_status rh_mask_note_invalid(const rh_anonymizer *anonymizer, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < rh_bound_count(anonymizer->bound); i++) {
        const rh_decision *decision = rh_bound_at(anonymizer->bound, i);
        const rh_mask *mask = rh_bound_mask(anonymizer->bound, i);
        const char *invalid = json_string_value(json_object_get(decision->parameters, "invalid"));
        rh_mask_counts counts = {0, 0, 0};

        if (mask != NULL)
            rh_mask_count(mask, &counts);
        if (counts.invalid > 0)
            status = rh_problems_add(anonymizer->problems, false, NULL, err,
                                     "%" PRIu64 " of %" PRIu64 " values of column '%s.%s' do not "
                                     "have the form that mask '%s' needs: invalid: %s",
                                     counts.invalid, counts.values, decision->table->full_name,
                                     decision->column->name, decision->kind,
                                     invalid == NULL ? "keep-shape" : invalid);
    }
    return status;
}

static json_t *decision_json(const rh_decision *decision, const rh_mask *mask)
{
    char column[512];
    rh_mask_counts counts = {0, 0, 0};

    if (mask != NULL)
        rh_mask_count(mask, &counts);
    snprintf(column, sizeof column, "%s.%s", decision->table->full_name, decision->column->name);
    return json_pack("{s:s, s:s, s:s?, s:s?, s:s?, s:i, s:s, s:I, s:I, s:I}", "column", column,
                     "mask", decision->kind, "domain", decision->domain, "rule", decision->pattern,
                     "from", decision->derived_from, "keeps",
                     mask == NULL ? RH_KEEPS_VALUE : (int)rh_mask_keeps(mask), "leaks",
                     mask == NULL ? "everything" : rh_mask_leaks(mask), "values",
                     (json_int_t)counts.values, "invalid", (json_int_t)counts.invalid, "unmatched",
                     (json_int_t)counts.unmatched);
}

rh_status rh_mask_report(const rh_anonymizer *anonymizer, json_t **out, rh_error *err)
{
    json_t *columns = json_array();
    json_t *json = NULL;
    char hash[65];
    bool good = columns != NULL;

    for (size_t i = 0; good && i < rh_bound_count(anonymizer->bound); i++)
        good =
            json_array_append_new(columns, decision_json(rh_bound_at(anonymizer->bound, i),
                                                         rh_bound_mask(anonymizer->bound, i))) == 0;
    if (good) {
        rh_rules_hash(anonymizer->rules, hash);
        json =
            json_pack("{s:s, s:s, s:O, s:s}", "rules_hash", hash, "key_id",
                      anonymizer->key_fingerprint, "columns", columns, "status", "pseudonymised");
    }
    json_decref(columns);
    if (json == NULL)
        return rh_error_oom(err);
    *out = json;
    return RH_OK;
}
