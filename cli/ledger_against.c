/*
 * See ledger_against.h.
 *
 * Units of two calls are compared one by one where both have as many; else (batches, calls of
 * another unit) as one sum, which says something only when every unit of the block ran on both
 * sides.
 */
#include "ledger_against.h"

#include <string.h>

#include "core/mem.h"
#include "core/num.h"
#include "output.h"

/* ---- pairs ---- */

static size_t call_named(const rh_calls *calls, const char *name)
{
    size_t at = 0;

    while (at < calls->count && strcmp(calls->calls[at].name, name) != 0)
        at++;
    return at;
}

static const cli_ledger_pair *pair_of(const cli_ledger_run *run, size_t call)
{
    for (size_t i = 0; i < run->pair_count; i++) {
        if (run->pairs[i].call == call)
            return &run->pairs[i];
    }
    return NULL;
}

static rh_status add_pair(cli_ledger_run *run, size_t call, size_t against, rh_error *err)
{
    const rh_calls_call *a = &run->calls->calls[call], *b = &run->against_calls->calls[against];
    const cli_ledger_pair *other = pair_of(run, call);

    if (other != NULL)
        return rh_error_set(err, RH_ECONFIG, "%s:%zu: '%s' and '%s' both stand for '%s'",
                            run->against_calls->file, b->pos.line,
                            run->against_calls->calls[other->against].name, b->name, a->name);
    if (a->result != b->result) {
        rh_error_set(err, RH_ECONFIG, "%s:%zu: call '%s' and call '%s' of '%s' differ in 'result'",
                     run->against_calls->file, b->pos.line, b->name, a->name, run->calls->file);
        rh_error_hint(err, "it says what is compared: the same on both sides");
        return RH_ECONFIG;
    }
    run->pairs[run->pair_count++] = (cli_ledger_pair){.call = call, .against = against};
    return RH_OK;
}

static rh_status find_pairs(cli_ledger_run *run, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < run->against_calls->count; i++) {
        const rh_calls_call *b = &run->against_calls->calls[i];
        size_t at = call_named(run->calls, b->replaces != NULL ? b->replaces : b->name);

        if (at < run->calls->count)
            status = add_pair(run, at, i, err);
        else if (b->replaces != NULL)
            status = rh_error_set(
                err, RH_ECONFIG, "%s:%zu: call '%s' replaces '%s', which '%s' lacks",
                run->against_calls->file, b->pos.line, b->name, b->replaces, run->calls->file);
    }
    return status;
}

static bool is_paired(const cli_ledger_run *run, bool against, size_t number)
{
    for (size_t i = 0; i < run->pair_count; i++) {
        if ((against ? run->pairs[i].against : run->pairs[i].call) == number)
            return true;
    }
    return false;
}

static rh_status note_lonely(cli_context *context, const cli_ledger_run *run, bool against,
                             rh_error *err)
{
    const rh_calls *calls = against ? run->against_calls : run->calls;
    const rh_calls *others = against ? run->calls : run->against_calls;
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < calls->count; i++) {
        if (!is_paired(run, against, i))
            status = rh_problems_add(
                &context->problems, false,
                "give both the same name, or say 'replaces: NAME' in the file of --against", err,
                "call '%s' of '%s' is not compared: '%s' has none for it", calls->calls[i].name,
                calls->file, others->file);
    }
    return status;
}

rh_status cli_against_open(cli_context *context, cli_ledger_run *run, rh_error *err)
{
    rh_status status;

    run->pairs = rh_mem_array(run->against_calls->count + 1, sizeof *run->pairs);
    status = run->pairs == NULL ? rh_error_oom(err) : find_pairs(run, err);
    if (status == RH_OK && run->pair_count == 0) {
        rh_error_set(err, RH_EUSAGE, "no call of '%s' has a partner in '%s'", run->calls->file,
                     run->against_calls->file);
        rh_error_hint(err,
                      "give both the same name, or say 'replaces: NAME' in the file of --against");
        return RH_EUSAGE;
    }
    if (status == RH_OK)
        status = note_lonely(context, run, false, err);
    return status == RH_OK ? note_lonely(context, run, true, err) : status;
}

void cli_against_close(cli_ledger_run *run)
{
    rh_mem_free(run->pairs);
    json_decref(run->difference);
}

/* ---- results ---- */

static bool same(const rh_block_replay_digest *a, const rh_block_replay_digest *b)
{
    return a->low == b->low && a->high == b->high;
}

static rh_block_replay_digest sum_of(const rh_block_replay_digest *digests, size_t count)
{
    rh_block_replay_digest sum = {0, 0, true};

    for (size_t i = 0; i < count; i++) {
        sum.low += digests[i].low;
        sum.high += digests[i].high;
    }
    return sum;
}

static const char *txid_of(const rh_ledger_block *block, rh_calls_per per, size_t unit)
{
    for (size_t i = 0; i < block->tx_count; i++) {
        const rh_ledger_tx *tx = &block->txs[i];

        if ((per == RH_CALLS_PER_TRANSACTION && i == unit) ||
            (per == RH_CALLS_PER_INPUT && unit < tx->first_input + tx->input_count) ||
            (per == RH_CALLS_PER_OUTPUT && unit < tx->first_output + tx->output_count))
            return tx->txid;
    }
    return NULL;
}

