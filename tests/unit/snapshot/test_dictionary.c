/*
 * Dictionaries: when they are worth it, how they are kept, who can read them.
 */
#include "repo_fixture.h"

#include <string.h>
#include <zstd.h>

#include "core/mem.h"
#include "dictionary.h"
#include "fail_nth.h"
#include "pack_encoder.h"

enum { CHUNKS = 160 };

/* Chunks of generated rows, back to back. */
typedef struct sample {
    rh_buf bytes;
    size_t lengths[CHUNKS];
    uint64_t table_bytes;
    fixture *fix;
} sample;

static void sample_init(sample *out, row_maker make)
{
    int64_t row = 0;

    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < CHUNKS; i++) {
        size_t start = out->bytes.len;

        while (out->bytes.len - start < 12000)
            assert_int_equal(make(row++, &out->bytes, NULL), RH_OK);
        out->lengths[i] = out->bytes.len - start;
    }
    out->table_bytes = (uint64_t)1 << 30;
}

static rh_status train(const sample *from, rh_buf *out, rh_error *err)
{
    return rh_dict_train(from->bytes.data, from->lengths, CHUNKS, from->table_bytes, out, err);
}

static void rows_with_a_vocabulary_get_a_dictionary(void **state)
{
    sample rows;
    rh_buf dict = RH_BUF_INIT;

    (void)state;
    sample_init(&rows, make_customer);
    assert_int_equal(train(&rows, &dict, NULL), RH_OK);
    assert_in_range(dict.len, 1000, RH_DICT_TRAIN_BYTES);
    rh_buf_done(&dict);
    /* The same rows in a table that is hardly larger than the dictionary. */
    rows.table_bytes = 200000;
    assert_int_equal(train(&rows, &dict, NULL), RH_SKIPPED);
    assert_int_equal(dict.len, 0);
    rh_buf_done(&dict);
    rh_buf_done(&rows.bytes);
}

static void random_rows_get_none(void **state)
{
    sample rows;
    rh_buf dict = RH_BUF_INIT;

    (void)state;
    sample_init(&rows, make_event);
    assert_int_equal(train(&rows, &dict, NULL), RH_SKIPPED);
    assert_int_equal(dict.len, 0);
    rh_buf_done(&dict);
    rh_buf_done(&rows.bytes);
}

static void a_dictionary_is_found_again_by_its_id(void **state)
{
    sample rows;
    rh_buf raw = RH_BUF_INIT;

    (void)state;
    sample_init(&rows, make_customer);
    assert_int_equal(train(&rows, &raw, NULL), RH_OK);
    for (int sealed = 0; sealed < 2; sealed++) {
        fixture fix;
        rh_repo *repo;
        const rh_dict *dict = NULL;
        const rh_dict *again = NULL;
        rh_id hash;
        rh_id other = {{1}};
        uint32_t id;

        fixture_init(&fix, sealed);
        repo = fixture_open_writer(&fix);
        assert_int_equal(rh_dicts_add(rh_repo_dicts(repo), raw.data, raw.len, &dict, NULL), RH_OK);
        id = rh_dict_id(dict);
        hash = *rh_dict_file_hash(dict);
        assert_non_null(rh_dict_writer(dict));
        assert_non_null(rh_dict_reader(dict));
        assert_int_equal(rh_dicts_add(rh_repo_dicts(repo), raw.data, raw.len, &again, NULL),
                         RH_EEXISTS);
        rh_dicts_put(rh_repo_dicts(repo), dict);
        rh_repo_close(repo);

        repo = fixture_open_reader(&fix);
        assert_int_equal(rh_dicts_get(rh_repo_dicts(repo), id, &hash, &dict, NULL), RH_OK);
        assert_int_equal(rh_dicts_get_writer(rh_repo_dicts(repo), id, NULL, &again, NULL), RH_OK);
        assert_ptr_equal(dict, again);
        rh_dicts_put(rh_repo_dicts(repo), dict);
        rh_dicts_put(rh_repo_dicts(repo), again);
        assert_int_equal(rh_dicts_get(rh_repo_dicts(repo), id, &other, &dict, NULL), RH_EFORMAT);
        assert_int_equal(rh_dicts_get(rh_repo_dicts(repo), id ^ 1, NULL, &dict, NULL),
                         RH_ENOTFOUND);
        rh_repo_close(repo);
        fixture_done(&fix);
    }
    rh_buf_done(&raw);
    rh_buf_done(&rows.bytes);
}

/* The frame names the dictionary that it was made with and gives the chunk back. */
static void assert_frame(const rh_buf *frame, const rh_buf *dict, const uint8_t *data, size_t len)
{
    ZSTD_DCtx *context = ZSTD_createDCtx();
    uint8_t *back = rh_mem_array(len, 1);

    assert_int_equal(ZSTD_getDictID_fromFrame(frame->data, frame->len),
                     dict == NULL ? 0 : ZSTD_getDictID_fromDict(dict->data, dict->len));
    assert_int_equal(ZSTD_decompress_usingDict(context, back, len, frame->data, frame->len,
                                               dict == NULL ? NULL : dict->data,
                                               dict == NULL ? 0 : dict->len),
                     len);
    assert_memory_equal(back, data, len);
    (void)ZSTD_freeDCtx(context);
    rh_mem_free(back);
}

