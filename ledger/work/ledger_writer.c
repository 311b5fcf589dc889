#include <string.h>

#include "core/mem.h"
#include "ledger/ledger_file.h"

enum { SESSION = 1, MAX_FIELDS = 8 };

struct rh_ledger_writer {
    rh_workload_writer *file;
    rh_ledger_counts counts;
    uint64_t unit;        /* the last number given */
    uint64_t transaction; /* likewise */
    uint64_t block;       /* unit of the last one */
};

/* Fields of one item; what is not known is left out. */
typedef struct fields {
    rh_parameter items[MAX_FIELDS];
    size_t count;
} fields;

/* As units have it: 0 where it is not known, or beyond what microseconds can tell. */
static int64_t time_us(const rh_ledger_block *block)
{
    return block->time < 0 || block->time > INT64_MAX / 1000000 ? 0 : block->time * 1000000;
}

static void add_text(fields *f, const char *name, const char *text)
{
    if (text == NULL)
        return;
    f->items[f->count++] =
        (rh_parameter){.kind = RH_PARAMETER_TEXT, .name = name, .data = text, .len = strlen(text)};
}

static void add_number(fields *f, const char *name, int64_t value)
{
    if (value >= 0)
        f->items[f->count++] =
            (rh_parameter){.kind = RH_PARAMETER_INTEGER, .name = name, .integer = value};
}

rh_status rh_ledger_writer_create(const char *path, const rh_workload_writer_options *options,
                                  rh_ledger_writer **out, rh_error *err)
{
    const rh_workload_session session = {.id = SESSION, .application = "ledger"};
    rh_ledger_writer *writer = rh_mem_zalloc(sizeof *writer);
    rh_status status;

    if (writer == NULL)
        return rh_error_oom(err);
    status = rh_workload_writer_create(path, options, &writer->file, err);
    if (status == RH_OK)
        status = rh_workload_writer_session(writer->file, &session, err);
    if (status != RH_OK) {
        rh_ledger_writer_free(writer);
        return status;
    }
    *out = writer;
    return RH_OK;
}

static rh_status put(rh_ledger_writer *writer, const char *text, const fields *f, uint64_t unit,
                     rh_error *err)
{
    const rh_workload_statement statement = {
        .by = "scanner", .command = "unknown", .normalized = text};
    rh_workload_item item = RH_WORKLOAD_ITEM_INIT;

    item.session = SESSION;
    item.transaction = writer->transaction;
    item.sql = text;
    item.statement = &statement;
    item.parameters = f->items;
    item.parameter_count = f->count;
    item.unit = unit;
    item.unreplayable = "a unit of a ledger: see 'rehearse ledger replay'";
    return rh_workload_writer_add(writer->file, &item, NULL, err);
}

static rh_status put_io(rh_ledger_writer *writer, const rh_ledger_block *block,
                        const rh_ledger_tx *tx, uint64_t unit, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < tx->input_count; i++) {
        const rh_ledger_input *input = &block->inputs[tx->first_input + i];
        fields f = {.count = 0};

        add_text(&f, ":outpoint", input->outpoint);
        add_text(&f, ":address", input->address);
        add_number(&f, ":value", input->value);
        add_number(&f, ":coinbase", input->coinbase ? 1 : -1);
        status = put(writer, "-- input", &f, unit, err);
    }
    for (size_t i = 0; status == RH_OK && i < tx->output_count; i++) {
        const rh_ledger_output *output = &block->outputs[tx->first_output + i];
        fields f = {.count = 0};

        add_number(&f, ":vout", output->vout);
        add_text(&f, ":address", output->address);
        add_number(&f, ":value", output->value);
        add_text(&f, ":kind", output->kind);
        status = put(writer, "-- output", &f, unit, err);
    }
    return status;
}

static rh_status put_tx(rh_ledger_writer *writer, const rh_ledger_block *block,
                        const rh_ledger_tx *tx, uint64_t parent, rh_error *err)
{
    const rh_workload_unit unit = {.id = ++writer->unit,
                                   .kind = "transaction",
                                   .parent = parent,
                                   .height = block->height,
                                   .name = tx->txid,
                                   .time_us = time_us(block)};
    fields f = {.count = 0};
    rh_status status = rh_workload_writer_unit(writer->file, &unit, err);

    add_text(&f, ":txid", tx->txid);
    add_number(&f, ":tx_index", tx->index);
    if (status == RH_OK)
        status = put(writer, "-- transaction", &f, unit.id, err);
    return status == RH_OK ? put_io(writer, block, tx, unit.id, err) : status;
}

rh_status rh_ledger_writer_statement(rh_ledger_writer *writer, const rh_workload_item *item,
                                     rh_error *err)
{
    rh_workload_item own = *item;

    own.session = SESSION;
    own.transaction = writer->transaction;
    own.unit = writer->block;
    writer->counts.statements++;
    return rh_workload_writer_add(writer->file, &own, NULL, err);
}

rh_status rh_ledger_writer_add(rh_ledger_writer *writer, const rh_ledger_block *block,
                               rh_error *err)
{
    const rh_workload_unit unit = {.id = ++writer->unit,
                                   .kind = "block",
                                   .height = block->height,
                                   .name = block->hash,
                                   .time_us = time_us(block)};
    fields f = {.count = 0};
    rh_status status = rh_workload_writer_unit(writer->file, &unit, err);

    writer->transaction++;
    writer->block = unit.id;
    add_number(&f, ":block_index", block->height);
    add_text(&f, ":block_hash", block->hash);
    add_text(&f, ":previous_hash", block->previous);
    add_number(&f, ":block_time", block->time);
    if (status == RH_OK)
        status = put(writer, "-- block", &f, unit.id, err);
    for (size_t i = 0; status == RH_OK && i < block->tx_count; i++)
        status = put_tx(writer, block, &block->txs[i], unit.id, err);
    writer->counts.blocks++;
    writer->counts.transactions += block->tx_count;
    writer->counts.inputs += block->input_count;
    writer->counts.outputs += block->output_count;
    return status;
}

rh_workload_writer *rh_ledger_writer_file(rh_ledger_writer *writer)
{
    return writer->file;
}

const rh_ledger_counts *rh_ledger_writer_counts(const rh_ledger_writer *writer)
{
    return &writer->counts;
}

rh_status rh_ledger_writer_commit(rh_ledger_writer *writer, rh_error *err)
{
    return rh_workload_writer_commit(writer->file, err);
}

void rh_ledger_writer_free(rh_ledger_writer *writer)
{
    if (writer == NULL)
        return;
    rh_workload_writer_free(writer->file);
    rh_mem_free(writer);
}
