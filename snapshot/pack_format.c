/*
 * Header and table of a pack. Reading checks every number before it is used: sizes against the
 * bytes at hand, counts against the limits, and the sum of all entries against the file.
 */
#include "pack_format.h"

#include <string.h>

#include "core/bytes.h"
#include "core/mem.h"

enum {
    FRAME_BYTES = 8, /* magic and size of a skippable frame */
    COUNTS_BYTES = 8,
    MAGIC_BYTES = 8,
    FLAG_SEALED = 1,
    FLAG_HASHED = 2,
    ENTRY_ROOM = RH_ID_BYTES + RH_STORED_HASH_BYTES + 4 * RH_VARINT_MAX_BYTES,
    SPAN_ROOM = RH_PACK_SPAN_KEY_BYTES + 4 * RH_VARINT_MAX_BYTES,
};

static const uint32_t header_frame_magic = 0x184D2A5B;
static const uint32_t table_frame_magic = 0x184D2A5C;
static const char header_magic[] = "RHPACK01";
static const char end_magic[] = "RHPKEND1";

static rh_status damaged(rh_error *err, const char *what)
{
    return rh_error_set(err, RH_EFORMAT, "%s", what);
}

/* ---- header ---- */

rh_status rh_pack_header_write(rh_pack_header *header, rh_buf *out, rh_error *err)
{
    uint8_t bytes[RH_PACK_HEADER_MAX_BYTES];
    uint8_t *at = bytes + FRAME_BYTES;

    memcpy(at, header_magic, MAGIC_BYTES);
    at += MAGIC_BYTES;
    memcpy(at, header->repo_id, RH_REPO_ID_BYTES);
    at += RH_REPO_ID_BYTES;
    memcpy(at, header->nonce, RH_PACK_NONCE_BYTES);
    at += RH_PACK_NONCE_BYTES;
    rh_put_u32(at, (header->sealed ? FLAG_SEALED : 0) | (header->hashed ? FLAG_HASHED : 0));
    rh_put_u32(at + 4, header->dictionary);
    rh_put_u32(at + 8, (uint32_t)header->reader_count);
    at += 12;
    for (size_t i = 0; i < header->reader_count; i++) {
        memcpy(at, header->readers[i].fingerprint, RH_REPO_FINGERPRINT_BYTES);
        at += RH_REPO_FINGERPRINT_BYTES;
        memcpy(at, header->readers[i].wrapped, RH_SEAL_WRAPPED_BYTES);
        at += RH_SEAL_WRAPPED_BYTES;
    }
    header->bytes = (size_t)(at - bytes);
    rh_put_u32(bytes, header_frame_magic);
    rh_put_u32(bytes + 4, (uint32_t)(header->bytes - FRAME_BYTES));
    return rh_buf_append(out, bytes, header->bytes, err);
}

static rh_status read_header_flags(const uint8_t *at, rh_pack_header *out, rh_error *err)
{
    uint32_t flags = rh_get_u32(at);
    uint32_t readers = rh_get_u32(at + 8);

    if ((flags & ~(uint32_t)(FLAG_SEALED | FLAG_HASHED)) != 0) {
        rh_error_set(err, RH_EFORMAT, "the pack has flags %#x, unknown to this version", flags);
        rh_error_hint(err, "it was made by a newer version; upgrade rehearse");
        return RH_EFORMAT;
    }
    out->sealed = (flags & FLAG_SEALED) != 0;
    out->hashed = (flags & FLAG_HASHED) != 0;
    out->dictionary = rh_get_u32(at + 4);
    if (out->sealed != (readers > 0) || readers > RH_SEAL_MAX_READERS)
        return damaged(err, "impossible number of readers in the header");
    if (out->sealed && !out->hashed)
        return damaged(err, "a sealed pack without stored hashes");
    out->reader_count = readers;
    return RH_OK;
}

