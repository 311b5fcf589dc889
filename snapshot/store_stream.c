/*
 * One worker's way from rows to packs.
 *
 * Invariants
 *   1. The list of a range names its chunks in the order of the rows, also while chunks are held
 * back for training: then everything waits in `held`, references to known chunks too.
 *   2. A chunk is written only after it was looked up; two equal ones are stored once.
 *   3. At most PACKS packs are open, one per dictionary; the least recently used one is closed
 * first.
 *   4. Nothing is pending once a batch was taken: pending chunks stand in it.
 *
 *   range_begin -> rows* (chunker -> put_chunk -> look_up_chunk -> {reference | held |
 * write_chunk})
 *   -> range_end
 */
#include <string.h>

#include "chunker.h"
#include "core/mem.h"
#include "known.h"
#include "store_held.h"
#include "store_internal.h"

enum { PACKS = 4, PENDING = 32 };

/* Chunks that wait for their ids, which cost half when many are made at once. */
typedef struct pending_chunks {
    rh_hash_input inputs[PENDING]; /* in the batch at hand, or the chunker's */
    uint32_t rows[PENDING];
    rh_chunk_kind kinds[PENDING];
    size_t count;
} pending_chunks;

struct rh_store_stream {
    rh_store *store;
    rh_pack_encoder *encoder;
    rh_chunker chunker;
    pending_chunks pending;
    rh_known *known;
    open_pack packs[PACKS];
    open_pack lists;
    uint64_t clock;
    /* the open range */
    const rh_table *table;
    store_table *shared;
    rh_range range;
    rh_chunk_list list;
    const rh_dict *dict; /* held; what new chunks of this table are compressed with */
    bool dict_decided;
    bool training;
    rh_held held;
    int64_t new_chunks;
    int64_t new_bytes;
};

static rh_status put_chunk(void *ctx, const uint8_t *data, size_t len, uint32_t rows,
                           rh_chunk_kind kind, rh_error *err);

rh_status rh_store_stream_open(rh_store *store, rh_store_stream **out, rh_error *err)
{
    rh_store_stream *stream = rh_mem_zalloc(sizeof *stream);

    if (stream == NULL)
        return rh_error_oom(err);
    stream->store = store;
    rh_chunker_init(&stream->chunker, rh_repo_chunk_limits(store->repo),
                    rh_repo_row_secret(store->repo), put_chunk, stream);
    rh_chunk_list_init(&stream->list);
    rh_held_init(&stream->held);
    stream->encoder = rh_pack_encoder_new();
    stream->known = rh_known_new(store);
    if (stream->encoder == NULL || stream->known == NULL) {
        rh_store_stream_free(stream);
        return rh_error_oom(err);
    }
    *out = stream;
    return RH_OK;
}

static void stop_training(rh_store_stream *stream)
{
    if (stream->training)
        rh_store_table_release(stream->store, stream->shared);
    stream->training = false;
}

void rh_store_stream_free(rh_store_stream *stream)
{
    if (stream == NULL)
        return;
    stop_training(stream);
    rh_dicts_put(rh_repo_dicts(stream->store->repo), stream->dict);
    for (size_t i = 0; i < PACKS; i++)
        rh_open_pack_discard(stream->store, &stream->packs[i]);
    rh_open_pack_discard(stream->store, &stream->lists);
    rh_held_done(&stream->held);
    rh_chunk_list_done(&stream->list);
    rh_chunker_done(&stream->chunker);
    rh_known_free(stream->known);
    rh_pack_encoder_free(stream->encoder);
    rh_mem_free(stream);
}

rh_status rh_store_stream_finish(rh_store_stream *stream, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < PACKS; i++)
        status = rh_open_pack_end(stream->store, &stream->packs[i], err);
    if (status == RH_OK)
        status = rh_open_pack_end(stream->store, &stream->lists, err);
    return status;
}

/* ---- writing ---- */

