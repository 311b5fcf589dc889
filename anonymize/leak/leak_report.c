/*
 * The report: what is a leak, what only a note, and what the scan can promise. Never a value.
 */
#include <math.h>

#include "leak_internal.h"

typedef struct leak_verdict {
    json_t *list; /* leaks or notes */
    uint64_t count;
    bool seen;
    const char *why; /* of a note */
} leak_verdict;

static rh_status put_item(const leak_finding *finding, detector which, const leak_verdict *verdict,
                          rh_error *err)
{
    json_t *item;

    if (verdict->count == 0)
        return RH_OK;
    item = json_pack("{s:s?, s:s?, s:s, s:s, s:I, s:b}", "table", finding->table, "column",
                     finding->column, "place", finding->place, "detector",
                     rh_leak_detector_name(which), "count", (json_int_t)verdict->count, "seen",
                     verdict->seen);
    if (item == NULL)
        return rh_error_oom(err);
    if (verdict->why != NULL && json_object_set_new(item, "why", json_string(verdict->why)) != 0) {
        json_decref(item);
        return rh_error_oom(err);
    }
    return json_array_append_new(verdict->list, item) == 0 ? RH_OK : rh_error_oom(err);
}

static rh_status put_finding(const rh_leak *leak, const leak_finding *finding, json_t *leaks,
                             json_t *notes, rh_error *err)
{
    bool strict = leak->options.detectors == RH_LEAK_DETECTORS_STRICT;
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < DETECTORS; i++) {
        const leak_count *count = &finding->counts.by[i];
        bool secret = detector_is_secret((detector)i);
        leak_verdict seen = {leaks, count->seen.values, true, NULL};
        leak_verdict weak = {strict ? leaks : notes, count->weak.values, true,
                             strict ? NULL : "seen while masking, but may stand here by chance"};
        leak_verdict look = {strict || secret ? leaks : notes, count->look.values, false,
                             strict || secret
                                 ? NULL
                                 : "looks like one; not seen while masking, so a mask may "
                                   "have put it there"};

        if (seen.count > 0)
            look.count = 0; /* told already */
        status = put_item(finding, (detector)i, &seen, err);
        if (status == RH_OK)
            status = put_item(finding, (detector)i, &weak, err);
        if (status == RH_OK)
            status = put_item(finding, (detector)i, &look, err);
    }
    return status;
}

/* Each look-up hits by accident with the probability remembered / 2^62 for the first hash and
 * 2^-32 for the second. */
static double false_positives(const rh_leak *leak, const rh_seen_info *info)
{
    return ldexp((double)leak->tokens * (double)info->remembered, -62 - 32);
}

static json_t *seen_json(const rh_leak *leak, const rh_seen_info *info)
{
    if (leak->options.seen == NULL)
        return json_null();
    return json_pack("{s:I, s:I, s:I, s:f}", "added", (json_int_t)info->added, "remembered",
                     (json_int_t)info->remembered, "excused", (json_int_t)info->excused, "share",
                     ldexp(1.0, -(int)info->share_log2));
}

rh_status rh_leak_report(rh_leak *leak, json_t **out, bool *out_leaks, rh_error *err)
{
    json_t *leaks = json_array();
    json_t *notes = json_array();
    json_t *report = NULL;
    rh_seen_info info = {0};
    rh_status status = leaks == NULL || notes == NULL ? rh_error_oom(err) : RH_OK;

    if (leak->options.seen != NULL)
        rh_seen_set_info(leak->options.seen, &info);
    for (size_t i = 0; status == RH_OK && i < leak->count; i++)
        status = put_finding(leak, &leak->findings[i], leaks, notes, err);
    if (status != RH_OK)
        goto out;
    report = json_pack("{s:b, s:O, s:O, s:{s:I, s:I, s:I, s:I, s:f}, s:o, s:f}", "ok",
                       json_array_size(leaks) == 0, "leaks", leaks, "notes", notes, "scanned",
                       "tables", (json_int_t)leak->tables, "rows", (json_int_t)leak->rows, "bytes",
                       (json_int_t)leak->bytes, "tokens", (json_int_t)leak->tokens, "sample",
                       leak->options.sample, "seen", seen_json(leak, &info), "false_positive_bound",
                       false_positives(leak, &info));
    if (report == NULL) {
        status = rh_error_oom(err);
        goto out;
    }
    *out_leaks = json_array_size(leaks) > 0;
    *out = report;
out:
    json_decref(leaks);
    json_decref(notes);
    return status;
}
