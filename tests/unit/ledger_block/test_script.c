/*
 * Scripts and addresses: the published examples of BIP 173, 350 and 16, and Counterparty's form of
 * bare multisig.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes.h"
#include "ledger/script.h"

static const struct {
    const char *network, *script, *kind, *address;
} known[] = {
    {"mainnet", "76a91462e907b15cbf27d5425399ebf6f0fb50ebb88f1888ac", "p2pkh",
     "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"},
    {"testnet3", "76a91462e907b15cbf27d5425399ebf6f0fb50ebb88f1888ac", "p2pkh",
     "mpXwg4jMtRhuSpVq4xS3HFHmCmWp9NyGKt"},
    {"mainnet", "a914748284390f9e263a4b766a75d0633c50426eb87587", "p2sh",
     "3CK4fEwbMP7heJarmU4eqA3sMbVJyEnU3V"},
    {"mainnet", "0014751e76e8199196d454941c45d1b3a323f1433bd6", "p2wpkh",
     "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"},
    {"signet", "00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262", "p2wsh",
     "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7"},
    {"mainnet", "512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", "p2tr",
     "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"},
    {"mainnet",
     "5128751e76e8199196d454941c45d1b3a323f1433bd6751e76e8199196d454941c45d1b3a323f1433bd6",
     "witness", "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y"},
    {"mainnet", "6002751e", "witness", "bc1sw50qgdz25j"},
    {"mainnet", "6a0568656c6c6f", "op_return", ""},
    {"mainnet", "6a", "op_return", ""},
    {"mainnet",
     "4104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51"
     "e"
     "c112de5c384df7ba0b8d578a4c702b6bf11d5fac",
     "p2pk", ""},
    {"mainnet",
     "5121"
     "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
     "41"
     "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1"
     "1"
     "08a8fd17b448a68554199c47d08ffb10d4b8"
     "52ae",
     "multisig", "1_1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH_1EHNa6Q4Jz2uvNExL497mE43ikXhwF6kZm_2"},
    {"mainnet", "", "other", ""},
    {"mainnet", "51", "other", ""},
    {"mainnet", "0013751e76e8199196d454941c45d1b3a323f1433b", "other", ""},
    {"mainnet", "76a91462e907b15cbf27d5425399ebf6f0fb50ebb88f1888ad", "other", ""},
};

static void scripts_have_their_kind_and_address(void **state)
{
    rh_sha256d *sha = rh_sha256d_new();

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        const rh_network *network = NULL;
        char address[RH_SCRIPT_ADDRESS_TEXT];
        uint8_t bytes[300];
        size_t len = strlen(known[i].script) / 2;
        rh_script script;

        assert_int_equal(rh_network_by_name(known[i].network, &network, NULL), RH_OK);
        assert_int_equal(rh_hex_decode(known[i].script, len, bytes), 0);
        rh_script_read(bytes, len, &script);
        assert_string_equal(rh_script_kind_name(script.kind), known[i].kind);
        assert_int_equal(rh_script_address(sha, network, &script, address),
                         strlen(known[i].address));
        assert_string_equal(address, known[i].address);
    }
    rh_sha256d_free(sha);
}

static void a_multisig_of_sixteen_keys_fits(void **state)
{
    uint8_t bytes[3 + 16 * 34];
    char address[RH_SCRIPT_ADDRESS_TEXT];
    const rh_network *network = NULL;
    rh_script script;
    size_t len;

    (void)state;
    bytes[0] = 0x60;
    for (size_t i = 0; i < 16; i++) {
        bytes[1 + 34 * i] = 33;
        memset(bytes + 2 + 34 * i, (int)i + 1, 33);
    }
    bytes[sizeof bytes - 2] = 0x60;
    bytes[sizeof bytes - 1] = 0xae;
    rh_script_read(bytes, sizeof bytes, &script);
    assert_int_equal(script.kind, RH_SCRIPT_MULTISIG);
    assert_int_equal(script.keys_needed, 16);
    assert_int_equal(script.key_count, 16);
    assert_int_equal(rh_network_by_name("regtest", &network, NULL), RH_OK);
    len = rh_script_address(NULL, network, &script, address);
    assert_int_equal(len, strlen(address));
    assert_memory_equal(address, "16_", 3);
    assert_string_equal(address + strlen(address) - 3, "_16");
    bytes[sizeof bytes - 2] = 0x5f; /* says fifteen */
    rh_script_read(bytes, sizeof bytes, &script);
    assert_int_equal(script.kind, RH_SCRIPT_OTHER);
}

static void an_unknown_network_is_named(void **state)
{
    const rh_network *network = NULL;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(rh_network_by_name("litecoin", &network, &err), RH_EUSAGE);
    assert_non_null(strstr(err.text, "litecoin"));
    assert_null(network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scripts_have_their_kind_and_address),
        cmocka_unit_test(a_multisig_of_sixteen_keys_fits),
        cmocka_unit_test(an_unknown_network_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
