/*
 * Invariants
 * 1. Rows come in the order block, its transactions, of each its inputs and outputs; `block` is the
 *    one being filled, and is written when the next one begins.
 * 2. A transaction is finished (what the tables of inputs and outputs did not have is taken from
 *    its own row) before the next one is added.
 */
#include "ledger/import_db.h"

#include <inttypes.h>
#include <string.h>

#include "core/mem.h"
#include "core/num.h"
#include "core/own_statements.h"
#include "import_db_internal.h"

enum { ID_DIGITS = 64 };

/* What the row of a transaction says beside its id. */
typedef struct own_fields {
    const char *position; /* as text; NULL: no transaction is open */
    const char *source;
    const char *destination;
    const char *utxos;
    int64_t value;
} own_fields;

typedef struct importing {
    const rh_import_db_options *options;
    rh_ledger_writer *writer;
    rh_import_db_report *report;
    rh_ledger_block *block; /* NULL before the first */
    own_fields tx;
    uint64_t rows; /* of the last fetch */
    int64_t count;
} importing;

/* ---- values ---- */

static bool get_number(const rh_parameter *value, int64_t *out)
{
    if (value->kind == RH_PARAMETER_INTEGER)
        *out = value->integer;
    return value->kind == RH_PARAMETER_INTEGER ||
           (value->kind == RH_PARAMETER_TEXT && rh_num_scan_int64(value->data, value->len, out));
}

static int64_t number(const rh_parameter *value)
{
    int64_t found = -1;

    return get_number(value, &found) ? found : -1;
}

/* A copy that lives as long as the block; NULL for NULL and for empty texts. *good turns false when
 * memory is out. PostgreSQL's bytea lose their "\x". */
static const char *text(const importing *im, const rh_parameter *value, bool *good)
{
    const char *data = value->data, *copy;
    size_t len = value->len;

    if (value->kind == RH_PARAMETER_INTEGER) {
        copy = rh_arena_printf(im->block->arena, "%" PRId64, value->integer);
    } else if (value->kind != RH_PARAMETER_TEXT || len == 0) {
        return NULL;
    } else {
        if (len > 2 && data[0] == '\\' && data[1] == 'x') {
            data += 2;
            len -= 2;
        }
        copy = rh_arena_strndup(im->block->arena, data, len);
    }
    *good = *good && copy != NULL;
    return copy;
}

/* ---- Counterparty's utxos_info ---- */

/* "txid:vout" at the text's beginning, up to one of the ends. */
static bool is_outpoint(const char *text, size_t len)
{
    int64_t vout;

    return len > ID_DIGITS + 1 && strspn(text, "0123456789abcdef") == ID_DIGITS &&
           text[ID_DIGITS] == ':' &&
           rh_num_scan_int64(text + ID_DIGITS + 1, len - ID_DIGITS - 1, &vout) && vout >= 0;
}

static rh_status add_source(importing *im, const char *text, size_t len, rh_error *err)
{
    rh_ledger_input *input;

    if (!is_outpoint(text, len))
        return RH_OK;
    input = rh_ledger_block_add_input(im->block);
    if (input == NULL || (input->outpoint = rh_arena_strndup(im->block->arena, text, len)) == NULL)
        return rh_error_oom(err);
    return RH_OK;
}

/* Words of the text, which are separated by single blanks: at most `max` of them are noted. */
static size_t split(const char *text, const char *words[], size_t lens[], size_t max)
{
    size_t count = 0;

    for (;;) {
        size_t len = strcspn(text, " ");

        if (count < max) {
            words[count] = text;
            lens[count] = len;
        }
        count++;
        if (text[len] == '\0')
            return count;
        text += len + 1;
    }
}

/*
 * "SOURCE ... DESTINATION" up to v10.6; "SOURCE,... DESTINATION OUTPUTS OP_RETURN" since v10.7.
 * The destination is the first output that is no OP_RETURN.
 */
