/*
 * Complaints about documents: with their place, and with the word that may have been meant.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/str.h"
#include "doc_internal.h"

enum { QUOTED_KEY_BYTES = 64 };

rh_status rh_doc_error(const rh_doc *doc, rh_doc_pos pos, rh_error *err, const char *format, ...)
{
    char text[RH_ERROR_TEXT_BYTES];
    va_list args;

    va_start(args, format);
    if (vsnprintf(text, sizeof text, format, args) < 0)
        text[0] = '\0';
    va_end(args);
    if (pos.line == 0)
        return rh_error_set(err, RH_ECONFIG, "%s: %s", doc->name, text);
    return rh_error_set(err, RH_ECONFIG, "%s:%zu:%zu: %s", doc->name, pos.line, pos.column, text);
}

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;

    return least < c ? least : c;
}

/*
 * Number of single-byte edits and swaps of neighbours between two short words, case ignored
 * (optimal string alignment). Words that are too long are reported as far apart.
 */
static size_t edit_distance(const char *a, const char *b)
{
    enum { MAX_WORD = 48 };
    size_t rows[3][MAX_WORD + 1];
    size_t a_len = strlen(a);
    size_t b_len = strlen(b);

    if (a_len > MAX_WORD || b_len > MAX_WORD)
        return MAX_WORD;
    for (size_t j = 0; j <= b_len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t *now = rows[i % 3];
        const size_t *last = rows[(i - 1) % 3];

        now[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            const char x[2] = {a[i - 1], '\0'};
            const char y[2] = {b[j - 1], '\0'};

            now[j] =
                smallest(last[j] + 1, now[j - 1] + 1, last[j - 1] + (rh_str_ieq(x, y) ? 0u : 1u));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                rows[(i - 2) % 3][j - 2] + 1 < now[j])
                now[j] = rows[(i - 2) % 3][j - 2] + 1;
        }
    }
    return rows[a_len % 3][b_len];
}

/* The known key that the user may have meant, NULL when none is near. */
static const char *nearest(const char *key, const char *const *known)
{
    const char *best = NULL;
    size_t best_distance = strlen(key) / 3 + 1;

    if (best_distance > 3)
        best_distance = 3;
    for (; *known != NULL; known++) {
        size_t distance = edit_distance(key, *known);

        if (distance < best_distance || (distance == best_distance && best == NULL)) {
            best = *known;
            best_distance = distance;
        }
    }
    return best;
}

static void hint_known(rh_error *err, const char *key, const char *const *known)
{
    char list[RH_ERROR_HINT_BYTES];
    size_t len = 0;
    const char *meant = nearest(key, known);

    if (meant != NULL) {
        rh_error_hint(err, "did you mean '%s'?", meant);
        return;
    }
    list[0] = '\0';
    for (size_t i = 0; known[i] != NULL && len + 3 < sizeof list; i++) {
        int added = snprintf(list + len, sizeof list - len, "%s%s", i == 0 ? "" : ", ", known[i]);

        len += added < 0 ? 0 : (size_t)added;
    }
    rh_error_hint(err, "known here: %s", list);
}

static bool is_known(const char *key, const char *const *known)
{
    for (; *known != NULL; known++) {
        if (strcmp(key, *known) == 0)
            return true;
    }
    return false;
}

/* The key that stands first in the text among the unknown ones: complaints go from top to bottom.
 */
rh_status rh_doc_check_keys(const rh_doc *doc, const json_t *object, const char *const *known,
                            const char *where, rh_error *err)
{
    char shown[QUOTED_KEY_BYTES];
    json_t *iterable = doc->root;
    const char *key = NULL;
    const json_t *value = NULL;

    /* jansson iterates non-const objects only; iterating changes nothing */
    memcpy(&iterable, &object, sizeof iterable);
    json_object_foreach(iterable, key, value)
    {
        if (is_known(key, known))
            continue;
        (void)rh_str_copy(shown, sizeof shown, key);

        bool fresh = err != NULL && err->code == RH_OK;
        rh_status status =
            rh_doc_error(doc, rh_doc_key_pos(doc, object, key), err, "unknown key '%s'%s%s", shown,
                         where == NULL || where[0] == '\0' ? "" : " ", where == NULL ? "" : where);

        if (fresh)
            hint_known(err, key, known);
        return status;
    }
    return RH_OK;
}
