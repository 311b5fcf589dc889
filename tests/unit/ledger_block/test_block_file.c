/*
 * Block files: raw, sequences with padding, obfuscated ones, and what is wrong with them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "block_build.h"
#include "core/bytes.h"
#include "core/fs.h"
#include "core/mem.h"
#include "fail_nth.h"
#include "ledger/block.h"
#include "ledger/block_file.h"
#include "ledger/rev_file.h"

static const uint8_t mainnet[] = {0xf9, 0xbe, 0xb4, 0xd9}, testnet3[] = {0x0b, 0x11, 0x09, 0x07};
static const uint8_t key[8] = {0x5a, 0, 0xff, 1, 2, 3, 4, 0x80};

typedef struct files {
    char dir[32];
    char *path, *key_path;
    rh_buf block;
} files;

static int setup(void **state)
{
    files *f = calloc(1, sizeof *f); /* NOLINT: a test's own */

    assert_non_null(f);
    (void)strncpy(f->dir, "/tmp/rh_block_XXXXXX", sizeof f->dir - 1);
    assert_non_null(mkdtemp(f->dir));
    f->path = rh_fs_join(f->dir, "blk00000.dat");
    f->key_path = rh_fs_join(f->dir, "xor.dat");
    build_block(&f->block);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    files *f = *state;

    assert_int_equal(rh_fs_remove_tree(f->dir, NULL), RH_OK);
    rh_mem_free(f->path);
    rh_mem_free(f->key_path);
    rh_buf_done(&f->block);
    free(f); /* NOLINT: a test's own */
    return 0;
}

static void add_block(rh_buf *out, const uint8_t magic[4], const rh_buf *block)
{
    uint8_t len[4];

    rh_put_u32(len, (uint32_t)block->len);
    assert_int_equal(rh_buf_append(out, magic, 4, NULL), RH_OK);
    assert_int_equal(rh_buf_append(out, len, 4, NULL), RH_OK);
    assert_int_equal(rh_buf_append(out, block->data, block->len, NULL), RH_OK);
}

static void pad(rh_buf *out, size_t bytes)
{
    while (bytes-- > 0)
        assert_int_equal(rh_buf_append_byte(out, 0, NULL), RH_OK);
}

static void encipher(rh_buf *data, size_t from)
{
    for (size_t i = from; i < data->len; i++)
        data->data[i] ^= key[i % 8];
}

static void write_file(const char *path, const rh_buf *data)
{
    assert_int_equal(rh_fs_write(path, 0600, data->data, data->len, NULL), RH_OK);
}

/* Number of blocks, each compared with f->block, or the error's status. */
static int count(const files *f, const rh_block_file_options *options, rh_error *err)
{
    rh_block_file *file = NULL;
    rh_status status = rh_block_file_open(f->path, options, &file, err);
    const uint8_t *data;
    size_t len;
    int blocks = 0;

    while (status == RH_OK) {
        status = rh_block_file_next(file, &data, &len, err);
        if (status == RH_OK) {
            assert_int_equal(len, f->block.len);
            assert_memory_equal(data, f->block.data, len);
            blocks++;
        }
    }
    rh_block_file_close(file);
    return status == RH_DONE ? blocks : (int)status;
}

static void a_raw_block_is_one(void **state)
{
    files *f = *state;
    rh_buf wrong = RH_BUF_INIT;

    write_file(f->path, &f->block);
    assert_int_equal(count(f, NULL, NULL), 1);
    /* the key of a node's folder is not for a raw block that lies there */
    assert_int_equal(rh_buf_append(&wrong, key, 8, NULL), RH_OK);
    write_file(f->key_path, &wrong);
    assert_int_equal(count(f, NULL, NULL), 1);
    rh_buf_done(&wrong);
}

