/*
 * See draft_type.h.
 */
#include "draft_type.h"

#include <string.h>

void draft_lower(char *out, size_t size, const char *text)
{
    size_t i = 0;

    for (; text[i] != '\0' && i + 1 < size; i++)
        out[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i];
    out[i] = '\0';
}

/* Parts of type names, of both engines; the first that occurs decides. */
static value_class class_of_name(const char *type)
{
    static const struct {
        const char *part;
        value_class class;
    } KNOWN[] = {
        {"tstzrange", CLASS_RANGE_TIME},
        {"tsrange", CLASS_RANGE_TIME},
        {"tstzmultirange", CLASS_RANGE_TIME},
        {"tsmultirange", CLASS_RANGE_TIME},
        {"daterange", CLASS_RANGE_TIME},
        {"datemultirange", CLASS_RANGE_TIME},
        {"int4range", CLASS_RANGE_INTEGER},
        {"int8range", CLASS_RANGE_INTEGER},
        {"int4multirange", CLASS_RANGE_INTEGER},
        {"int8multirange", CLASS_RANGE_INTEGER},
        {"numrange", CLASS_RANGE_NUMBER},
        {"nummultirange", CLASS_RANGE_NUMBER},
        {"range", CLASS_OTHER},
        {"hstore", CLASS_HSTORE},
        {"xml", CLASS_XML},
        {"json", CLASS_JSON},
        {"uuid", CLASS_UUID},
        {"inet", CLASS_NETWORK},
        {"cidr", CLASS_NETWORK},
        {"macaddr", CLASS_MAC},
        {"bool", CLASS_BOOL},
        {"interval", CLASS_OTHER},
        {"point", CLASS_OTHER},
        {"timestamp", CLASS_TIME},
        {"date", CLASS_TIME},
        {"bytea", CLASS_BYTES},
        {"blob", CLASS_BYTES},
        {"char", CLASS_TEXT},
        {"text", CLASS_TEXT},
        {"clob", CLASS_TEXT},
        {"int", CLASS_INTEGER},
        {"serial", CLASS_INTEGER},
        {"numeric", CLASS_NUMBER},
        {"decimal", CLASS_NUMBER},
        {"real", CLASS_NUMBER},
        {"double", CLASS_NUMBER},
        {"float", CLASS_NUMBER},
    };
    char lower[128];

    draft_lower(lower, sizeof lower, type);
    for (size_t i = 0; i < sizeof KNOWN / sizeof KNOWN[0]; i++) {
        if (strstr(lower, KNOWN[i].part) != NULL)
            return KNOWN[i].class;
    }
    return strcmp(lower, "citext") == 0 ? CLASS_TEXT : CLASS_OTHER;
}

static bool is_affinity(const char *base_type)
{
    static const char *const NAMES[] = {"", "TEXT", "BLOB", "INTEGER", "REAL", "NUMERIC"};

    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        if (strcmp(base_type, NAMES[i]) == 0)
            return true;
    }
    return false;
}

/* PostgreSQL's own types are written without a schema; of others the name tells nothing. */
static value_class class_in_postgres(const char *base_type)
{
    if (rh_structure_is_type(base_type, "citext"))
        return CLASS_TEXT;
    if (rh_structure_is_type(base_type, "hstore"))
        return CLASS_HSTORE;
    if (strchr(base_type, '.') != NULL)
        return CLASS_OTHER;
    return strcmp(base_type, "oid") == 0 ? CLASS_OID : class_of_name(base_type);
}

value_class draft_class_of(const rh_structure_column *column, const draft_column *seen)
{
    value_class class;

    if (column->labels != NULL)
        return CLASS_ENUM;
    if (column->element_type != NULL)
        return class_in_postgres(column->element_type);
    if (!is_affinity(column->base_type))
        return class_in_postgres(column->base_type);
    class = class_of_name(column->type);
    if (class == CLASS_OTHER)
        class = class_of_name(column->base_type);
    /* SQLite columns hold what somebody put there. */
    if (column->type[0] == '\0' || class == CLASS_BYTES || class == CLASS_OTHER) {
        bool is_sqlite = strcmp(column->base_type, "BLOB") == 0 ||
                         strcmp(column->base_type, "NUMERIC") == 0 || column->type[0] == '\0';

        if (is_sqlite && seen->texts * 2 > seen->values)
            return CLASS_TEXT;
    }
    return class;
}