/* The open pack of the current dictionary, or a free slot for it. */
static rh_status choose_pack(rh_store_stream *stream, open_pack **out, rh_error *err)
{
    open_pack *chosen = NULL;
    open_pack *oldest = &stream->packs[0];
    rh_status status = RH_OK;

    for (size_t i = 0; i < PACKS; i++) {
        open_pack *pack = &stream->packs[i];

        if (pack->writer != NULL && pack->dict == stream->dict) {
            chosen = pack;
            break;
        }
        if (pack->used < oldest->used)
            oldest = pack;
    }
    if (chosen == NULL) {
        chosen = oldest; /* free slots have never been used: used is 0 */
        status = rh_open_pack_end(stream->store, chosen, err);
    } else if (rh_open_pack_full(chosen)) {
        status = rh_open_pack_end(stream->store, chosen, err);
    }
    if (status == RH_OK)
        *out = chosen;
    return status;
}

static rh_status begin_pack(rh_store_stream *stream, open_pack *pack, rh_error *err)
{
    rh_dicts *dicts = rh_repo_dicts(stream->store->repo);
    rh_status status;

    /* The pack holds the dictionary on its own: the stream may go on to another table. */
    rh_dicts_hold(dicts, stream->dict);
    status = rh_open_pack_begin(stream->store, pack, stream->dict, false, err);
    if (status != RH_OK)
        rh_dicts_put(dicts, stream->dict);
    return status;
}

static rh_status write_chunk(rh_store_stream *stream, const rh_chunk *chunk, rh_error *err)
{
    open_pack *pack = NULL;
    chunk_ref ref;
    size_t stored = 0;
    rh_status status = choose_pack(stream, &pack, err);

    if (status == RH_OK && pack->writer == NULL)
        status = begin_pack(stream, pack, err);
    if (status != RH_OK)
        return status;
    pack->used = ++stream->clock;
    rh_pack_writer_span(pack->writer, stream->shared->key, stream->range.from, stream->range.to);
    status = rh_pack_writer_add(pack->writer, stream->encoder, chunk, &stored, err);
    if (status != RH_OK)
        return status;
    ref = (chunk_ref){pack->ordinal, (uint32_t)rh_pack_writer_count(pack->writer) - 1};
    stream->new_chunks++;
    stream->new_bytes += (int64_t)stored;
    status = rh_known_add(stream->known, chunk, &ref, err);
    if (status == RH_OK)
        status = rh_chunk_list_add(&stream->list, ref.pack, ref.entry, err);
    return status;
}

/* ---- dictionaries ---- */

/* Decided by another stream, or last night: fetch what it says. */
static rh_status follow_decision(rh_store_stream *stream, rh_error *err)
{
    rh_dicts *dicts = rh_repo_dicts(stream->store->repo);
    uint32_t id = stream->shared->dictionary;
    rh_error local = RH_ERROR_INIT;
    rh_status status;

    stream->dict_decided = true;
    if (id == 0)
        return RH_OK;
    status = rh_dicts_get_writer(dicts, id, NULL, &stream->dict, &local);
    if (status == RH_EKEY) /* sealed, and forgotten meanwhile: this range goes without */
        return RH_OK;
    if (status != RH_OK && err != NULL)
        *err = local;
    return status;
}

/* How much will be compressed with a dictionary that is trained now? After last night only changes
 * are: what was held back is the best guess at their size. */
static uint64_t expected_bytes(const rh_store_stream *stream)
{
    uint64_t held = stream->held.bytes.len;
    uint64_t table =
        stream->table->estimated_bytes < 0 ? 0 : (uint64_t)stream->table->estimated_bytes;

    if (stream->shared->last != NULL && stream->shared->last->chunks > 0)
        table = held * 4 < table ? held * 4 : table;
    return table > held ? table : held;
}

