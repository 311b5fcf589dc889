/*
 * Invariant: `next` is the block whose first item was seen last and whose other items are being
 * read; it is handed out when the next block begins or the file ends.
 */
#include <string.h>

#include "core/mem.h"
#include "core/num.h"
#include "core/str.h"
#include "ledger/ledger_file.h"

struct rh_ledger_reader {
    rh_workload_file *file;
    rh_workload_cursor *cursor;
    rh_workload items;
    rh_ledger_block *next;
    bool ended;
    uint64_t counted;
};

rh_status rh_ledger_reader_open(const char *path, rh_ledger_reader **out, rh_error *err)
{
    const rh_workload_filter all = {.order = RH_WORKLOAD_ORDER_STORED};
    rh_ledger_reader *reader = rh_mem_zalloc(sizeof *reader);
    rh_status status;

    if (reader == NULL)
        return rh_error_oom(err);
    status = rh_workload_file_open(path, &reader->file, err);
    if (status == RH_OK &&
        json_object_get(rh_workload_file_summary(reader->file)->settings, "ledger") == NULL) {
        status = rh_error_set(err, RH_EFORMAT, "'%s' is a workload without blocks", path);
        rh_error_hint(err, "ledger workloads are made by 'rehearse ledger import'");
    }
    if (status == RH_OK)
        status = rh_workload_cursor_open(reader->file, &all, &reader->cursor, err);
    if (status != RH_OK) {
        rh_ledger_reader_close(reader);
        return status;
    }
    reader->items = rh_workload_from_cursor(reader->cursor);
    *out = reader;
    return RH_OK;
}

void rh_ledger_reader_close(rh_ledger_reader *reader)
{
    if (reader == NULL)
        return;
    rh_workload_cursor_close(reader->cursor);
    rh_workload_file_close(reader->file);
    rh_ledger_block_free(reader->next);
    rh_mem_free(reader);
}

const rh_workload_summary *rh_ledger_reader_summary(const rh_ledger_reader *reader)
{
    return rh_workload_file_summary(reader->file);
}

bool rh_ledger_reader_traced(const rh_ledger_reader *reader)
{
    const json_t *ledger = json_object_get(rh_ledger_reader_summary(reader)->settings, "ledger");

    return json_object_get(ledger, "trace") != NULL;
}

/* ---- shapes ---- */

typedef struct shape_visit {
    rh_status (*visit)(void *ctx, const rh_workload_statement *statement, rh_error *err);
    void *ctx;
} shape_visit;

static bool is_item(const char *text)
{
    return strcmp(text, "-- block") == 0 || strcmp(text, "-- transaction") == 0 ||
           strcmp(text, "-- input") == 0 || strcmp(text, "-- output") == 0;
}

static rh_status visit_shape(void *ctx, const rh_workload_statement *statement, rh_error *err)
{
    const shape_visit *to = ctx;

    return statement->normalized == NULL || is_item(statement->normalized)
               ? RH_OK
               : to->visit(to->ctx, statement, err);
}

rh_status rh_ledger_reader_shapes(rh_ledger_reader *reader,
                                  rh_status (*visit)(void *ctx, const rh_workload_statement *,
                                                     rh_error *),
                                  void *ctx, rh_error *err)
{
    shape_visit to = {visit, ctx};

    return rh_workload_file_statements(reader->file, visit_shape, &to, err);
}

/* ---- counting ---- */

static rh_status count_block(void *ctx, const rh_workload_unit *unit, rh_error *err)
{
    rh_ledger_reader *reader = ctx;

    (void)err;
    if (strcmp(unit->kind, "block") == 0)
        reader->counted++;
    return RH_OK;
}

rh_status rh_ledger_reader_count(rh_ledger_reader *reader, uint64_t *out, rh_error *err)
{
    rh_status status;

    reader->counted = 0;
    status = rh_workload_file_units(reader->file, count_block, reader, err);
    if (status == RH_OK)
        *out = reader->counted;
    return status;
}

/* ---- fields ---- */

static const rh_parameter *field(const rh_workload_item *item, const char *name)
{
    for (size_t i = 0; i < item->parameter_count; i++) {
        if (rh_str_eq(item->parameters[i].name, name))
            return &item->parameters[i];
    }
    return NULL;
}

static int64_t number(const rh_workload_item *item, const char *name)
{
    const rh_parameter *found = field(item, name);

    return found != NULL && found->kind == RH_PARAMETER_INTEGER ? found->integer : -1;
}

/* A copy in the block's arena, NULL where there is none; *good turns false without memory. */
static const char *text(rh_ledger_block *block, const rh_workload_item *item, const char *name,
                        bool *good)
{
    const rh_parameter *found = field(item, name);
    const char *copy;

    if (found == NULL || found->kind != RH_PARAMETER_TEXT)
        return NULL;
    copy = rh_arena_strndup(block->arena, found->data, found->len);
    *good = *good && copy != NULL;
    return copy;
}

static bool read_block(rh_ledger_block *block, const rh_workload_item *item)
{
    bool good = true;

    block->height = number(item, ":block_index");
    block->time = number(item, ":block_time");
    block->hash = text(block, item, ":block_hash", &good);
    block->previous = text(block, item, ":previous_hash", &good);
    return good;
}

