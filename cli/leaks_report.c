/*
 * See leaks_report.h.
 */
#include "leaks_report.h"

#include "core/buf.h"
#include "core/num.h"
#include "output.h"

static void print_item(const cli_context *context, const char *word, const json_t *item)
{
    const char *column = json_string_value(json_object_get(item, "column"));
    const char *why = json_string_value(json_object_get(item, "why"));
    char count[32];

    cli_print(context, "%-5s %s%s%s  %s  %s%s x %s%s%s\n", word,
              cli_json_text(item, "table", "(database)"), column == NULL ? "" : ".",
              column == NULL ? "" : column, cli_json_text(item, "place", ""),
              cli_json_text(item, "detector", ""),
              json_is_true(json_object_get(item, "seen")) ? ", seen while masking" : "",
              rh_num_format_count(json_integer_value(json_object_get(item, "count")), count),
              why == NULL ? "" : "\n      ", why == NULL ? "" : why);
}

/* Each detector once, in the order of the report: "email, phone". */
static rh_status name_detectors(const json_t *notes, rh_buf *out, rh_error *err)
{
    json_t *met = json_object();
    rh_status status = met == NULL ? rh_error_oom(err) : RH_OK;

    for (size_t i = 0; status == RH_OK && i < json_array_size(notes); i++) {
        const char *name = cli_json_text(json_array_get(notes, i), "detector", "");

        if (json_object_get(met, name) != NULL)
            continue;
        if (json_object_set_new(met, name, json_true()) != 0)
            status = rh_error_oom(err);
        else
            status = rh_buf_printf(out, err, "%s%s", out->len == 0 ? "" : ", ", name);
    }
    json_decref(met);
    return status;
}

/* Masks put out addresses and numbers by the thousand: a list of them would hide a leak. */
static void print_counts(const cli_context *context, const json_t *notes)
{
    rh_buf names = RH_BUF_INIT;
    int64_t count = 0;
    char digits[32];

    for (size_t i = 0; i < json_array_size(notes); i++)
        count += cli_json_number(json_array_get(notes, i), "count");
    if (count > 0 && name_detectors(notes, &names, NULL) == RH_OK)
        cli_print(context,
                  "  not counted: %s look-alikes in %zu places, as masks make them (%s);\n"
                  "  --notes lists them\n",
                  rh_num_format_count(count, digits), json_array_size(notes), rh_buf_cstr(&names));
    rh_buf_done(&names);
}

void cli_print_leaks(const cli_context *context, const json_t *report, bool list_notes)
{
    const json_t *leaks = json_object_get(report, "leaks");
    const json_t *notes = json_object_get(report, "notes");
    const json_t *scanned = json_object_get(report, "scanned");
    const json_t *seen = json_object_get(report, "seen");
    char rows[32];
    char bytes[16];
    char remembered[32];

    for (size_t i = 0; i < json_array_size(leaks); i++)
        print_item(context, "LEAK", json_array_get(leaks, i));
    for (size_t i = 0; list_notes && i < json_array_size(notes); i++)
        print_item(context, "note", json_array_get(notes, i));
    cli_print(context, "%s: %zu leaks in %s rows, %s\n",
              json_array_size(leaks) == 0 ? "good" : "BAD", json_array_size(leaks),
              rh_num_format_count(json_integer_value(json_object_get(scanned, "rows")), rows),
              rh_num_format_bytes((uint64_t)json_integer_value(json_object_get(scanned, "bytes")),
                                  bytes));
    if (!list_notes)
        print_counts(context, notes);
    if (!json_is_object(seen)) {
        cli_print(context, "  only secrets were searched for: give --seen to find masked values\n");
        return;
    }
    cli_print(
        context,
        "  searched for %s identifiers (%.4g %% of what masking saw); expected false "
        "alarms: %.1g\n",
        rh_num_format_count(json_integer_value(json_object_get(seen, "remembered")), remembered),
        100 * json_real_value(json_object_get(seen, "share")),
        json_real_value(json_object_get(report, "false_positive_bound")));
}