static void a_sequence_may_have_padding_anywhere(void **state)
{
    files *f = *state;
    rh_buf data = RH_BUF_INIT;

    add_block(&data, testnet3, &f->block);
    add_block(&data, testnet3, &f->block);
    pad(&data, 13);
    add_block(&data, testnet3, &f->block);
    pad(&data, 70001);
    write_file(f->path, &data);
    assert_int_equal(count(f, NULL, NULL), 3);
    rh_buf_done(&data);
}

static void an_obfuscated_sequence_is_read_with_its_key(void **state)
{
    files *f = *state;
    rh_buf data = RH_BUF_INIT, key_file = RH_BUF_INIT;
    rh_block_file_options options = {NULL, NULL, 0};
    rh_error err = RH_ERROR_INIT;

    add_block(&data, mainnet, &f->block);
    add_block(&data, mainnet, &f->block);
    encipher(&data, 0);
    pad(&data, 21); /* as preallocated by the file system: zero as stored */
    write_file(f->path, &data);
    assert_int_equal(rh_buf_append(&key_file, key, 8, NULL), RH_OK);
    write_file(f->key_path, &key_file);
    assert_int_equal(count(f, NULL, NULL), 2);
    options.xor_key = f->key_path;
    assert_int_equal(count(f, &options, NULL), 2);
    key_file.len = 7;
    write_file(f->key_path, &key_file);
    assert_int_equal(count(f, &options, &err), RH_EFORMAT);
    assert_non_null(strstr(err.text, "7 bytes"));
    key_file.len = 8;
    key_file.data[0] ^= 1;
    write_file(f->key_path, &key_file);
    rh_error_clear(&err);
    assert_int_equal(count(f, &options, &err), RH_EFORMAT);
    assert_non_null(strstr(err.text, "magic"));
    rh_buf_done(&key_file);
    rh_buf_done(&data);
}

static void what_is_wrong_with_a_sequence_is_named(void **state)
{
    files *f = *state;
    rh_buf data = RH_BUF_INIT;
    rh_block_file_options options = {NULL, NULL, 0};
    rh_error err = RH_ERROR_INIT;

    add_block(&data, mainnet, &f->block);
    write_file(f->path, &data);
    assert_int_equal(rh_network_by_name("testnet3", &options.network, NULL), RH_OK);
    assert_int_equal(count(f, &options, &err), RH_EFORMAT);
    assert_non_null(strstr(err.text, "mainnet where testnet3"));

    rh_error_clear(&err);
    add_block(&data, testnet3, &f->block);
    write_file(f->path, &data);
    assert_int_equal(count(f, NULL, &err), RH_EFORMAT); /* another network behind */

    rh_error_clear(&err);
    data.len = f->block.len + 8 + 5;
    data.data[f->block.len + 8] = 0x77;
    write_file(f->path, &data);
    assert_int_equal(count(f, NULL, &err), RH_EFORMAT);
    assert_non_null(strstr(err.text, "neither the magic"));

    for (size_t len = 4; len < f->block.len + 8; len += 37) {
        rh_error_clear(&err);
        data.len = len;
        write_file(f->path, &data);
        assert_int_equal(count(f, NULL, &err), RH_EFORMAT);
    }
    rh_error_clear(&err);
    data.len = f->block.len + 8;
    rh_put_u32(data.data + 4, 0xfffffff0);
    write_file(f->path, &data);
    assert_int_equal(count(f, NULL, &err), RH_EFORMAT);
    assert_non_null(strstr(err.text, "4294967280 bytes"));
    rh_buf_done(&data);
}

static void an_empty_file_has_no_block_and_a_missing_one_is_named(void **state)
{
    files *f = *state;
    rh_buf data = RH_BUF_INIT;
    rh_error err = RH_ERROR_INIT;

    write_file(f->path, &data);
    assert_int_equal(count(f, NULL, NULL), 0);
    assert_int_equal(rh_fs_remove(f->path, NULL), RH_OK);
    assert_true(count(f, NULL, &err) < 0);
    assert_non_null(strstr(err.text, "blk00000.dat"));
}

