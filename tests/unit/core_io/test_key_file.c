/* Key files. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/key_file.h"
#include "fail_nth.h"
#include "scratch.h"

static rh_key new_key(rh_key_kind kind)
{
    rh_key key;

    memset(&key, 0, sizeof key);
    key.kind = kind;
    if (kind == RH_KEY_MASK) {
        rh_random(key.mask_key, sizeof key.mask_key);
        return key;
    }
    rh_seal_pair_new(&key.pair);
    rh_random(key.id_key, sizeof key.id_key);
    if (kind == RH_KEY_SEAL_WRITER)
        memset(key.pair.secret_key, 0, sizeof key.pair.secret_key);
    return key;
}

static void keys_of_every_kind_come_back(void **state)
{
    static const char *const names[] = {"secret.key", "writer.key", "mask.key"};
    static const unsigned modes[] = {0600, 0644, 0600};

    (void)state;
    (void)umask(0);
    for (size_t i = 0; i < 3; i++) {
        rh_key key = new_key((rh_key_kind)i);
        rh_key back;
        struct stat st;

        assert_int_equal(rh_key_write(scratch(names[i]), &key, NULL), RH_OK);
        assert_int_equal(stat(scratch(names[i]), &st), 0);
        assert_int_equal(st.st_mode & 0777u, modes[i]);
        assert_int_equal(rh_key_read(scratch(names[i]), &back, NULL), RH_OK);
        assert_memory_equal(&back, &key, sizeof key);
    }
    assert_int_equal(scratch_entries(), 3);
}

static void writer_file_holds_no_secret(void **state)
{
    rh_key key = new_key(RH_KEY_SEAL_SECRET);
    rh_key back;

    (void)state;
    key.kind = RH_KEY_SEAL_WRITER;
    assert_int_equal(rh_key_write(scratch("w"), &key, NULL), RH_OK);
    assert_int_equal(rh_key_read(scratch("w"), &back, NULL), RH_OK);

    static const uint8_t zeros[RH_SEAL_SECRET_BYTES];

    assert_memory_equal(back.pair.secret_key, zeros, sizeof zeros);
    assert_memory_equal(back.id_key, key.id_key, sizeof key.id_key);
}

static void keys_are_never_overwritten(void **state)
{
    rh_key key = new_key(RH_KEY_MASK);
    rh_key other = new_key(RH_KEY_MASK);
    rh_key back;
    rh_error err = RH_ERROR_INIT;
    size_t entries = 0;

    (void)state;
    assert_int_equal(rh_key_write(scratch("once"), &key, NULL), RH_OK);
    entries = scratch_entries();
    assert_int_equal(rh_key_write(scratch("once"), &other, &err), RH_EEXISTS);
    assert_string_not_equal(err.hint, "");
    assert_int_equal(scratch_entries(), entries);
    assert_int_equal(rh_key_read(scratch("once"), &back, NULL), RH_OK);
    assert_memory_equal(&back, &key, sizeof key);
    assert_int_equal(rh_key_write(scratch("no/dir"), &key, NULL), RH_EIO);
}

static void secrets_that_others_may_read_are_refused(void **state)
{
    rh_key key = new_key(RH_KEY_SEAL_SECRET);
    rh_key back;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    memset(&back, 7, sizeof back);
    assert_int_equal(rh_key_write(scratch("open"), &key, NULL), RH_OK);
    assert_int_equal(chmod(scratch("open"), 0640), 0);
    assert_int_equal(rh_key_read(scratch("open"), &back, &err), RH_EKEY);
    assert_non_null(strstr(err.hint, "chmod 600"));
    assert_int_equal(back.id_key[0], 7);
    assert_int_equal(chmod(scratch("open"), 0400), 0);
    assert_int_equal(rh_key_read(scratch("open"), &back, NULL), RH_OK);
    assert_int_equal(symlink("open", scratch("link")), 0);
    assert_int_equal(rh_key_read(scratch("link"), &back, NULL), RH_OK);
}

static void other_files_are_refused_without_telling_their_content(void **state)
{
#define HEX64 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
    static const char *const bad[] = {
        "",
        "not json",
        "[]",
        "7",
        "{}",
        "{\"rehearse_key\": \"1\", \"kind\": \"mask\", \"key\": \"" HEX64 "\"}",
        "{\"rehearse_key\": 2, \"kind\": \"mask\", \"key\": \"" HEX64 "\"}",
        "{\"rehearse_key\": 1, \"kind\": \"other\", \"key\": \"" HEX64 "\"}",
        "{\"rehearse_key\": 1, \"kind\": 5, \"key\": \"" HEX64 "\"}",
        "{\"rehearse_key\": 1, \"kind\": \"mask\"}",
        "{\"rehearse_key\": 1, \"kind\": \"mask\", \"key\": \"" HEX64 "0\"}",
        "{\"rehearse_key\": 1, \"kind\": \"mask\", \"key\": \"x" HEX64 "\"}",
        "{\"rehearse_key\": 1, \"kind\": \"mask\", \"key\": 12}",
        "{\"rehearse_key\": 1, \"kind\": \"mask\", \"key\": \"" HEX64 "\" " HEX64 "}",
        "{\"rehearse_key\": 1, \"kind\": \"mask\", \"key\": \"" HEX64 "\"} trailing",
        "{\"rehearse_key\": 1, \"kind\": \"seal-secret\", \"public\": \"" HEX64 "\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        rh_key back;
        rh_error err = RH_ERROR_INIT;

        scratch_file("bad", bad[i]);
        assert_int_equal(chmod(scratch("bad"), 0600), 0);
        assert_int_equal(rh_key_read(scratch("bad"), &back, &err), RH_EKEY);
        assert_int_equal(err.code, RH_EKEY);
        assert_null(strstr(err.text, "00112233"));
        assert_null(strstr(err.hint, "00112233"));
    }
}

static void missing_and_unreadable_files_are_told_apart(void **state)
{
    rh_key back;
    rh_error err = RH_ERROR_INIT;
    static char large[100000];

    (void)state;
    assert_int_equal(rh_key_read(scratch("absent"), &back, &err), RH_ENOTFOUND);
    rh_error_clear(&err);
    assert_int_equal(rh_key_read(scratch_dir, &back, &err), RH_EKEY);
    assert_int_equal(err.code, RH_EKEY);
    rh_error_clear(&err);
    assert_int_equal(rh_fs_write(scratch("large"), 0600, large, sizeof large, NULL), RH_OK);
    assert_int_equal(rh_key_read(scratch("large"), &back, &err), RH_EKEY);
    assert_int_equal(err.code, RH_EKEY);
}

static void fingerprints_name_the_public_part(void **state)
{
    rh_key key = new_key(RH_KEY_SEAL_SECRET);
    rh_key mask = new_key(RH_KEY_MASK);
    char a[17];
    char b[17];

    (void)state;
    rh_key_fingerprint(&key, a);
    assert_int_equal(strlen(a), 16);
    key.kind = RH_KEY_SEAL_WRITER;
    rh_random(key.id_key, sizeof key.id_key);
    rh_key_fingerprint(&key, b);
    assert_string_equal(a, b);
    rh_key_fingerprint(&mask, a);
    rh_key_fingerprint(&mask, b);
    assert_string_equal(a, b);
    mask.mask_key[0] ^= 1;
    rh_key_fingerprint(&mask, b);
    assert_string_not_equal(a, b);
}

static rh_status write_and_read(void *ctx, rh_error *err)
{
    rh_key key = new_key(RH_KEY_SEAL_SECRET);
    rh_key back;
    rh_status status = rh_key_write(scratch("nth"), &key, err);

    (void)ctx;
    if (status == RH_OK)
        status = rh_key_read(scratch("nth"), &back, err);
    assert_int_equal(rh_fs_remove(scratch("nth"), NULL), RH_OK);
    return status;
}

static void keys_survive_each_failed_allocation(void **state)
{
    size_t entries = scratch_entries();

    (void)state;
    assert_true(fail_nth(write_and_read, NULL) >= 5);
    assert_int_equal(scratch_entries(), entries);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_every_kind_come_back),
        cmocka_unit_test(writer_file_holds_no_secret),
        cmocka_unit_test(keys_are_never_overwritten),
        cmocka_unit_test(secrets_that_others_may_read_are_refused),
        cmocka_unit_test(other_files_are_refused_without_telling_their_content),
        cmocka_unit_test(missing_and_unreadable_files_are_told_apart),
        cmocka_unit_test(fingerprints_name_the_public_part),
        cmocka_unit_test(keys_survive_each_failed_allocation),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