/* One encoder goes from dictionary to dictionary and back, with chunks as long as its room behind
 * the dictionary, longer ones, and none of both. */
static void an_encoder_follows_every_change_of_dictionary(void **state)
{
    static const size_t lengths[] = {1, 4096, 16384, 65536, 65537, 1000000, 12000};
    sample rows;
    rh_buf raw[2] = {RH_BUF_INIT, RH_BUF_INIT};
    rh_pack_dict dicts[2];
    rh_pack_encoder *encoder = rh_pack_encoder_new();

    (void)state;
    sample_init(&rows, make_customer);
    assert_non_null(encoder);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(train(&rows, &raw[i], NULL), RH_OK);
        dicts[i] = rh_pack_dict_of(raw[i].data, raw[i].len);
    }
    assert_true(dicts[0].serial != dicts[1].serial && dicts[0].serial != 0);
    for (size_t i = 0; i < 3 * sizeof lengths / sizeof lengths[0]; i++) {
        size_t len = lengths[i % 7];
        size_t with = i * 5 % 3; /* 2: none */
        rh_buf frame = RH_BUF_INIT;

        assert_int_equal(rh_pack_encode(encoder, with == 2 ? NULL : &dicts[with],
                                        rows.bytes.data + i * 1000, len, &frame, NULL),
                         RH_OK);
        assert_frame(&frame, with == 2 ? NULL : &raw[with], rows.bytes.data + i * 1000, len);
        rh_buf_done(&frame);
    }
    rh_pack_encoder_free(encoder);
    rh_pack_encoder_free(NULL);
    rh_buf_done(&raw[0]);
    rh_buf_done(&raw[1]);
    rh_buf_done(&rows.bytes);
}

static void a_writer_key_does_not_open_a_sealed_dictionary(void **state)
{
    sample rows;
    rh_buf raw = RH_BUF_INIT;
    fixture fix;
    rh_repo *repo;
    const rh_dict *dict = NULL;
    uint32_t id;

    (void)state;
    sample_init(&rows, make_customer);
    assert_int_equal(train(&rows, &raw, NULL), RH_OK);
    fixture_init(&fix, true);
    repo = fixture_open_writer(&fix);
    assert_int_equal(rh_dicts_add(rh_repo_dicts(repo), raw.data, raw.len, &dict, NULL), RH_OK);
    id = rh_dict_id(dict);
    rh_dicts_put(rh_repo_dicts(repo), dict);
    rh_repo_close(repo);
    repo = fixture_open_writer(&fix);
    assert_int_equal(rh_dicts_get(rh_repo_dicts(repo), id, NULL, &dict, NULL), RH_EKEY);
    rh_repo_close(repo);
    fixture_done(&fix);
    rh_buf_done(&raw);
    rh_buf_done(&rows.bytes);
}

/* ---- allocations ---- */

static rh_status train_and_keep(void *ctx, rh_error *err)
{
    const sample *rows = ctx;
    rh_repo_options options = RH_REPO_OPTIONS_INIT;
    const rh_dict *dict = NULL;
    rh_buf raw = RH_BUF_INIT;
    rh_repo *repo = NULL;
    rh_status status;

    options.write = true;
    status = rh_repo_open(rows->fix->repo_dir, &options, &repo, err);
    if (status == RH_OK)
        status = train(rows, &raw, err);
    if (status == RH_OK)
        status = rh_dicts_add(rh_repo_dicts(repo), raw.data, raw.len, &dict, err);
    if (status == RH_OK)
        rh_dicts_put(rh_repo_dicts(repo), dict);
    rh_repo_close(repo);
    rh_buf_done(&raw);
    return status;
}

static void every_failed_allocation_is_reported(void **state)
{
    fixture fix;
    sample rows;

    (void)state;
    fixture_init(&fix, false);
    rh_repo_close(fixture_open_writer(&fix));
    sample_init(&rows, make_customer);
    rows.fix = &fix;
    assert_true(fail_nth(train_and_keep, &rows) > 20);
    rh_buf_done(&rows.bytes);
    fixture_done(&fix);
}

static int prepare(void **state)
{
    (void)state;
    rh_mem_adopt_jansson();
    return rh_crypto_start(NULL) == RH_OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_with_a_vocabulary_get_a_dictionary),
        cmocka_unit_test(random_rows_get_none),
        cmocka_unit_test(a_dictionary_is_found_again_by_its_id),
        cmocka_unit_test(an_encoder_follows_every_change_of_dictionary),
        cmocka_unit_test(a_writer_key_does_not_open_a_sealed_dictionary),
        cmocka_unit_test(every_failed_allocation_is_reported),
    };

    return cmocka_run_group_tests(tests, prepare, NULL);
}