static rh_status note_difference(cli_ledger_run *run, const rh_ledger_block *block,
                                 const rh_calls_call *call, size_t unit, bool exact, rh_error *err)
{
    if (run->difference != NULL)
        return RH_OK;
    run->difference = json_pack(
        "{s:s, s:s, s:s, s:I, s:s?, s:I, s:s, s:s}", "finding", "result-changed", "severity",
        "error", "query", call->name, "block", (json_int_t)block->height, "txid",
        exact ? txid_of(block, call->per, unit) : NULL, "unit_number",
        exact ? (json_int_t)unit : (json_int_t)-1, "unit", rh_calls_per_name(call->per), "advice",
        "the two variants do not give the same answer: find out which one is right");
    return run->difference == NULL ? rh_error_oom(err) : RH_OK;
}

/* Whether each unit of the last block ran, to its end. */
static bool complete(const rh_block_replay *replay, size_t call)
{
    const rh_block_replay_call *c = rh_block_replay_call_at(replay, call);

    return c->measured == c->units && c->cut == 0;
}

static rh_status compare_pair(cli_ledger_run *run, const rh_ledger_block *block,
                              cli_ledger_pair *pair, rh_error *err)
{
    const rh_calls_call *call = rh_block_replay_call_at(run->replay, pair->call)->call;
    const rh_calls_call *other = rh_block_replay_call_at(run->against, pair->against)->call;
    size_t left_count, right_count;
    const rh_block_replay_digest *left =
        rh_block_replay_digests(run->replay, pair->call, &left_count);
    const rh_block_replay_digest *right =
        rh_block_replay_digests(run->against, pair->against, &right_count);
    rh_block_replay_digest left_sum, right_sum;
    rh_status status = RH_OK;

    if (left_count == right_count && call->batch == other->batch) {
        for (size_t i = 0; status == RH_OK && i < left_count; i++) {
            if (!left[i].measured || !right[i].measured)
                continue;
            pair->compared++;
            if (!same(&left[i], &right[i]))
                status = note_difference(run, block, call, i, true, err);
        }
        return status;
    }
    if (!complete(run->replay, pair->call) || !complete(run->against, pair->against))
        return RH_OK;
    pair->compared += left_count;
    left_sum = sum_of(left, left_count);
    right_sum = sum_of(right, right_count);
    return same(&left_sum, &right_sum) ? RH_OK : note_difference(run, block, call, 0, false, err);
}

rh_status cli_against_block(cli_ledger_run *run, const rh_ledger_block *block, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < run->pair_count; i++)
        status = compare_pair(run, block, &run->pairs[i], err);
    return status;
}

/* ---- the report ---- */

static json_t *describe_pairs(const cli_ledger_run *run)
{
    json_t *list = json_array();

    for (size_t i = 0; list != NULL && i < run->pair_count; i++) {
        const cli_ledger_pair *pair = &run->pairs[i];
        json_t *entry = json_pack("{s:s, s:s, s:I}", "query", run->calls->calls[pair->call].name,
                                  "against", run->against_calls->calls[pair->against].name, "units",
                                  (json_int_t)pair->compared);

        if (json_array_append_new(list, entry) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

static json_t *describe_lonely(const cli_ledger_run *run, bool against)
{
    const rh_calls *calls = against ? run->against_calls : run->calls;
    json_t *list = json_array();

    for (size_t i = 0; list != NULL && i < calls->count; i++) {
        if (!is_paired(run, against, i) &&
            json_array_append_new(list, json_string(calls->calls[i].name)) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

rh_status cli_against_report(const cli_ledger_run *run, json_t *report, rh_error *err)
{
    json_t *other = NULL;
    uint64_t compared = 0;
    rh_status status;

    for (size_t i = 0; i < run->pair_count; i++)
        compared += run->pairs[i].compared;
    if (compared == 0) {
        rh_error_set(err, RH_EUSAGE, "no result of the two variants could be compared");
        rh_error_hint(err, "were the calls active ('active_from') in blocks of the workload, and "
                           "did the same units run (--sample)?");
        return RH_EUSAGE;
    }
    status = rh_block_replay_report(run->against, &other, err);
    if (status != RH_OK)
        return status;
    /* A description that is NULL for want of memory fails to be set. */
    if (json_object_set_new(report, "against", other) != 0 ||
        json_object_set_new(report, "compared", describe_pairs(run)) != 0 ||
        json_object_set_new(report, "not_compared",
                            json_pack("{s:o, s:o}", "calls", describe_lonely(run, false), "against",
                                      describe_lonely(run, true))) != 0)
        return rh_error_oom(err);
    return RH_OK;
}

static void print_pairs(const cli_context *context, const json_t *pairs)
{
    for (size_t i = 0; i < json_array_size(pairs); i++) {
        const json_t *pair = json_array_get(pairs, i);
        const char *call = cli_json_text(pair, "query", "");
        const char *against = cli_json_text(pair, "against", "");
        bool renamed = strcmp(call, against) != 0;
        int64_t units = cli_json_number(pair, "units");
        char count[32];

        cli_print(context, "compared: '%s'%s%s%s in %s unit%s\n", call, renamed ? " with '" : "",
                  renamed ? against : "", renamed ? "'" : "", rh_num_format_count(units, count),
                  units == 1 ? "" : "s");
    }
}

void cli_against_print(const cli_context *context, const json_t *report)
{
    const json_t *finding = json_array_get(json_object_get(report, "findings"), 0);
    const char *txid = json_string_value(json_object_get(finding, "txid"));

    print_pairs(context, json_object_get(report, "compared"));
    if (finding == NULL)
        cli_print(context, "results: both gave the same in every unit that was compared\n");
    else
        cli_print(context, "result-changed: call '%s' first differs in block %lld%s%s\n",
                  cli_json_text(finding, "query", ""), (long long)cli_json_number(finding, "block"),
                  txid == NULL ? "" : ", transaction\n    ", txid == NULL ? "" : txid);
}