static bool read_tx(rh_ledger_block *block, const rh_workload_item *item)
{
    rh_ledger_tx *tx = rh_ledger_block_add_tx(block);
    bool good = tx != NULL;

    if (!good)
        return false;
    tx->txid = text(block, item, ":txid", &good);
    if (number(item, ":tx_index") >= 0)
        tx->index = number(item, ":tx_index");
    return good;
}

static bool read_input(rh_ledger_block *block, const rh_workload_item *item)
{
    rh_ledger_input *input = rh_ledger_block_add_input(block);
    const char *colon;
    bool good = input != NULL;

    if (!good)
        return false;
    input->outpoint = text(block, item, ":outpoint", &good);
    input->address = text(block, item, ":address", &good);
    input->value = number(item, ":value");
    input->coinbase = number(item, ":coinbase") == 1;
    colon = input->outpoint == NULL ? NULL : strrchr(input->outpoint, ':');
    if (colon != NULL) {
        input->txid =
            rh_arena_strndup(block->arena, input->outpoint, (size_t)(colon - input->outpoint));
        good = good && input->txid != NULL;
        if (!rh_num_scan_int64(colon + 1, strlen(colon + 1), &input->vout))
            input->vout = -1;
    }
    return good;
}

static bool read_output(rh_ledger_block *block, const rh_workload_item *item)
{
    const char *txid = block->txs[block->tx_count - 1].txid;
    rh_ledger_output *output = rh_ledger_block_add_output(block);
    bool good = output != NULL;

    if (!good)
        return false;
    output->vout = number(item, ":vout");
    output->value = number(item, ":value");
    output->address = text(block, item, ":address", &good);
    output->kind = text(block, item, ":kind", &good);
    if (txid != NULL && output->vout >= 0) {
        output->outpoint = rh_arena_printf(block->arena, "%s:%lld", txid, (long long)output->vout);
        good = good && output->outpoint != NULL;
    }
    return good;
}

static bool read_statement(rh_ledger_block *block, const rh_workload_item *item)
{
    rh_ledger_statement *statement = rh_ledger_block_add_statement(block);
    rh_parameter *copy = NULL;

    if (statement == NULL)
        return false;
    statement->sql = rh_arena_strdup(block->arena, item->sql);
    if (item->parameter_count > 0)
        copy = rh_arena_array(block->arena, item->parameter_count, sizeof *copy);
    if (statement->sql == NULL || (item->parameter_count > 0 && copy == NULL))
        return false;
    for (size_t i = 0; i < item->parameter_count; i++) {
        copy[i] = item->parameters[i];
        if (copy[i].name != NULL &&
            (copy[i].name = rh_arena_strdup(block->arena, copy[i].name)) == NULL)
            return false;
        if (copy[i].data != NULL &&
            (copy[i].data = rh_arena_strndup(block->arena, copy[i].data, copy[i].len)) == NULL)
            return false;
    }
    statement->parameters = copy;
    statement->parameter_count = item->parameter_count;
    statement->fingerprint = item->statement == NULL ? 0 : item->statement->fingerprint;
    statement->duration_us = item->duration_us;
    statement->failed = item->sqlstate != NULL;
    statement->unreplayable = item->unreplayable != NULL;
    return true;
}

/* An item behind a block's first one. */
static rh_status take_item(rh_ledger_reader *reader, const rh_workload_item *item, rh_error *err)
{
    rh_ledger_block *block = reader->next;
    bool io = strcmp(item->sql, "-- input") == 0 || strcmp(item->sql, "-- output") == 0;
    bool good;

    if (block == NULL || (io && block->tx_count == 0))
        return rh_error_set(err, RH_EFORMAT, "execution %llu of the ledger belongs to no %s",
                            (unsigned long long)item->execution,
                            block == NULL ? "block" : "transaction");
    if (strcmp(item->sql, "-- transaction") == 0)
        good = read_tx(block, item);
    else if (strcmp(item->sql, "-- input") == 0)
        good = read_input(block, item);
    else if (io)
        good = read_output(block, item);
    else
        good = read_statement(block, item);
    return good ? RH_OK : rh_error_oom(err);
}

static rh_status begin_block(rh_ledger_reader *reader, const rh_workload_item *item, rh_error *err)
{
    rh_ledger_block *block = rh_ledger_block_new();

    if (block == NULL || !read_block(block, item)) {
        rh_ledger_block_free(block);
        return rh_error_oom(err);
    }
    reader->next = block;
    return RH_OK;
}

rh_status rh_ledger_reader_next(rh_ledger_reader *reader, rh_ledger_block **out, rh_error *err)
{
    rh_status status = RH_OK;

    while (status == RH_OK && !reader->ended) {
        rh_workload_item item;
        rh_ledger_block *done = reader->next;

        status = reader->items.next(reader->items.ctx, &item, err);
        if (status == RH_DONE) {
            reader->ended = true;
            reader->next = NULL;
            *out = done;
            return done == NULL ? RH_DONE : RH_OK;
        }
        if (status != RH_OK)
            return status;
        if (strcmp(item.sql, "-- block") != 0) {
            status = take_item(reader, &item, err);
            continue;
        }
        reader->next = NULL;
        status = begin_block(reader, &item, err);
        if (done == NULL)
            continue;
        if (status == RH_OK)
            *out = done;
        else
            rh_ledger_block_free(done);
        return status;
    }
    return status == RH_OK ? RH_DONE : status;
}
