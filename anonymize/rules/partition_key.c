/*
 * PostgreSQL writes a key as "RANGE (at, kind COLLATE "C" text_ops)" (pg_get_partkeydef).
 */
#include "anonymize/partition_key.h"

#include "anonymize/sql_token.h"

static size_t column_named(const rh_structure_table *table, const sql_token *token)
{
    size_t i = 0;

    while (i < table->column_count && !sql_names(token, table->columns[i].name))
        i++;
    return i;
}

/* Behind a column's name: COLLATE and operator class are names with dots. */
static bool ends_item(const sql_token *token)
{
    return sql_is(token, ",") || sql_is(token, ")");
}

bool rh_partition_key_read(const rh_structure_table *table, rh_partition_key *out)
{
    const char *at = table->partition_key;
    rh_partition_key key = {RH_PARTITION_RANGE, {0}, 0};
    sql_token token;

    if (at == NULL)
        return false;
    token = sql_next(&at);
    if (sql_is(&token, "list"))
        key.method = RH_PARTITION_LIST;
    else if (sql_is(&token, "hash"))
        key.method = RH_PARTITION_HASH;
    else if (!sql_is(&token, "range"))
        return false;
    token = sql_next(&at);
    if (!sql_is(&token, "("))
        return false;
    do {
        token = sql_next(&at);
        key.columns[key.count] = column_named(table, &token);
        if (key.columns[key.count++] == table->column_count)
            return false;
        for (token = sql_next(&at); !ends_item(&token); token = sql_next(&at)) {
            if (token.kind != SQL_WORD && token.kind != SQL_NAME && !sql_is(&token, "."))
                return false;
        }
    } while (sql_is(&token, ",") && key.count < RH_PARTITION_MAX_COLUMNS);
    if (!sql_is(&token, ")"))
        return false;
    *out = key;
    return true;
}
