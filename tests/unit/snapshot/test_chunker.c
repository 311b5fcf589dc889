/*
 * Chunk boundaries: content decides, limits hold, nothing is lost.
 */
#include "repo_fixture.h"

#include <string.h>

#include "chunker.h"
#include "core/mem.h"

enum { MAX_CHUNKS = 4096 };

static const rh_chunk_limits limits = {4096, 16384, 65536};
static uint8_t secret[RH_ROW_SECRET_BYTES];

/* What came out of a chunker. */
typedef struct chunks {
    rh_buf bytes;
    size_t ends[MAX_CHUNKS];
    uint32_t rows[MAX_CHUNKS];
    rh_chunk_kind kinds[MAX_CHUNKS];
    size_t count;
    rh_u128 row_hash;
} chunks;

static rh_status collect(void *ctx, const uint8_t *data, size_t len, uint32_t rows,
                         rh_chunk_kind kind, rh_error *err)
{
    chunks *out = ctx;

    assert_true(out->count < MAX_CHUNKS);
    assert_true(len > 0);
    out->rows[out->count] = rows;
    out->kinds[out->count] = kind;
    if (rh_buf_append(&out->bytes, data, len, err) != RH_OK)
        return RH_ENOMEM;
    out->ends[out->count++] = out->bytes.len;
    return RH_OK;
}

/* Rows [from, to) in batches of per_batch rows. */
static chunks *cut(row_maker make, int64_t from, int64_t to, size_t per_batch)
{
    chunks *out = rh_mem_zalloc(sizeof *out);
    rh_batch_builder builder;
    rh_chunker chunker;

    assert_non_null(out);
    rh_batch_builder_init(&builder, 0);
    rh_chunker_init(&chunker, &limits, secret, collect, out);
    rh_chunker_begin(&chunker);
    for (int64_t i = from; i < to; i++) {
        assert_int_equal(make(i, &builder.data, NULL), RH_OK);
        assert_int_equal(rh_batch_builder_end_row(&builder, NULL), RH_OK);
        if (builder.rows == per_batch || i + 1 == to) {
            const rh_batch batch = rh_batch_builder_view(&builder);

            assert_int_equal(rh_chunker_rows(&chunker, &batch, NULL), RH_OK);
            rh_batch_builder_clear(&builder);
        }
    }
    assert_int_equal(rh_chunker_end(&chunker, NULL), RH_OK);
    assert_int_equal(chunker.total_rows, to - from);
    assert_int_equal((size_t)chunker.total_bytes, out->bytes.len);
    out->row_hash = chunker.row_hash;
    rh_chunker_done(&chunker);
    rh_batch_builder_done(&builder);
    return out;
}

static void chunks_free(chunks *list)
{
    rh_buf_done(&list->bytes);
    rh_mem_free(list);
}

static size_t start_of(const chunks *list, size_t i)
{
    return i == 0 ? 0 : list->ends[i - 1];
}

static bool has(const chunks *list, const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->ends[i] - start_of(list, i) == len &&
            memcmp(list->bytes.data + start_of(list, i), data, len) == 0)
            return true;
    return false;
}

static size_t chunks_not_in(const chunks *list, const chunks *other)
{
    size_t missing = 0;

    for (size_t i = 0; i < list->count; i++)
        if (!has(other, list->bytes.data + start_of(list, i), list->ends[i] - start_of(list, i)))
            missing++;
    return missing;
}

static void chunks_are_whole_rows_within_the_limits(void **state)
{
    chunks *list = cut(make_customer, 0, 20000, 100);
    int64_t rows = 0;

    (void)state;
    for (size_t i = 0; i < list->count; i++) {
        size_t len = list->ends[i] - start_of(list, i);

        assert_int_equal(list->kinds[i], RH_CHUNK_ROWS);
        assert_true(len <= limits.max);
        assert_true(len >= limits.min || i + 1 == list->count);
        assert_int_equal(list->bytes.data[list->ends[i] - 1], '\n');
        rows += list->rows[i];
    }
    assert_int_equal(rows, 20000);
    assert_in_range(list->bytes.len / list->count, 13000, 19000);
    chunks_free(list);
}

