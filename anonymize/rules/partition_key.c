/*
 * PostgreSQL writes a key as "RANGE (at, kind COLLATE "C" text_ops)" (pg_get_partkeydef).
 */
#include "anonymize/partition_key.h"
#include "core/sql_name.h"

static size_t column_named(const rh_structure_table *table, const rh_sql_scan *scan,
                           const rh_sql_token *token)
{
    size_t i = 0;

    while (i < table->column_count &&
           !rh_sql_token_names(RH_SQL_POSTGRES, token, scan->text, table->columns[i].name))
        i++;
    return i;
}

/* Behind a column's name: COLLATE and operator class are names with dots. */
static bool ends_item(const rh_sql_token *token)
{
    return token->kind == RH_SQL_TOKEN_COMMA || token->kind == RH_SQL_TOKEN_CLOSE;
}

static bool goes_on(const rh_sql_scan *scan, const rh_sql_token *token)
{
    return token->kind == RH_SQL_TOKEN_WORD || token->kind == RH_SQL_TOKEN_IDENT ||
           rh_sql_token_is(token, scan->text, ".");
}

/* The first word of the key. */
static bool read_method(rh_sql_scan *scan, rh_partition_method *out)
{
    rh_sql_token token = rh_sql_scan_next_code(scan);

    if (rh_sql_token_is(&token, scan->text, "list"))
        *out = RH_PARTITION_LIST;
    else if (rh_sql_token_is(&token, scan->text, "hash"))
        *out = RH_PARTITION_HASH;
    else if (rh_sql_token_is(&token, scan->text, "range"))
        *out = RH_PARTITION_RANGE;
    else
        return false;
    return true;
}

bool rh_partition_is_by_hash(const rh_structure_table *table)
{
    rh_partition_method method;
    rh_sql_scan scan;

    if (table->partition_key == NULL)
        return false;
    scan = rh_sql_scan_of(RH_SQL_POSTGRES, table->partition_key);
    return read_method(&scan, &method) && method == RH_PARTITION_HASH;
}

bool rh_partition_key_uses(const rh_structure_table *table, size_t column)
{
    if (table->partition_key == NULL)
        return false;
    for (size_t i = 0; i < table->partition_column_count; i++) {
        if (table->partition_columns[i] == column)
            return true;
    }
    return rh_sql_mentions(RH_SQL_POSTGRES, table->partition_key, table->columns[column].name);
}

bool rh_partition_key_read(const rh_structure_table *table, rh_partition_key *out)
{
    rh_partition_key key = {RH_PARTITION_RANGE, {0}, 0};
    rh_sql_scan scan;
    rh_sql_token token;

    if (table->partition_key == NULL)
        return false;
    scan = rh_sql_scan_of(RH_SQL_POSTGRES, table->partition_key);
    if (!read_method(&scan, &key.method))
        return false;
    token = rh_sql_scan_next_code(&scan);
    if (token.kind != RH_SQL_TOKEN_OPEN)
        return false;
    do {
        token = rh_sql_scan_next_code(&scan);
        key.columns[key.count] = column_named(table, &scan, &token);
        if (key.columns[key.count++] == table->column_count)
            return false;
        for (token = rh_sql_scan_next_code(&scan); !ends_item(&token);
             token = rh_sql_scan_next_code(&scan)) {
            if (!goes_on(&scan, &token))
                return false;
        }
    } while (token.kind == RH_SQL_TOKEN_COMMA && key.count < RH_PARTITION_MAX_COLUMNS);
    if (token.kind != RH_SQL_TOKEN_CLOSE)
        return false;
    *out = key;
    return true;
}
