/*
 * Double SHA-256: the block that everybody knows, in one piece and in parts, with and without
 * libcrypto's context.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes.h"
#include "core/sha256d.h"

/* Bitcoin's genesis header; its hash is shown back to front. */
static const char header_hex[] = "0100000000000000000000000000000000000000000000000000000000000000"
                                 "000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa"
                                 "4b1e5e4a29ab5f49ffff001d1dac2b7c";
static const char hash_hex[] = "6fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000";

static void check(rh_sha256d *sha)
{
    uint8_t header[80], want[32], out[32];

    assert_int_equal(rh_hex_decode(header_hex, sizeof header, header), 0);
    assert_int_equal(rh_hex_decode(hash_hex, sizeof want, want), 0);
    for (size_t cut = 0; cut <= sizeof header; cut++) {
        const rh_sha256d_part parts[] = {{header, cut}, {NULL, 0}, {header + cut, 80 - cut}};

        memset(out, 0, sizeof out);
        rh_sha256d_parts(sha, parts, 3, out);
        assert_memory_equal(out, want, sizeof want);
    }
    memset(out, 0, sizeof out);
    rh_sha256d_of(sha, header, sizeof header, out);
    assert_memory_equal(out, want, 4);
    assert_int_equal(out[4], 0);
}

static void genesis_header_has_its_hash_in_any_parts(void **state)
{
    rh_sha256d *sha = rh_sha256d_new();

    (void)state;
    assert_non_null(sha);
    check(sha);
    rh_sha256d_free(sha);
}

static void without_a_context_the_hash_is_the_same(void **state)
{
    (void)state;
    check(NULL);
}

static void a_pair_may_be_hashed_into_its_own_place(void **state)
{
    uint8_t pair[64] = {1, 2, 3}, apart[32];
    const rh_sha256d_part all = {pair, sizeof pair};
    rh_sha256d *sha = rh_sha256d_new();

    (void)state;
    rh_sha256d_parts(sha, &all, 1, apart);
    rh_sha256d_parts(sha, &all, 1, pair);
    assert_memory_equal(pair, apart, 32);
    rh_sha256d_free(sha);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(genesis_header_has_its_hash_in_any_parts),
        cmocka_unit_test(without_a_context_the_hash_is_the_same),
        cmocka_unit_test(a_pair_may_be_hashed_into_its_own_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