static rh_status read_utxos(importing *im, const char *utxos, const char **out_destination,
                            size_t *out_len, rh_error *err)
{
    const char *words[4];
    size_t lens[4], count = split(utxos, words, lens, 4);
    bool later = count == 4 && !is_outpoint(words[3], lens[3]);
    const char *at = utxos;
    rh_status status = RH_OK;

    if (later) {
        *out_destination = words[1];
        *out_len = lens[1];
        for (size_t len; status == RH_OK && at < words[0] + lens[0]; at += len + 1) {
            len = strcspn(at, ", ");
            status = add_source(im, at, len, err);
        }
        return status;
    }
    for (;;) {
        size_t len = strcspn(at, " ");

        if (at[len] == '\0') {
            *out_destination = at;
            *out_len = len;
            return status;
        }
        if (status == RH_OK)
            status = add_source(im, at, len, err);
        at += len + 1;
    }
}

/* ---- transactions ---- */

static rh_status add_destination(importing *im, const char *outpoint, size_t len, rh_error *err)
{
    const rh_ledger_tx *tx = &im->block->txs[im->block->tx_count - 1];
    bool own = outpoint != NULL && tx->txid != NULL && is_outpoint(outpoint, len) &&
               strlen(tx->txid) == ID_DIGITS && memcmp(outpoint, tx->txid, ID_DIGITS) == 0;
    rh_ledger_output *output;

    if (im->tx.destination == NULL && (outpoint == NULL || len == 0))
        return RH_OK;
    output = rh_ledger_block_add_output(im->block);
    if (output == NULL)
        return rh_error_oom(err);
    output->address = im->tx.destination;
    if (im->tx.destination != NULL)
        output->value = im->tx.value;
    if (own)
        (void)rh_num_scan_int64(outpoint + ID_DIGITS + 1, len - ID_DIGITS - 1, &output->vout);
    return RH_OK;
}

static rh_status finish_tx(importing *im, rh_error *err)
{
    const char *destination = NULL;
    size_t len = 0;
    bool has_inputs, has_outputs;
    rh_status status = RH_OK;

    if (im->tx.position == NULL)
        return RH_OK;
    has_inputs = im->block->txs[im->block->tx_count - 1].input_count > 0;
    has_outputs = im->block->txs[im->block->tx_count - 1].output_count > 0;
    if (im->tx.utxos != NULL && !has_inputs)
        status = read_utxos(im, im->tx.utxos, &destination, &len, err);
    if (status == RH_OK && im->tx.source != NULL &&
        im->block->txs[im->block->tx_count - 1].input_count == 0) {
        rh_ledger_input *input = rh_ledger_block_add_input(im->block);

        if (input == NULL)
            return rh_error_oom(err);
        input->address = im->tx.source;
    }
    if (status == RH_OK && !has_outputs)
        status = add_destination(im, destination, len, err);
    im->tx.position = NULL;
    return status;
}

static void count_unknown(rh_import_db_report *report, const rh_ledger_block *block)
{
    report->block_hashes += block->hash == NULL;
    report->block_times += block->time < 0;
    for (size_t i = 0; i < block->input_count; i++) {
        report->input_outpoints += block->inputs[i].outpoint == NULL;
        report->input_values += block->inputs[i].value < 0;
    }
    for (size_t i = 0; i < block->output_count; i++) {
        report->output_vouts += block->outputs[i].vout < 0;
        report->output_addresses += block->outputs[i].address == NULL;
        report->output_values += block->outputs[i].value < 0;
    }
}

static rh_status finish_block(importing *im, rh_error *err)
{
    rh_status status;

    if (im->block == NULL)
        return RH_OK;
    status = finish_tx(im, err);
    if (status != RH_OK)
        return status;
    count_unknown(im->report, im->block);
    status = rh_ledger_writer_add(im->writer, im->block, err);
    rh_progress_add(im->options->progress, 0, 0, 1);
    rh_ledger_block_free(im->block);
    im->block = NULL;
    return status;
}