rh_status rh_pack_header_read(const uint8_t *data, size_t len, rh_pack_header *out, rh_error *err)
{
    rh_pack_header header = {0};
    const uint8_t *at = data + FRAME_BYTES;
    rh_status status;

    if (len < RH_PACK_HEADER_MIN_BYTES || rh_get_u32(data) != header_frame_magic ||
        memcmp(at, header_magic, MAGIC_BYTES) != 0)
        return damaged(err, "not a pack");
    at += MAGIC_BYTES;
    memcpy(header.repo_id, at, RH_REPO_ID_BYTES);
    at += RH_REPO_ID_BYTES;
    memcpy(header.nonce, at, RH_PACK_NONCE_BYTES);
    at += RH_PACK_NONCE_BYTES;
    status = read_header_flags(at, &header, err);
    if (status != RH_OK)
        return status;
    at += 12;
    header.bytes = RH_PACK_HEADER_MIN_BYTES + header.reader_count * RH_PACK_READER_BYTES;
    if (rh_get_u32(data + 4) != header.bytes - FRAME_BYTES || len < header.bytes)
        return damaged(err, "the header has the wrong length");
    for (size_t i = 0; i < header.reader_count; i++) {
        memcpy(header.readers[i].fingerprint, at, RH_REPO_FINGERPRINT_BYTES);
        at += RH_REPO_FINGERPRINT_BYTES;
        memcpy(header.readers[i].wrapped, at, RH_SEAL_WRAPPED_BYTES);
        at += RH_SEAL_WRAPPED_BYTES;
    }
    *out = header;
    return RH_OK;
}

rh_status rh_pack_trailer_read(const uint8_t *data, uint64_t file_bytes, size_t *out_table_bytes,
                               rh_error *err)
{
    uint64_t body = rh_get_u32(data);

    if (memcmp(data + 4, end_magic, MAGIC_BYTES) != 0)
        return damaged(err, "the pack has no end: it was cut off or is damaged");
    if (file_bytes > RH_PACK_MAX_BYTES || body < COUNTS_BYTES ||
        FRAME_BYTES + body + RH_PACK_TRAILER_BYTES + RH_PACK_HEADER_MIN_BYTES > file_bytes)
        return damaged(err, "the table does not fit into the file");
    *out_table_bytes = (size_t)(FRAME_BYTES + body + RH_PACK_TRAILER_BYTES);
    return RH_OK;
}

/* ---- table, written ---- */

rh_status rh_pack_entry_write(const rh_pack_entry *entry, bool hashed, rh_buf *out, rh_error *err)
{
    uint8_t bytes[ENTRY_ROOM];
    uint8_t *at = bytes;

    memcpy(at, entry->id.bytes, RH_ID_BYTES);
    at += RH_ID_BYTES;
    if (hashed) {
        memcpy(at, entry->stored_hash, RH_STORED_HASH_BYTES);
        at += RH_STORED_HASH_BYTES;
    }
    at += rh_varint_put(at, entry->stored_bytes);
    at += rh_varint_put(at, entry->plain_bytes);
    at += rh_varint_put(at, entry->rows);
    at += rh_varint_put(at, (uint64_t)entry->kind);
    return rh_buf_append(out, bytes, (size_t)(at - bytes), err);
}

static rh_status span_write(const rh_pack_span *span, rh_buf *out, rh_error *err)
{
    uint8_t bytes[SPAN_ROOM];
    uint8_t *at = bytes;

    memcpy(at, span->table, RH_PACK_SPAN_KEY_BYTES);
    at += RH_PACK_SPAN_KEY_BYTES;
    at += rh_varint_put(at, rh_zigzag(span->from));
    at += rh_varint_put(at, rh_zigzag(span->to));
    at += rh_varint_put(at, span->first);
    at += rh_varint_put(at, span->count);
    return rh_buf_append(out, bytes, (size_t)(at - bytes), err);
}

