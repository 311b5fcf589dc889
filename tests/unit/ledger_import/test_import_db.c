/*
 * A ledger's tables as blocks: the forms of Counterparty's utxos_info, odd values, and every failed
 * allocation.
 */
/* mkdtemp(3) */
#define _XOPEN_SOURCE 700

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/fail_nth.h"
#include "core/call_session.h"
#include "core/fs.h"
#include "core/hash.h"
#include "ledger/import_db.h"

#define ID_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define ID_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static char dir[64];
static char *db, *out;

static int setup(void **state)
{
    (void)state;
    rh_mem_adopt_jansson();
    memcpy(dir, "/tmp/rh-ledger-XXXXXX", sizeof "/tmp/rh-ledger-XXXXXX");
    assert_non_null(mkdtemp(dir));
    db = rh_fs_join(dir, "ledger.db");
    out = rh_fs_join(dir, "ledger.workload");
    return rh_crypto_start(NULL) == RH_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    rh_mem_free(db);
    rh_mem_free(out);
    assert_int_equal(RH_OK, rh_fs_remove_tree(dir, NULL));
    return 0;
}

/* A fresh database with the tables of one transaction and what the statements add. */
static void make_db(const char *sql)
{
    const char *setup_sql[] = {
        "CREATE TABLE blocks(block_index, block_hash, block_time)",
        "CREATE TABLE transactions(block_index, tx_index, tx_hash, source, destination, "
        "btc_amount, utxos_info)",
        sql,
        NULL,
    };
    rh_call_options options = RH_CALL_OPTIONS_INIT;
    rh_call_session *session = NULL;

    (void)!rh_fs_remove_tree(db, NULL);
    assert_int_equal(rh_fs_write(db, 0600, "", 0, NULL), RH_OK);
    options.setup = setup_sql;
    options.writes = true;
    assert_int_equal(rh_call_open(db, &options, &session, NULL), RH_OK);
    rh_call_close(session);
}

static rh_status import(rh_import_db_report *report, rh_error *err)
{
    const rh_workload_writer_options file = {
        .engine = RH_ENGINE_SQLITE, .tool_version = "0", .replace = true};
    rh_workload_writer_options with_settings = file;
    rh_db_mapping mapping;
    const rh_import_db_options options = {.mapping = &mapping, .from_height = -1, .to_height = -1};
    rh_ledger_writer *writer = NULL;
    json_t *settings = json_pack("{s:{}}", "ledger");
    rh_status status;

    if (settings == NULL)
        return rh_error_oom(err);
    with_settings.settings = settings;
    rh_db_mapping_init(&mapping);
    status = rh_ledger_writer_create(out, &with_settings, &writer, err);
    if (status == RH_OK)
        status = rh_import_db(db, &options, writer, report, err);
    if (status == RH_OK)
        status = rh_ledger_writer_commit(writer, err);
    rh_ledger_writer_free(writer);
    json_decref(settings);
    return status;
}

static rh_ledger_block *import_block(rh_import_db_report *report)
{
    rh_ledger_reader *reader = NULL;
    rh_ledger_block *block = NULL;

    assert_int_equal(import(report, NULL), RH_OK);
    assert_int_equal(rh_ledger_reader_open(out, &reader, NULL), RH_OK);
    assert_int_equal(rh_ledger_reader_next(reader, &block, NULL), RH_OK);
    rh_ledger_reader_close(reader);
    return block;
}

static const struct {
    const char *utxos;
    const char *outpoints; /* of the inputs, each followed by a blank; "-" for none */
    int64_t vout;          /* of the output; -2: there is no output */
} forms[] = {
    {ID_B ":0", "- ", -1},
    {ID_A ":3", "- ", 3},
    {ID_B ":0 " ID_B ":1 " ID_A ":2", ID_B ":0 " ID_B ":1 ", 2},
    {ID_B ":0," ID_B ":9 " ID_A ":2 3 1", ID_B ":0 " ID_B ":9 ", 2},
    {ID_B ":0," ID_B ":9  3 ", ID_B ":0 " ID_B ":9 ", -2},
    {" " ID_A ":0 2 1", "- ", 0},
    {"   ", "- ", -2},
    {"nonsense", "- ", -1},
    {"nonsense " ID_A ":18446744073709551616", "- ", -1},
    {ID_B ":1 " ID_B ":2 " ID_B ":3 " ID_A ":4", ID_B ":1 " ID_B ":2 " ID_B ":3 ", 4},
};

static void utxos_info_is_read_in_both_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        rh_import_db_report report;
        char sql[1024], got[512] = "";
        rh_ledger_block *block;

        (void)snprintf(sql, sizeof sql,
                       "INSERT INTO blocks VALUES (7, 'h', 1); INSERT INTO transactions VALUES "
                       "(7, 1, '" ID_A "', 'me', NULL, NULL, '%s')",
                       forms[i].utxos);
        make_db(sql);
        block = import_block(&report);
        for (size_t j = 0; j < block->input_count; j++) {
            const char *outpoint = block->inputs[j].outpoint;

            (void)snprintf(got + strlen(got), sizeof got - strlen(got), "%s ",
                           outpoint == NULL ? "-" : outpoint);
        }
        assert_string_equal(got, forms[i].outpoints);
        assert_int_equal(block->output_count, forms[i].vout == -2 ? 0 : 1);
        if (block->output_count == 1)
            assert_int_equal(block->outputs[0].vout, forms[i].vout);
        rh_ledger_block_free(block);
    }
}

static void odd_values_are_unknown_and_counted(void **state)
{
    rh_import_db_report report;
    rh_ledger_block *block;

    (void)state;
    make_db("INSERT INTO blocks VALUES (7, x'00ff', 9223372036854775807), ('eight', 'h', 'then'), "
            "(NULL, NULL, NULL);"
            "INSERT INTO transactions VALUES (7, 1, x'0011', '', 'you', 'a lot', NULL), "
            "(NULL, 2, 'x', NULL, NULL, NULL, NULL), (7, NULL, 'y', NULL, NULL, NULL, NULL)");
    block = import_block(&report);
    assert_int_equal(block->height, 7);
    assert_string_equal(block->hash, "00ff");
    assert_int_equal(block->tx_count, 1);
    assert_string_equal(block->txs[0].txid, "0011");
    assert_int_equal(block->input_count, 0);
    assert_string_equal(block->outputs[0].address, "you");
    assert_int_equal(block->outputs[0].value, -1);
    assert_int_equal(report.output_values, 1);
    assert_int_equal(report.rows_without_block, 4);
    rh_ledger_block_free(block);
}

static rh_status import_body(void *ctx, rh_error *err)
{
    rh_import_db_report report;

    (void)ctx;
    return import(&report, err);
}

static void each_failed_allocation_is_told(void **state)
{
    (void)state;
    make_db("INSERT INTO blocks VALUES (7, 'h', 1), (8, 'i', 2); CREATE TABLE "
            "transaction_outputs(block_index, tx_index, out_index, destination, btc_amount);"
            "INSERT INTO transaction_outputs VALUES (8, 1, 0, 'x', 5);"
            "INSERT INTO transactions VALUES (7, 1, '" ID_A "', 'me', 'you', 5, '" ID_B ":1 " ID_A
            ":0'), (8, 1, '" ID_B "', 'me', 'you', 5, NULL)");
    assert_true(fail_nth(import_body, NULL) > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utxos_info_is_read_in_both_forms),
        cmocka_unit_test(odd_values_are_unknown_and_counted),
        cmocka_unit_test(each_failed_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