/* ---- rows ---- */

static rh_status take_block(importing *im, const rh_parameter *row, rh_error *err)
{
    const rh_parameter *f = row + ROW_FIELDS;
    int64_t height = number(&row[ROW_HEIGHT]);
    bool good = true;
    rh_status status;

    if (im->block != NULL && im->block->height == height)
        return rh_error_set(err, RH_EFORMAT, "two blocks have the height %" PRId64, height);
    status = finish_block(im, err);
    if (status != RH_OK)
        return status;
    im->block = rh_ledger_block_new();
    if (im->block == NULL)
        return rh_error_oom(err);
    im->block->height = height;
    im->block->hash = text(im, &f[0], &good);
    im->block->time = number(&f[1]);
    im->block->previous = text(im, &f[2], &good);
    return good ? RH_OK : rh_error_oom(err);
}

static rh_status take_tx(importing *im, const rh_parameter *row, rh_error *err)
{
    const rh_parameter *f = row + ROW_FIELDS;
    rh_status status = finish_tx(im, err);
    rh_ledger_tx *tx;
    bool good = true;

    if (status != RH_OK)
        return status;
    tx = rh_ledger_block_add_tx(im->block);
    if (tx == NULL)
        return rh_error_oom(err);
    if (number(&row[ROW_POSITION]) >= 0)
        tx->index = number(&row[ROW_POSITION]);
    tx->txid = text(im, &f[0], &good);
    im->tx = (own_fields){.position = text(im, &row[ROW_POSITION], &good),
                          .source = text(im, &f[1], &good),
                          .destination = text(im, &f[2], &good),
                          .value = number(&f[3]),
                          .utxos = text(im, &f[4], &good)};
    if (im->tx.position == NULL)
        im->tx.position = "";
    return good ? RH_OK : rh_error_oom(err);
}

static rh_status take_input(importing *im, const rh_parameter *f, rh_error *err)
{
    rh_ledger_input *input = rh_ledger_block_add_input(im->block);
    bool good = input != NULL;
    const char *txid;

    if (!good)
        return rh_error_oom(err);
    input->outpoint = text(im, &f[0], &good);
    txid = text(im, &f[1], &good);
    if (input->outpoint == NULL && txid != NULL && number(&f[2]) >= 0) {
        input->outpoint = rh_arena_printf(im->block->arena, "%s:%" PRId64, txid, number(&f[2]));
        good = good && input->outpoint != NULL;
    }
    input->address = text(im, &f[3], &good);
    input->value = number(&f[4]);
    return good ? RH_OK : rh_error_oom(err);
}

static rh_status take_output(importing *im, const rh_parameter *f, rh_error *err)
{
    rh_ledger_output *output = rh_ledger_block_add_output(im->block);
    bool good = output != NULL;

    if (!good)
        return rh_error_oom(err);
    output->vout = number(&f[0]);
    output->address = text(im, &f[1], &good);
    output->value = number(&f[2]);
    output->kind = text(im, &f[3], &good);
    return good ? RH_OK : rh_error_oom(err);
}

/* Does an input or output belong to the transaction that is open? */
static bool is_of_tx(const importing *im, const rh_parameter *position)
{
    const char *open = im->tx.position;
    int64_t index;

    if (open == NULL)
        return false;
    if (position->kind == RH_PARAMETER_INTEGER)
        return rh_num_scan_int64(open, strlen(open), &index) && index == position->integer;
    return position->kind == RH_PARAMETER_TEXT && strlen(open) == position->len &&
           memcmp(open, position->data, position->len) == 0;
}