static rh_status read_body(void *ctx, rh_error *err)
{
    int result = count(ctx, NULL, err);

    return result >= 0 ? RH_OK : (rh_status)result;
}

static void each_failed_allocation_is_told(void **state)
{
    files *f = *state;
    rh_buf data = RH_BUF_INIT;

    add_block(&data, mainnet, &f->block);
    write_file(f->path, &data);
    assert_true(fail_nth(read_body, f) > 2);
    rh_buf_done(&data);
}

/* A record of a node's rev file for f->block, or with a checksum of zeros. */
static void add_spent(rh_buf *out, const files *f, bool right)
{
    rh_buf data = RH_BUF_INIT;
    uint8_t sum[32] = {0};
    rh_block block;

    assert_int_equal(rh_block_open(f->block.data, f->block.len, &block, NULL), RH_OK);
    assert_int_equal(rh_buf_append_byte(&data, (uint8_t)(block.tx_count - 1), NULL), RH_OK);
    pad(&data, block.tx_count - 1); /* transactions without inputs */
    if (right) {
        const rh_sha256d_part parts[] = {{block.previous, 32}, {data.data, data.len}};

        rh_sha256d_parts(NULL, parts, 2, sum);
    }
    add_block(out, mainnet, &data);
    assert_int_equal(rh_buf_append(out, sum, sizeof sum, NULL), RH_OK);
    rh_buf_done(&data);
}

static void a_block_finds_what_it_spends_by_its_checksum(void **state)
{
    const rh_block_file_options options = {NULL, NULL, 0};
    const files *f = *state;
    rh_buf data = RH_BUF_INIT;
    rh_rev_file *rev = NULL;
    rh_block_output output;
    rh_block block;
    rh_undo undo;

    add_spent(&data, f, false);
    pad(&data, 3);
    add_spent(&data, f, true);
    write_file(f->path, &data);
    assert_int_equal(rh_rev_file_open(f->path, &options, &rev, NULL), RH_OK);
    assert_int_equal(rh_block_open(f->block.data, f->block.len, &block, NULL), RH_OK);
    assert_true(rh_rev_file_find(rev, NULL, &block, &undo));
    assert_int_equal(rh_undo_next(&undo, &output, NULL), RH_DONE);
    block.previous = f->block.data; /* another block */
    assert_false(rh_rev_file_find(rev, NULL, &block, &undo));
    rh_rev_file_close(rev);
    rh_buf_done(&data);
}

static rh_status rev_body(void *ctx, rh_error *err)
{
    const rh_block_file_options options = {NULL, NULL, 0};
    const files *f = ctx;
    rh_rev_file *rev = NULL;
    rh_status status = rh_rev_file_open(f->path, &options, &rev, err);

    assert_true((status == RH_OK) == (rev != NULL));
    rh_rev_file_close(rev);
    return status;
}

static void a_rev_file_survives_the_end_of_memory(void **state)
{
    files *f = *state;
    rh_buf data = RH_BUF_INIT;
    rh_error err = RH_ERROR_INIT;

    for (int i = 0; i < 300; i++) /* the list of records grows */
        add_spent(&data, f, true);
    write_file(f->path, &data);
    assert_true(fail_nth(rev_body, f) > 4);
    write_file(f->path, &f->block);
    assert_int_equal(rev_body(f, &err), RH_EFORMAT); /* a raw block */
    rh_buf_done(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_raw_block_is_one, setup, teardown),
        cmocka_unit_test_setup_teardown(a_sequence_may_have_padding_anywhere, setup, teardown),
        cmocka_unit_test_setup_teardown(an_obfuscated_sequence_is_read_with_its_key, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_is_wrong_with_a_sequence_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(an_empty_file_has_no_block_and_a_missing_one_is_named,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(each_failed_allocation_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_block_finds_what_it_spends_by_its_checksum, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_rev_file_survives_the_end_of_memory, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
