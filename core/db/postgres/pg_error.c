#include "pg_error.h"

#include <stdio.h>
#include <string.h>

#include "core/str.h"

rh_status rh_pg_error_status(const char *sqlstate)
{
    static const struct {
        const char *prefix;
        rh_status status;
    } map[] = {
        {"57P", RH_ECONNECT},    {"42501", RH_EPRIVILEGE}, {"55P03", RH_EBUSY},
        {"55006", RH_EBUSY},     {"57014", RH_ELIMIT},     {"3D000", RH_ENOTFOUND},
        {"42P01", RH_ENOTFOUND}, {"42704", RH_ENOTFOUND},  {"3F000", RH_ENOTFOUND},
        {"42P04", RH_EEXISTS},
    };

    if (sqlstate == NULL)
        return RH_EDB;
    for (size_t i = 0; i < sizeof map / sizeof map[0]; i++) {
        if (rh_str_starts_with(sqlstate, map[i].prefix))
            return map[i].status;
    }
    return RH_EDB;
}

/* Class 22 (data exceptions) quotes values in double quotes or as bytes behind ": 0x". Names of
 * types and encodings go as well: better a dull text than a leak. */
static void strike_values(char *text)
{
    char *write = text;
    const char *bytes = strstr(text, ": 0x");

    if (bytes != NULL)
        text[bytes - text] = '\0';
    for (const char *read = text; *read != '\0';) {
        const char *end = *read == '"' ? strrchr(read + 1, '"') : NULL;
        if (end == NULL) {
            if (*read == '"') /* opened and never closed: the rest is the value */
                break;
            *write++ = *read++;
            continue;
        }
        *write++ = '*';
        read = end + 1;
    }
    *write = '\0';
}

static void strike_password(char *text, size_t size, const char *password)
{
    size_t len = password == NULL ? 0 : strlen(password);
    char *at;

    if (len == 0 || len >= size)
        return;
    while ((at = strstr(text, password)) != NULL) {
        size_t keep = len < 3 ? len : 3;
        memset(at, '*', keep);
        memmove(at + keep, at + len, strlen(at + len) + 1);
        if (memcmp(password, "***", keep) == 0)
            break;
    }
}

void rh_pg_error_text(const char *sqlstate, const char *message, const char *password, char *out,
                      size_t size)
{
    size_t len;
    bool raised = sqlstate != NULL && rh_str_starts_with(sqlstate, "P0");
    bool data = sqlstate != NULL && rh_str_starts_with(sqlstate, "22");

    if (raised)
        message = "a function raised an exception";
    (void)snprintf(out, size, "%s", message == NULL ? "no message" : message);
    len = strcspn(out, "\n");
    out[len] = '\0';
    if (data)
        strike_values(out);
    strike_password(out, size, password);
}