static rh_status take_row(void *ctx, const rh_parameter *row, size_t count, rh_error *err)
{
    importing *im = ctx;
    int64_t kind = number(&row[ROW_KIND]), height = -1;
    bool placed;

    (void)count;
    im->rows++;
    placed = get_number(&row[ROW_HEIGHT], &height) &&
             (kind == ROW_BLOCK || (im->block != NULL && im->block->height == height));
    if (kind > ROW_TX) {
        if (!placed || !is_of_tx(im, &row[ROW_POSITION])) {
            im->report->rows_without_transaction++;
            return RH_OK;
        }
        return kind == ROW_INPUT ? take_input(im, row + ROW_FIELDS, err)
                                 : take_output(im, row + ROW_FIELDS, err);
    }
    if (!placed) {
        im->report->rows_without_block++;
        return RH_OK;
    }
    return kind == ROW_BLOCK ? take_block(im, row, err) : take_tx(im, row, err);
}

/* ---- reading ---- */

static rh_status take_count(void *ctx, const rh_parameter *values, size_t count, rh_error *err)
{
    importing *im = ctx;

    (void)count;
    (void)err;
    im->count = number(&values[0]);
    return RH_OK;
}

static rh_status run(rh_call_session *session, const char *sql, rh_call_row row, importing *im,
                     rh_error *err)
{
    const rh_call_run run = {.row = row, .ctx = im};
    rh_call_counters ignored = {0};
    rh_call_statement *statement = NULL;
    rh_status status = rh_call_prepare(session, sql, &statement, err);

    do {
        im->rows = 0;
        if (status == RH_OK)
            status = rh_call_execute(statement, &run, &ignored, err);
        /* A cursor of PostgreSQL gives a batch each time, SQLite all at once. */
    } while (status == RH_OK && im->rows > 0 && rh_call_kind(session) == RH_ENGINE_POSTGRESQL);
    rh_call_statement_free(statement);
    return status;
}

static rh_status read_rows(rh_call_session *session, const import_db_query *query, importing *im,
                           rh_error *err)
{
    const char *sql = query->rows;
    rh_status status = run(session, query->count, take_count, im, err);

    if (status == RH_OK && im->count == 0)
        return rh_error_set(err, RH_EUSAGE, "there is no block in the range");
    rh_progress_stage(im->options->progress, "blocks", 0, 0, (uint64_t)im->count);
    if (status == RH_OK && rh_call_kind(session) == RH_ENGINE_POSTGRESQL) {
        sql = rh_arena_printf(query->arena, "DECLARE rehearse_rows NO SCROLL CURSOR FOR %s", sql);
        status = sql == NULL ? rh_error_oom(err) : rh_call_exec(session, sql, err);
        sql = RH_OWN_COMMENT "FETCH FORWARD 5000 FROM rehearse_rows";
    }
    if (status == RH_OK)
        status = run(session, sql, take_row, im, err);
    return status == RH_OK ? finish_block(im, err) : status;
}

rh_status rh_import_db(const char *target, const rh_import_db_options *options,
                       rh_ledger_writer *writer, rh_import_db_report *out, rh_error *err)
{
    rh_call_options session_options = RH_CALL_OPTIONS_INIT;
    rh_import_db_report report = {0};
    importing im = {.options = options, .writer = writer, .report = &report};
    import_db_query query = {.arena = rh_arena_new(0)};
    rh_call_session *session = NULL;
    rh_status status = query.arena == NULL ? rh_error_oom(err) : RH_OK;

    session_options.cancel = options->cancel;
    rh_progress_stage(options->progress, "looking", 0, 0, 0);
    if (status == RH_OK)
        status = rh_call_open(target, &session_options, &session, err);
    if (status == RH_OK)
        status = rh_import_db_query(session, options, query.arena, &query, err);
    if (status == RH_OK)
        status = read_rows(session, &query, &im, err);
    rh_ledger_block_free(im.block);
    rh_call_close(session);
    rh_arena_free(query.arena);
    if (status == RH_OK) {
        report.inputs_table = query.inputs_table;
        *out = report;
    }
    return status;
}