static rh_status train(rh_store_stream *stream, rh_error *err)
{
    rh_dicts *dicts = rh_repo_dicts(stream->store->repo);
    rh_buf dict = RH_BUF_INIT;
    size_t count = 0;
    size_t *lengths = NULL;
    rh_status status = rh_held_lengths(&stream->held, &lengths, &count, err);

    if (status == RH_OK)
        status = rh_dict_train(stream->held.bytes.data, lengths, count, expected_bytes(stream),
                               &dict, err);
    if (status == RH_OK) {
        rh_error local = RH_ERROR_INIT;

        status = rh_dicts_add(dicts, dict.data, dict.len, &stream->dict, &local);
        if (status == RH_EEXISTS)
            status = RH_SKIPPED; /* an id drawn twice: do without */
        else if (status != RH_OK && err != NULL)
            *err = local;
    }
    if (status == RH_OK)
        atomic_fetch_add(&stream->store->new_bytes, rh_dict_file_bytes(stream->dict));
    rh_mem_free(lengths);
    rh_buf_wipe_done(&dict);
    if (status != RH_OK && status != RH_SKIPPED)
        return status;
    rh_store_table_decide(stream->store, stream->shared,
                          stream->dict == NULL ? 0 : rh_dict_id(stream->dict));
    stream->dict_decided = true;
    stream->training = false;
    return RH_OK;
}

/* ---- chunks held back ---- */

static rh_status let_go_one(rh_store_stream *stream, const rh_held_item *item, const uint8_t *data,
                            rh_error *err)
{
    const rh_chunk chunk = {data, item->len, item->id, item->rows, item->kind};
    chunk_ref ref = item->ref;
    rh_status status = RH_OK;

    if (item->len > 0) {
        /* An equal one may have been written since. */
        status = rh_known_find(stream->known, &item->id, item->rows, item->kind, &ref, err);
        if (status == RH_SKIPPED)
            return write_chunk(stream, &chunk, err);
    }
    if (status == RH_OK)
        status = rh_chunk_list_add(&stream->list, ref.pack, ref.entry, err);
    return status;
}

static rh_status let_go(rh_store_stream *stream, rh_error *err)
{
    const uint8_t *data = stream->held.bytes.data;
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < stream->held.count; i++) {
        const rh_held_item *item = &stream->held.items[i];

        status = let_go_one(stream, item, data, err);
        data += item->len;
    }
    rh_held_clear(&stream->held);
    return status;
}

static rh_status end_training(rh_store_stream *stream, rh_error *err)
{
    rh_status status = RH_OK;

    if (stream->training && stream->held.bytes.len >= RH_DICT_MIN_TABLE_BYTES)
        status = train(stream, err);
    stop_training(stream);
    if (status == RH_OK)
        status = let_go(stream, err);
    return status;
}

/* Decide what happens to new chunks of this table right now. */
static rh_status look_at_dictionary(rh_store_stream *stream, rh_error *err)
{
    if (stream->dict_decided || stream->training)
        return RH_OK;
    if (atomic_load(&stream->shared->state) == STORE_DICT_DECIDED)
        return follow_decision(stream, err);
    stream->training = rh_store_table_claim(stream->store, stream->shared);
    return RH_OK;
}

/* ---- rows ---- */

static rh_status put_known(rh_store_stream *stream, const chunk_ref *ref, rh_error *err)
{
    if (stream->training)
        return rh_held_add_ref(&stream->held, ref, err);
    return rh_chunk_list_add(&stream->list, ref->pack, ref->entry, err);
}

static rh_status put_new(rh_store_stream *stream, const rh_chunk *chunk, rh_error *err)
{
    rh_status status = look_at_dictionary(stream, err);

    if (status != RH_OK)
        return status;
    if (!stream->training)
        return write_chunk(stream, chunk, err);
    status = rh_held_add(&stream->held, chunk, err);
    return status;
}

static rh_status look_up_chunk(rh_store_stream *stream, const rh_chunk *chunk, rh_error *err)
{
    chunk_ref ref;
    rh_status status =
        rh_known_find(stream->known, &chunk->id, chunk->rows, chunk->kind, &ref, err);

    if (status == RH_OK)
        status = put_known(stream, &ref, err);
    else if (status == RH_SKIPPED)
        status = put_new(stream, chunk, err);
    if (status == RH_OK && stream->training && rh_held_full(&stream->held))
        status = end_training(stream, err);
    if (status != RH_OK)
        rh_error_where(err, "chunk %llu",
                       (unsigned long long)(stream->list.chunks + stream->held.count));
    return status;
}

