#include "ledger/db_mapping.h"

#include <stdio.h>

static const char *const part_names[RH_DB_PARTS] = {"blocks", "transactions", "inputs", "outputs"};

static const char *const column_names[RH_DB_COLUMNS + 1] = {
    "height",     "position",    "txid",  "hash",  "time",     "previous",
    "source",     "destination", "value", "utxos", "outpoint", "spent_txid",
    "spent_vout", "address",     "vout",  "kind",  NULL,
};

static const rh_db_column block_columns[] = {RH_DB_HEIGHT, RH_DB_HASH, RH_DB_TIME, RH_DB_PREVIOUS,
                                             RH_DB_COLUMNS};
static const rh_db_column tx_columns[] = {RH_DB_HEIGHT, RH_DB_POSITION,    RH_DB_TXID,
                                          RH_DB_SOURCE, RH_DB_DESTINATION, RH_DB_VALUE,
                                          RH_DB_UTXOS,  RH_DB_COLUMNS};
static const rh_db_column input_columns[] = {RH_DB_HEIGHT,   RH_DB_POSITION,   RH_DB_TXID,
                                             RH_DB_OUTPOINT, RH_DB_SPENT_TXID, RH_DB_SPENT_VOUT,
                                             RH_DB_ADDRESS,  RH_DB_VALUE,      RH_DB_COLUMNS};
static const rh_db_column output_columns[] = {RH_DB_HEIGHT, RH_DB_POSITION, RH_DB_TXID,
                                              RH_DB_VOUT,   RH_DB_ADDRESS,  RH_DB_VALUE,
                                              RH_DB_KIND,   RH_DB_COLUMNS};

static const rh_db_column *const part_columns[RH_DB_PARTS] = {block_columns, tx_columns,
                                                              input_columns, output_columns};

const char *rh_db_part_name(rh_db_part part)
{
    return part_names[part];
}

const char *rh_db_column_name(rh_db_column column)
{
    return column_names[column];
}

const rh_db_column *rh_db_part_columns(rh_db_part part)
{
    return part_columns[part];
}

void rh_db_mapping_init(rh_db_mapping *mapping)
{
    static const rh_db_mapping counterparty = {
        .parts = {
            [RH_DB_BLOCKS] = {.table = "blocks",
                              .columns = {[RH_DB_HEIGHT] = "block_index",
                                          [RH_DB_HASH] = "block_hash",
                                          [RH_DB_TIME] = "block_time",
                                          [RH_DB_PREVIOUS] = "previous_block_hash"}},
            [RH_DB_TRANSACTIONS] = {.table = "transactions",
                                    .columns = {[RH_DB_HEIGHT] = "block_index",
                                                [RH_DB_POSITION] = "tx_index",
                                                [RH_DB_TXID] = "tx_hash",
                                                [RH_DB_SOURCE] = "source",
                                                [RH_DB_DESTINATION] = "destination",
                                                [RH_DB_VALUE] = "btc_amount",
                                                [RH_DB_UTXOS] = "utxos_info"}},
            [RH_DB_OUTPUTS] = {.table = "transaction_outputs",
                               .columns = {[RH_DB_HEIGHT] = "block_index",
                                           [RH_DB_POSITION] = "tx_index",
                                           [RH_DB_VOUT] = "out_index",
                                           [RH_DB_ADDRESS] = "destination",
                                           [RH_DB_VALUE] = "btc_amount"}},
        }};

    *mapping = counterparty;
}

/* ---- the file ---- */

/* Tables of one's own have no column names of Counterparty's, but for what the file does not name:
 * those are taken where the table has them. */
static rh_status read_column(const rh_doc *doc, const json_t *section, rh_db_column column,
                             rh_db_names *out, rh_error *err)
{
    const char *key = column_names[column];
    const json_t *value = json_object_get(section, key);

    if (value == NULL)
        return RH_OK;
    if (!json_is_null(value) && (!json_is_string(value) || json_string_length(value) == 0))
        return rh_doc_error(doc, rh_doc_value_pos(doc, section, key), err,
                            "'%s' must be the name of a column, or ~ for none", key);
    out->columns[column] = json_string_value(value);
    out->asked[column] = json_is_string(value);
    return RH_OK;
}

static rh_status read_table(const rh_doc *doc, const json_t *section, rh_db_names *out,
                            rh_error *err)
{
    const json_t *table = json_object_get(section, "table");

    if (table == NULL)
        return RH_OK;
    if (!json_is_string(table) || json_string_length(table) == 0)
        return rh_doc_error(doc, rh_doc_value_pos(doc, section, "table"), err,
                            "'table' must be the name of a table or view");
    out->table = json_string_value(table);
    out->table_asked = true;
    return RH_OK;
}