rh_status rh_pack_table_write(const rh_buf *entries, size_t count, const rh_pack_span *spans,
                              size_t span_count, rh_buf *out, rh_error *err)
{
    uint8_t head[FRAME_BYTES + COUNTS_BYTES];
    uint8_t tail[RH_PACK_TRAILER_BYTES];
    size_t start = out->len;
    size_t body;
    rh_status status;

    rh_put_u32(head, table_frame_magic);
    rh_put_u32(head + 4, 0);
    rh_put_u32(head + 8, (uint32_t)count);
    rh_put_u32(head + 12, (uint32_t)span_count);
    status = rh_buf_append(out, head, sizeof head, err);
    if (status == RH_OK)
        status = rh_buf_append(out, entries->data, entries->len, err);
    for (size_t i = 0; status == RH_OK && i < span_count; i++)
        status = span_write(&spans[i], out, err);
    if (status != RH_OK)
        return status;
    body = out->len - start - FRAME_BYTES;
    rh_put_u32(tail, (uint32_t)body);
    memcpy(tail + 4, end_magic, MAGIC_BYTES);
    status = rh_buf_append(out, tail, sizeof tail, err);
    if (status == RH_OK)
        rh_put_u32(out->data + start + 4, (uint32_t)(body + sizeof tail));
    return status;
}

/* ---- table, read ---- */

/* A cursor over the body of a table. */
typedef struct cursor {
    const uint8_t *at;
    size_t left;
} cursor;

static bool take_bytes(cursor *in, void *out, size_t len)
{
    if (in->left < len)
        return false;
    memcpy(out, in->at, len);
    in->at += len;
    in->left -= len;
    return true;
}

static bool take_varint(cursor *in, uint64_t max, uint64_t *out)
{
    size_t len = rh_varint_get(in->at, in->left, out);

    if (len == 0 || *out > max)
        return false;
    in->at += len;
    in->left -= len;
    return true;
}

static bool kind_fits(uint64_t kind, uint64_t rows)
{
    return kind == RH_CHUNK_ROWS ? rows > 0 : rows == 0;
}

static bool take_entry(cursor *in, bool hashed, rh_pack_entry *out)
{
    uint64_t stored;
    uint64_t plain;
    uint64_t rows;
    uint64_t kind;

    if (!take_bytes(in, out->id.bytes, RH_ID_BYTES) ||
        (hashed && !take_bytes(in, out->stored_hash, RH_STORED_HASH_BYTES)) ||
        !take_varint(in, RH_PACK_MAX_PLAIN_BYTES + RH_PACK_MAX_STORED_EXTRA, &stored) ||
        !take_varint(in, RH_PACK_MAX_PLAIN_BYTES, &plain) ||
        !take_varint(in, RH_PACK_MAX_PLAIN_BYTES, &rows) ||
        !take_varint(in, RH_CHUNK_OBJECT, &kind))
        return false;
    if (stored == 0 || plain == 0 || stored > plain + RH_PACK_MAX_STORED_EXTRA || rows > plain ||
        !kind_fits(kind, rows))
        return false;
    out->stored_bytes = (uint32_t)stored;
    out->plain_bytes = (uint32_t)plain;
    out->rows = (uint32_t)rows;
    out->kind = (rh_chunk_kind)kind;
    return true;
}

static rh_status read_entries(cursor *in, const rh_pack_header *header, uint64_t end,
                              rh_pack_table *table, rh_error *err)
{
    uint64_t offset = header->bytes;

    for (size_t i = 0; i < table->count; i++) {
        rh_pack_entry *entry = &table->entries[i];

        if (!take_entry(in, header->hashed, entry))
            return rh_error_set(err, RH_EFORMAT, "entry %zu of the table is damaged", i);
        entry->offset = offset;
        offset += entry->stored_bytes;
        if (offset > end)
            return rh_error_set(err, RH_EFORMAT, "entry %zu lies beyond the end of the file", i);
    }
    if (offset != end)
        return damaged(err, "the entries do not fill the file");
    return RH_OK;
}

