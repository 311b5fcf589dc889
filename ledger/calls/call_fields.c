#include <string.h>

#include "ledger/calls.h"

typedef enum field {
    FIELD_BLOCK_INDEX,
    FIELD_BLOCK_HASH,
    FIELD_PREVIOUS_HASH,
    FIELD_BLOCK_TIME,
    FIELD_TX_COUNT,
    FIELD_TXID,
    FIELD_TX_INDEX,
    FIELD_OUTPOINT,
    FIELD_SPENT_TXID,
    FIELD_VOUT,
    FIELD_ADDRESS,
    FIELD_VALUE,
    FIELD_COINBASE,
    FIELD_KIND,
    FIELD_COUNT,
} field;

enum {
    OF_BLOCK = 15, /* bits of rh_calls_per: units that have the field */
    OF_TX = 14,
    OF_INPUT = 4,
    OF_OUTPUT = 8,
};

static const struct {
    const char *name;
    unsigned of;
} fields[FIELD_COUNT] = {
    [FIELD_BLOCK_INDEX] = {"block_index", OF_BLOCK},
    [FIELD_BLOCK_HASH] = {"block_hash", OF_BLOCK},
    [FIELD_PREVIOUS_HASH] = {"previous_hash", OF_BLOCK},
    [FIELD_BLOCK_TIME] = {"block_time", OF_BLOCK},
    [FIELD_TX_COUNT] = {"tx_count", OF_BLOCK},
    [FIELD_TXID] = {"txid", OF_TX},
    [FIELD_TX_INDEX] = {"tx_index", OF_TX},
    [FIELD_OUTPOINT] = {"outpoint", OF_INPUT | OF_OUTPUT},
    [FIELD_SPENT_TXID] = {"spent_txid", OF_INPUT},
    [FIELD_VOUT] = {"vout", OF_INPUT | OF_OUTPUT},
    [FIELD_ADDRESS] = {"address", OF_INPUT | OF_OUTPUT},
    [FIELD_VALUE] = {"value", OF_INPUT | OF_OUTPUT},
    [FIELD_COINBASE] = {"coinbase", OF_INPUT},
    [FIELD_KIND] = {"kind", OF_OUTPUT},
};

const char *rh_calls_per_name(rh_calls_per per)
{
    static const char *const names[] = {"block", "transaction", "input", "output", "statement"};

    return names[per];
}

int rh_calls_field(rh_calls_per per, const char *name)
{
    for (int i = 0; i < FIELD_COUNT; i++) {
        if (strcmp(fields[i].name, name) == 0)
            return (fields[i].of >> per & 1) != 0 ? i : -1;
    }
    return -1;
}

bool rh_calls_field_of_block(int number)
{
    return number < FIELD_TXID;
}

static rh_parameter text(const char *value)
{
    if (value == NULL)
        return (rh_parameter){.kind = RH_PARAMETER_NULL};
    return (rh_parameter){.kind = RH_PARAMETER_TEXT, .data = value, .len = strlen(value)};
}

static rh_parameter number(int64_t value)
{
    if (value < 0)
        return (rh_parameter){.kind = RH_PARAMETER_NULL};
    return (rh_parameter){.kind = RH_PARAMETER_INTEGER, .integer = value};
}

rh_parameter rh_calls_value(const rh_calls_unit *unit, int which)
{
    const rh_ledger_input *in = unit->input;
    const rh_ledger_output *out = unit->output;

    switch ((field)which) {
    case FIELD_BLOCK_INDEX:
        return number(unit->block->height);
    case FIELD_BLOCK_HASH:
        return text(unit->block->hash);
    case FIELD_PREVIOUS_HASH:
        return text(unit->block->previous);
    case FIELD_BLOCK_TIME:
        return number(unit->block->time);
    case FIELD_TX_COUNT:
        return number((int64_t)unit->block->tx_count);
    case FIELD_TXID:
        return text(unit->tx->txid);
    case FIELD_TX_INDEX:
        return number(unit->tx->index);
    case FIELD_OUTPOINT:
        return text(in != NULL ? in->outpoint : out->outpoint);
    case FIELD_SPENT_TXID:
        return text(in->txid);
    case FIELD_VOUT:
        return number(in != NULL ? in->vout : out->vout);
    case FIELD_ADDRESS:
        return text(in != NULL ? in->address : out->address);
    case FIELD_VALUE:
        return number(in != NULL ? in->value : out->value);
    case FIELD_COINBASE:
        return number(in->coinbase ? 1 : 0);
    case FIELD_KIND:
        return text(out->kind);
    case FIELD_COUNT:
        break;
    }
    return (rh_parameter){.kind = RH_PARAMETER_NULL};
}