/* What a part cannot do without. */
static rh_status check_part(const rh_doc *doc, rh_doc_pos pos, rh_db_part part,
                            const rh_db_names *names, rh_error *err)
{
    const char *const *c = names->columns;

    if (part == RH_DB_BLOCKS && c[RH_DB_HEIGHT] == NULL)
        return rh_doc_error(doc, pos, err, "'blocks' needs a 'height'");
    if (part == RH_DB_TRANSACTIONS && (c[RH_DB_HEIGHT] == NULL || c[RH_DB_POSITION] == NULL))
        return rh_doc_error(doc, pos, err, "'transactions' needs 'height' and 'position'");
    if (part < RH_DB_INPUTS)
        return RH_OK;
    if (names->table == NULL)
        return rh_doc_error(doc, pos, err, "'%s' needs a 'table'", part_names[part]);
    if (c[RH_DB_TXID] == NULL && (c[RH_DB_HEIGHT] == NULL || c[RH_DB_POSITION] == NULL))
        return rh_doc_error(doc, pos, err,
                            "'%s' needs 'txid', or 'height' and 'position', of its transaction",
                            part_names[part]);
    return RH_OK;
}

/* Where the file says how rows belong to their transaction, the other way does not stand by
 * default.
 */
static void choose_link(const json_t *section, rh_db_names *names)
{
    if (json_object_get(section, "txid") != NULL && json_object_get(section, "height") == NULL &&
        json_object_get(section, "position") == NULL) {
        names->columns[RH_DB_HEIGHT] = NULL;
        names->columns[RH_DB_POSITION] = NULL;
    }
}

static rh_status read_part(const rh_doc *doc, const json_t *root, rh_db_part part,
                           rh_db_names *names, rh_error *err)
{
    const char *name = part_names[part];
    const json_t *section = json_object_get(root, name);
    const char *known[RH_DB_COLUMNS + 2] = {"table"};
    rh_doc_pos pos = rh_doc_value_pos(doc, root, name);
    char where[32];
    rh_status status;

    if (section == NULL)
        return RH_OK;
    if (part >= RH_DB_INPUTS && json_is_null(section)) {
        *names = (rh_db_names){.table = NULL};
        return RH_OK;
    }
    if (!json_is_object(section))
        return rh_doc_error(doc, pos, err, "'%s' must be a mapping of columns", name);
    for (size_t i = 0; part_columns[part][i] != RH_DB_COLUMNS; i++)
        known[i + 1] = column_names[part_columns[part][i]];
    (void)snprintf(where, sizeof where, "in '%s'", name);
    status = rh_doc_check_keys(doc, section, known, where, err);
    if (status == RH_OK)
        status = read_table(doc, section, names, err);
    for (size_t i = 0; status == RH_OK && part_columns[part][i] != RH_DB_COLUMNS; i++)
        status = read_column(doc, section, part_columns[part][i], names, err);
    if (status != RH_OK)
        return status;
    choose_link(section, names);
    return check_part(doc, pos, part, names, err);
}

static rh_status read_root(rh_db_mapping *mapping, rh_error *err)
{
    static const char *const known[] = {"version", "blocks",  "transactions",
                                        "inputs",  "outputs", NULL};
    const rh_doc *doc = mapping->doc;
    const json_t *root = rh_doc_root(doc);
    const json_t *version = json_object_get(root, "version");
    rh_status status;

    if (!json_is_object(root))
        return rh_error_set(err, RH_ECONFIG,
                            "%s: a mapping file is a mapping with 'blocks', 'transactions' ...",
                            rh_doc_name(doc));
    status = rh_doc_check_keys(doc, root, known, "in a mapping file", err);
    if (status == RH_OK && version != NULL && json_integer_value(version) != 1)
        status = rh_doc_error(doc, rh_doc_value_pos(doc, root, "version"), err,
                              "this program reads version 1 of mapping files");
    for (int part = 0; status == RH_OK && part < RH_DB_PARTS; part++)
        status = read_part(doc, root, (rh_db_part)part, &mapping->parts[part], err);
    return status;
}

static rh_status finish(rh_doc *doc, rh_db_mapping *out, rh_error *err)
{
    rh_db_mapping mapping;
    rh_status status;

    rh_db_mapping_init(&mapping);
    mapping.doc = doc;
    status = read_root(&mapping, err);
    if (status == RH_OK)
        *out = mapping;
    else
        rh_db_mapping_done(&mapping);
    return status;
}

rh_status rh_db_mapping_read(const char *path, rh_db_mapping *out, rh_error *err)
{
    rh_doc *doc = NULL;
    rh_status status = rh_doc_read(path, &doc, err);

    return status == RH_OK ? finish(doc, out, err) : status;
}

rh_status rh_db_mapping_parse(const char *name, const char *text, size_t len, rh_db_mapping *out,
                              rh_error *err)
{
    rh_doc *doc = NULL;
    rh_status status = rh_doc_parse(name, text, len, &doc, err);

    return status == RH_OK ? finish(doc, out, err) : status;
}

void rh_db_mapping_done(rh_db_mapping *mapping)
{
    rh_doc_free(mapping->doc);
    mapping->doc = NULL;
}
