/*
 * What stands on the command line for a database: recognised and described without its password, or
 * refused without a word of it. Nothing is connected to.
 *
 * modules: core_base core_io core_sql core_db core_db_postgres core_db_sqlite
 */
#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "core/mem.h"
#include "fuzz.h"
#include "pg_conninfo.h"

/* Keywords of the output have none of these. */
static bool tells_itself(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] >= '0' && text[i] <= 'Z')
            return true;
    }
    return false;
}

/* The password of postgresql://user:PASSWORD@host, or NULL: only where nothing else looks like it.
 */
static const char *find_password(const char *name, size_t *out_len)
{
    static const char mark[] = "postgresql://u:";
    const char *start = name + sizeof mark - 1;
    const char *at;

    if (strncmp(name, mark, sizeof mark - 1) != 0 || (at = strchr(start, '@')) == NULL)
        return NULL;
    *out_len = (size_t)(at - start);
    return *out_len >= 6 && tells_itself(start, *out_len) && strchr(start, '%') == NULL &&
                   strstr(at, "password") == NULL && memchr(start, '/', *out_len) == NULL &&
                   strchr(at + 1, '@') == NULL
               ? start
               : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *name = rh_mem_strndup((const char *)data, size);
    rh_error err = RH_ERROR_INIT;
    rh_buf text = RH_BUF_INIT;
    const char *password;
    char *secret = NULL;
    size_t len = 0;

    if (name == NULL)
        return 0;
    password = find_password(name, &len);
    if (password != NULL)
        secret = rh_mem_strndup(password, len);
    if (rh_pg_conninfo_describe(name, &text, &err) == RH_OK) {
        if (secret != NULL && strstr(password + len, secret) == NULL)
            assert(strstr(rh_buf_cstr(&text), secret) == NULL);
    } else if (secret != NULL && strlen(secret) > 8) {
        assert(strstr(err.text, secret) == NULL && strstr(err.hint, secret) == NULL);
    }
    rh_buf_done(&text);
    rh_mem_free(secret);
    rh_mem_free(name);
    return 0;
}
