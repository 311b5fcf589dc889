#include "core/replay_engine.h"

#include "core/replay_engine_ops.h"

static rh_status ops_of(const char *name, const rh_replay_ops **out, rh_error *err)
{
    rh_engine_kind kind;
    rh_status status = rh_engine_of(name, &kind, err);

    if (status == RH_OK)
        *out = kind == RH_ENGINE_POSTGRESQL ? &rh_replay_postgresql : &rh_replay_sqlite;
    return status;
}

rh_status rh_replay_look(const char *name, const rh_cancel *cancel, rh_replay_target *out,
                         rh_error *err)
{
    const rh_replay_ops *ops = NULL;
    rh_status status = ops_of(name, &ops, err);

    return status == RH_OK ? ops->look(name, cancel, out, err) : status;
}

rh_status rh_replay_open(const char *name, const rh_replay_engine_options *options,
                         rh_replay_engine *out, rh_error *err)
{
    const rh_replay_ops *ops = NULL;
    rh_status status = ops_of(name, &ops, err);

    if (status != RH_OK)
        return status;
    if (options->links == 0 || options->links > RH_REPLAY_MAX_LINKS)
        return rh_error_set(err, RH_EUSAGE, "the number of connections is 1 to %d",
                            (int)RH_REPLAY_MAX_LINKS);
    if (options->depth > RH_REPLAY_MAX_DEPTH)
        return rh_error_set(err, RH_EUSAGE, "at most %d statements can be on their way",
                            (int)RH_REPLAY_MAX_DEPTH);
    return ops->open(name, options, out, err);
}

const uint8_t *rh_replay_row_secret(uint8_t out[RH_ROW_SECRET_BYTES])
{
    static const uint8_t key[RH_ID_KEY_BYTES] = {0};

    rh_hash_derive(key, "replay rows", out, RH_ROW_SECRET_BYTES);
    return out;
}
