/*
 * Types of parameters. A log tells values, not the types that the driver had given them, so the
 * server is left to find them. Where it cannot ("operator is not unique: unknown + unknown"), the
 * execution runs once more with types that the values look like, and so does the text from then on.
 *
 *   new text --(answered)--> known | --(ambiguous)--> guessed
 *
 * Inside a transaction a failure ends everything, so a new text has a savepoint in front of it.
 */
#include <string.h>

#include "core/mem.h"
#include "replay_internal.h"

typedef struct text_types {
    bool guess;
} text_types;

static bool has_open_types(const rp_item *item)
{
    for (size_t i = 0; i < item->parameter_count; i++) {
        if (item->parameters[i].kind != RH_PARAMETER_BLOB)
            return true;
    }
    return false;
}

/* Texts of a workload file have numbers; others are told apart by what they say. */
uint64_t rp_types_key(const rp_item *item)
{
    uint64_t hash = 0xcbf29ce484222325U; /* FNV-1a */

    if (item->text != 0 || item->plan.count == 0)
        return item->text;
    for (const char *at = item->plan.statements[0]; *at != '\0'; at++)
        hash = (hash ^ (unsigned char)*at) * 0x100000001b3U;
    return hash;
}

bool rp_types_settled(const rh_replay_run *run, const rp_item *item)
{
    return !has_open_types(item) || rp_map_get(&run->types, item->types_key) != NULL;
}

void rp_types_prepare(const rh_replay_run *run, const rp_item *item, rh_replay_call *call)
{
    const text_types *known;

    if (run->options.dialect != RH_SQL_POSTGRES || !has_open_types(item))
        return;
    known = rp_map_get(&run->types, item->types_key);
    if (known == NULL) {
        call->guard = !call->wrap && item->session->in_transaction;
    } else if (known->guess) {
        call->guess_types = true;
        call->prepare = 0; /* another value may look like another type */
    }
}

/* 42725: several operators or functions fit; 42P18: none says what the parameter is. */
static bool is_ambiguous(const rh_replay_done *done)
{
    return done->status == RH_EDB &&
           (strcmp(done->sqlstate, "42725") == 0 || strcmp(done->sqlstate, "42P18") == 0);
}

static rh_status remember(rh_replay_run *run, uint64_t key, bool guess, rh_error *err)
{
    text_types *known = rp_map_get(&run->types, key);
    rh_status status;

    if (known != NULL) {
        known->guess = known->guess || guess;
        return RH_OK;
    }
    known = rh_mem_zalloc(sizeof *known);
    if (known == NULL)
        return rh_error_oom(err);
    known->guess = guess;
    status = rp_map_put(&run->types, key, known, err);
    if (status != RH_OK)
        rh_mem_free(known);
    return status;
}

rh_status rp_types_learn(rh_replay_run *run, const rp_item *item, const rh_replay_call *call,
                         const rh_replay_done *done, bool *out_again, rh_error *err)
{
    bool ambiguous = is_ambiguous(done);

    *out_again = false;
    if (run->options.dialect != RH_SQL_POSTGRES || !has_open_types(item) ||
        done->status == RH_ECONNECT || done->status == RH_ECANCELED)
        return RH_OK;
    if (call->guess_types) {
        run->guessed++;
        return RH_OK;
    }
    if (done->status != RH_OK && !ambiguous) /* it may have failed before its types mattered */
        return RH_OK;
    *out_again = ambiguous && (call->guard || !item->session->in_transaction);
    return remember(run, item->types_key, ambiguous, err);
}