static void batches_do_not_matter(void **state)
{
    chunks *one = cut(make_customer, 0, 5000, 5000);
    static const size_t sizes[] = {1, 7, 100, 1000};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        chunks *other = cut(make_customer, 0, 5000, sizes[i]);

        assert_int_equal(other->count, one->count);
        assert_memory_equal(other->ends, one->ends, one->count * sizeof *one->ends);
        assert_int_equal(other->bytes.len, one->bytes.len);
        assert_memory_equal(other->bytes.data, one->bytes.data, one->bytes.len);
        assert_memory_equal(&other->row_hash, &one->row_hash, sizeof one->row_hash);
        chunks_free(other);
    }
    chunks_free(one);
}

static void a_change_touches_only_chunks_near_it(void **state)
{
    chunks *before = cut(make_customer, 0, 20000, 500);
    chunks *after = cut(make_changed_customer, 0, 20000, 500);
    size_t changed = chunks_not_in(after, before);

    (void)state;
    /* 20 rows were changed: each may move the boundaries of its own chunk and a few behind it. */
    assert_in_range(changed, 15, 60);
    chunks_free(before);
    chunks_free(after);
}

static void rows_removed_in_front_do_not_move_later_boundaries(void **state)
{
    chunks *all = cut(make_customer, 0, 20000, 500);
    chunks *fewer = cut(make_customer, 777, 20000, 500);

    (void)state;
    assert_in_range(chunks_not_in(fewer, all), 0, 8);
    chunks_free(all);
    chunks_free(fewer);
}

static void the_row_hash_does_not_depend_on_the_order(void **state)
{
    chunks *all = cut(make_customer, 0, 300, 10);
    chunks *last = cut(make_customer, 100, 300, 10);
    chunks *first = cut(make_customer, 0, 100, 10);

    (void)state;
    rh_u128_add(&last->row_hash, first->row_hash);
    assert_memory_equal(&last->row_hash, &all->row_hash, sizeof all->row_hash);
    chunks_free(all);
    chunks_free(last);
    chunks_free(first);
}

static const size_t row_lengths[] = {10, 65535,   10,      65536,   65537,
                                     10, 1048576, 1048577, 3145728, 10};

static rh_status make_length(int64_t i, rh_buf *out, rh_error *err)
{
    rh_status status = rh_buf_reserve(out, row_lengths[i], err);

    if (status == RH_OK) {
        memset(out->data + out->len, 'x', row_lengths[i]);
        out->len += row_lengths[i];
        out->data[out->len - 1] = '\n';
    }
    return status;
}

static void long_rows_are_chunks_of_their_own_or_pieces(void **state)
{
    chunks *list = cut(make_length, 0, 10, 3);
    static const size_t want[] = {10,      65535, 10,      65536,   65537,   10, 1048576,
                                  1048576, 1,     1048576, 1048576, 1048576, 10};
    static const bool part[] = {0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 1, 0, 0};

    (void)state;
    assert_int_equal(list->count, 13);
    for (size_t i = 0; i < 13; i++) {
        assert_int_equal(list->ends[i] - start_of(list, i), want[i]);
        assert_int_equal(list->kinds[i], part[i] ? RH_CHUNK_PART : RH_CHUNK_ROWS);
        assert_int_equal(list->rows[i], part[i] ? 0 : 1);
    }
    chunks_free(list);
}

static void an_empty_range_has_no_chunks(void **state)
{
    chunks *list = cut(make_customer, 0, 0, 1);

    (void)state;
    assert_int_equal(list->count, 0);
    chunks_free(list);
}

static int prepare(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof secret; i++)
        secret[i] = (uint8_t)(i * 37 + 11);
    return rh_crypto_start(NULL) == RH_OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_are_whole_rows_within_the_limits),
        cmocka_unit_test(batches_do_not_matter),
        cmocka_unit_test(a_change_touches_only_chunks_near_it),
        cmocka_unit_test(rows_removed_in_front_do_not_move_later_boundaries),
        cmocka_unit_test(the_row_hash_does_not_depend_on_the_order),
        cmocka_unit_test(long_rows_are_chunks_of_their_own_or_pieces),
        cmocka_unit_test(an_empty_range_has_no_chunks),
    };

    return cmocka_run_group_tests(tests, prepare, NULL);
}