static rh_status put_pending(rh_store_stream *stream, rh_error *err)
{
    pending_chunks *pending = &stream->pending;
    rh_id ids[PENDING];
    rh_status status = RH_OK;

    rh_hash_ids(rh_repo_id_key(stream->store->repo), pending->inputs, pending->count, ids);
    for (size_t i = 0; status == RH_OK && i < pending->count; i++) {
        const rh_hash_input *input = &pending->inputs[i];
        const rh_chunk chunk = {input->data, input->len, ids[i], pending->rows[i],
                                pending->kinds[i]};

        status = look_up_chunk(stream, &chunk, err);
    }
    pending->count = 0;
    return status;
}

static rh_status put_chunk(void *ctx, const uint8_t *data, size_t len, uint32_t rows,
                           rh_chunk_kind kind, rh_error *err)
{
    rh_store_stream *stream = ctx;
    pending_chunks *pending = &stream->pending;

    pending->inputs[pending->count] = (rh_hash_input){data, len};
    pending->rows[pending->count] = rows;
    pending->kinds[pending->count++] = kind;
    return pending->count < PENDING ? RH_OK : put_pending(stream, err);
}

/* ---- ranges ---- */

static void where(const rh_store_stream *stream, rh_error *err)
{
    rh_error_where(err, "table '%s', range from %lld", stream->table->full_name,
                   (long long)stream->range.from);
}

rh_status rh_store_range_begin(rh_store_stream *stream, const rh_table *table,
                               const rh_range *range, rh_error *err)
{
    rh_status status;

    rh_dicts_put(rh_repo_dicts(stream->store->repo), stream->dict);
    stream->dict = NULL;
    stream->dict_decided = false;
    stream->table = table;
    stream->range = *range;
    stream->new_chunks = 0;
    stream->new_bytes = 0;
    rh_chunk_list_clear(&stream->list);
    rh_held_clear(&stream->held);
    stream->pending.count = 0;
    rh_chunker_begin(&stream->chunker);
    status = rh_store_table(stream->store, table, &stream->shared, err);
    if (status == RH_OK)
        status = rh_known_begin(stream->known, stream->shared, range, err);
    if (status != RH_OK)
        where(stream, err);
    return status;
}

rh_status rh_store_rows(rh_store_stream *stream, const rh_batch *batch, rh_error *err)
{
    rh_status status = rh_chunker_rows(&stream->chunker, batch, err);

    if (status == RH_OK)
        status = put_pending(stream, err);
    if (status != RH_OK)
        where(stream, err);
    return status;
}

static rh_status end_range(rh_store_stream *stream, rh_chunk_run *list, rh_error *err)
{
    rh_status status = rh_chunker_end(&stream->chunker, err);

    if (status == RH_OK)
        status = put_pending(stream, err);
    if (status == RH_OK)
        status = end_training(stream, err);
    if (status == RH_OK)
        status = rh_chunk_list_end(&stream->list, err);
    if (status == RH_OK)
        status = rh_open_pack_list(stream->store, &stream->lists, stream->encoder,
                                   &stream->list.bytes, list, err);
    return status;
}

rh_status rh_store_range_end(rh_store_stream *stream, rh_store_range *out, rh_error *err)
{
    rh_chunk_run list;
    rh_status status = end_range(stream, &list, err);

    if (status != RH_OK) {
        where(stream, err);
        return status;
    }
    out->stored = (rh_stored_range){
        .from = stream->range.from,
        .to = stream->range.to,
        .rows = stream->chunker.total_rows,
        .bytes = stream->chunker.total_bytes,
        .chunks = (int64_t)stream->list.chunks,
        .list_pack = list.pack,
        .list_first = list.first,
        .list_count = list.count,
    };
    out->row_hash = stream->chunker.row_hash;
    out->new_chunks = stream->new_chunks;
    out->new_bytes = stream->new_bytes;
    return RH_OK;
}
