/*
 * Rows and loops of each scan, where the library that runs us was built with
 * SQLITE_ENABLE_STMT_SCANSTATUS. Debian's is not, and a program linked to the symbol would not
 * start with it: so it is looked up.
 */
#include <dlfcn.h>
#include <string.h>

#include "core/str.h"
#include "lite_profile.h"

typedef int (*scanstatus_function)(sqlite3_stmt *, int, int, void *);

static scanstatus_function find_function(void)
{
    void *self = dlopen(NULL, RTLD_LAZY);
    void *symbol = self == NULL ? NULL : dlsym(self, "sqlite3_stmt_scanstatus");
    scanstatus_function function = NULL;

    if (self != NULL)
        (void)dlclose(self); /* the program itself: stays */
    memcpy(&function, &symbol, sizeof function);
    return function;
}

bool rh_lite_has_scanstatus(void)
{
    return find_function() != NULL;
}

/* The row of a loop: the same id and the same text. */
static json_t *find_row(const json_t *rows, int id, const char *detail)
{
    for (size_t i = 0; i < json_array_size(rows); i++) {
        json_t *row = json_array_get(rows, i);

        if (json_integer_value(json_object_get(row, "id")) == id &&
            rh_str_eq(json_string_value(json_object_get(row, "detail")), detail))
            return row;
    }
    return NULL;
}

rh_status rh_lite_add_scanstatus(sqlite3_stmt *stmt, json_t *rows, rh_error *err)
{
    scanstatus_function scanstatus = find_function();
    sqlite3_int64 loops = 0;

    if (scanstatus == NULL)
        return RH_OK;
    for (int i = 0; scanstatus(stmt, i, SQLITE_SCANSTAT_NLOOP, &loops) == 0; i++) {
        sqlite3_int64 visits = 0;
        double estimate = 0;
        const char *detail = NULL;
        int id = 0;
        json_t *row;

        (void)scanstatus(stmt, i, SQLITE_SCANSTAT_NVISIT, &visits);
        (void)scanstatus(stmt, i, SQLITE_SCANSTAT_EST, &estimate);
        (void)scanstatus(stmt, i, SQLITE_SCANSTAT_EXPLAIN, &detail);
        (void)scanstatus(stmt, i, SQLITE_SCANSTAT_SELECTID, &id);
        row = detail == NULL ? NULL : find_row(rows, id, detail);
        if (row != NULL && (json_object_set_new(row, "visits", json_integer(visits)) != 0 ||
                            json_object_set_new(row, "loops", json_integer(loops)) != 0 ||
                            json_object_set_new(row, "estimate", json_real(estimate)) != 0))
            return rh_error_oom(err);
    }
    return RH_OK;
}
