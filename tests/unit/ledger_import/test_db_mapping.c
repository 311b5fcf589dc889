/*
 * Mapping files: what stays Counterparty's, what a file changes, what is refused with its place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/fail_nth.h"
#include "ledger/db_mapping.h"

static const char file[] = "version: 1\n"
                           "blocks: {table: chain, height: no, time: ~}\n"
                           "inputs: {table: spends, txid: tx, outpoint: what}\n"
                           "outputs: ~\n";

static void a_file_changes_what_it_names(void **state)
{
    rh_db_mapping m;
    const rh_db_names *blocks = &m.parts[RH_DB_BLOCKS];

    (void)state;
    assert_int_equal(rh_db_mapping_parse("m.yaml", file, strlen(file), &m, NULL), RH_OK);
    assert_string_equal(blocks->table, "chain");
    assert_string_equal(blocks->columns[RH_DB_HEIGHT], "no");
    assert_true(blocks->table_asked && blocks->asked[RH_DB_HEIGHT]);
    assert_null(blocks->columns[RH_DB_TIME]);
    assert_string_equal(blocks->columns[RH_DB_HASH], "block_hash");
    assert_false(blocks->asked[RH_DB_HASH]);
    assert_string_equal(m.parts[RH_DB_TRANSACTIONS].columns[RH_DB_UTXOS], "utxos_info");
    assert_string_equal(m.parts[RH_DB_INPUTS].columns[RH_DB_OUTPOINT], "what");
    assert_null(m.parts[RH_DB_OUTPUTS].table);
    rh_db_mapping_done(&m);
}

static void its_own_way_to_the_transaction_replaces_the_default(void **state)
{
    static const char text[] = "outputs: {txid: tx}";
    rh_db_mapping m;

    (void)state;
    assert_int_equal(rh_db_mapping_parse("m.yaml", text, strlen(text), &m, NULL), RH_OK);
    assert_string_equal(m.parts[RH_DB_OUTPUTS].table, "transaction_outputs");
    assert_null(m.parts[RH_DB_OUTPUTS].columns[RH_DB_POSITION]);
    assert_null(m.parts[RH_DB_OUTPUTS].columns[RH_DB_HEIGHT]);
    rh_db_mapping_done(&m);
}

static void refused(const char *text, const char *where)
{
    rh_db_mapping m = {.doc = NULL};
    rh_error err = RH_ERROR_INIT;

    assert_int_equal(rh_db_mapping_parse("m.yaml", text, strlen(text), &m, &err), RH_ECONFIG);
    if (strncmp(err.text, where, strlen(where)) != 0)
        fail_msg("'%s' instead of '%s'", err.text, where);
    assert_null(m.doc);
}

static void what_is_wrong_has_a_place(void **state)
{
    (void)state;
    refused("blocks: {tabel: x}", "m.yaml:1:10: ");
    refused("blocks: {vout: x}", "m.yaml:1:10: ");
    refused("blocks: ~", "m.yaml:1:9: 'blocks' must be a mapping");
    refused("blocks: {table: [x]}", "m.yaml:1:17: 'table'");
    refused("blocks:\n  height: ~", "m.yaml:2:3: 'blocks' needs a 'height'");
    refused("transactions: {position: ~}", "m.yaml:1:15: 'transactions' needs");
    refused("transactions: {txid: 7}", "m.yaml:1:22: 'txid' must be the name of a column");
    refused("inputs: {txid: tx}", "m.yaml:1:9: 'inputs' needs a 'table'");
    refused("inputs: {table: t, height: h}", "m.yaml:1:9: 'inputs' needs 'txid'");
    refused("chains: {}", "m.yaml:1:1: ");
    refused("version: 2", "m.yaml:1:10: this program reads version 1");
    refused("[blocks]", "m.yaml: a mapping file");
    refused("blocks: {table: x", "m.yaml:");
}

static rh_status parse_body(void *ctx, rh_error *err)
{
    rh_db_mapping m = {.doc = NULL};
    rh_status status = rh_db_mapping_parse("m.yaml", file, strlen(file), &m, err);

    (void)ctx;
    if (status != RH_OK)
        assert_null(m.doc);
    rh_db_mapping_done(&m);
    return status;
}

static void each_failed_allocation_is_told(void **state)
{
    (void)state;
    rh_mem_adopt_jansson();
    assert_true(fail_nth(parse_body, NULL) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_failed_allocation_is_told),
        cmocka_unit_test(a_file_changes_what_it_names),
        cmocka_unit_test(its_own_way_to_the_transaction_replaces_the_default),
        cmocka_unit_test(what_is_wrong_has_a_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