static rh_status read_spans(cursor *in, rh_pack_table *table, rh_error *err)
{
    for (size_t i = 0; i < table->span_count; i++) {
        rh_pack_span *span = &table->spans[i];
        uint64_t from;
        uint64_t to;
        uint64_t first;
        uint64_t count;

        if (!take_bytes(in, span->table, RH_PACK_SPAN_KEY_BYTES) ||
            !take_varint(in, UINT64_MAX, &from) || !take_varint(in, UINT64_MAX, &to) ||
            !take_varint(in, table->count, &first) ||
            !take_varint(in, table->count - first, &count) || count == 0)
            return rh_error_set(err, RH_EFORMAT, "span %zu of the table is damaged", i);
        span->from = rh_unzigzag(from);
        span->to = rh_unzigzag(to);
        span->first = (uint32_t)first;
        span->count = (uint32_t)count;
    }
    if (in->left != 0)
        return damaged(err, "the table is longer than its entries");
    return RH_OK;
}

static rh_status table_alloc(rh_pack_table *table, size_t body, bool hashed, rh_error *err)
{
    size_t least = RH_ID_BYTES + 4 + (hashed ? RH_STORED_HASH_BYTES : 0);

    /* What the counts claim must be there before memory is taken for it. */
    if (table->count > RH_PACK_MAX_ENTRIES || table->span_count > table->count ||
        table->count * least + table->span_count * (RH_PACK_SPAN_KEY_BYTES + 4) > body)
        return damaged(err, "impossible number of entries in the table");
    table->entries = rh_mem_array(table->count, sizeof *table->entries);
    table->spans = rh_mem_array(table->span_count, sizeof *table->spans);
    return table->entries == NULL || table->spans == NULL ? rh_error_oom(err) : RH_OK;
}

rh_status rh_pack_table_read(const uint8_t *data, size_t len, const rh_pack_header *header,
                             uint64_t file_bytes, rh_pack_table *out, rh_error *err)
{
    rh_pack_table table = {0};
    cursor in;
    rh_status status;

    if (len < RH_PACK_TABLE_MIN_BYTES || len > file_bytes || file_bytes - len < header->bytes ||
        rh_get_u32(data) != table_frame_magic || rh_get_u32(data + 4) != len - FRAME_BYTES)
        return damaged(err, "the table is damaged");
    in.at = data + FRAME_BYTES + COUNTS_BYTES;
    in.left = len - FRAME_BYTES - COUNTS_BYTES - RH_PACK_TRAILER_BYTES;
    table.count = rh_get_u32(data + FRAME_BYTES);
    table.span_count = rh_get_u32(data + FRAME_BYTES + 4);
    status = table_alloc(&table, in.left, header->hashed, err);
    if (status == RH_OK)
        status = read_entries(&in, header, file_bytes - len, &table, err);
    if (status == RH_OK)
        status = read_spans(&in, &table, err);
    if (status == RH_OK)
        *out = table;
    else
        rh_pack_table_done(&table);
    return status;
}

void rh_pack_table_done(rh_pack_table *table)
{
    rh_mem_free(table->entries);
    rh_mem_free(table->spans);
    memset(table, 0, sizeof *table);
}

rh_status rh_pack_name(const void *header, size_t header_len, const void *table, size_t table_len,
                       char out[RH_REPO_PACK_NAME_BYTES], rh_error *err)
{
    uint8_t hash[RH_HASH_MAX_BYTES];
    rh_hasher *hasher = rh_hasher_new(RH_HASH_BLAKE2B_256, NULL);

    if (hasher == NULL)
        return rh_error_oom(err);
    rh_hasher_add(hasher, header, header_len);
    rh_hasher_add(hasher, table, table_len);
    rh_hasher_end(hasher, hash);
    rh_hasher_free(hasher);
    rh_hex_encode(hash, RH_ID_BYTES, out);
    return RH_OK;
}
