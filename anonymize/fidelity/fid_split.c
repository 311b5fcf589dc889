/*
 * Cutting SQL text into statements without parsing it.
 */
#include <ctype.h>
#include <string.h>

#include "fid_queries.h"

static bool is_word(char c)
{
    return isalnum((unsigned char)c) != 0 || c == '_' || (unsigned char)c >= 0x80;
}

/* Behind a quoted piece; a doubled quote stays inside. */
static const char *skip_quoted(const char *p, char quote, bool backslashes)
{
    for (p++; *p != '\0'; p++) {
        if (backslashes && *p == '\\' && p[1] != '\0')
            p++;
        else if (*p == quote && p[1] == quote)
            p++;
        else if (*p == quote)
            return p + 1;
    }
    return p;
}

/* Behind $tag$ ... $tag$; p + 1 where this is no dollar quote ($1). */
static const char *skip_dollar(const char *p)
{
    size_t tag = 1;
    const char *end;

    if (isdigit((unsigned char)p[1]))
        return p + 1;
    while (is_word(p[tag]))
        tag++;
    if (p[tag] != '$')
        return p + 1;
    tag++;
    for (end = p + tag; *end != '\0'; end++) {
        if (*end == '$' && strncmp(end, p, tag) == 0)
            return end + tag;
    }
    return end;
}

static const char *skip_block_comment(const char *p)
{
    size_t depth = 1;

    for (p += 2; *p != '\0' && depth > 0; p++) {
        if (p[0] == '/' && p[1] == '*') {
            depth++;
            p++;
        } else if (p[0] == '*' && p[1] == '/') {
            depth--;
            p++;
        }
    }
    return p;
}

/* Behind whatever begins here and may hide a semicolon; p itself where nothing does. */
static const char *skip_opaque(const char *p, const char *start)
{
    if (p[0] == '\'') {
        bool escapes =
            p > start && (p[-1] == 'e' || p[-1] == 'E') && (p - 1 == start || !is_word(p[-2]));

        return skip_quoted(p, '\'', escapes);
    }
    if (p[0] == '"' || p[0] == '`')
        return skip_quoted(p, p[0], false);
    if (p[0] == '$' && (p == start || !is_word(p[-1])))
        return skip_dollar(p);
    if (p[0] == '-' && p[1] == '-')
        return p + strcspn(p, "\n");
    if (p[0] == '/' && p[1] == '*')
        return skip_block_comment(p);
    return p;
}

static size_t count_lines(const char *from, const char *to)
{
    size_t lines = 0;

    for (; from < to; from++)
        lines += *from == '\n';
    return lines;
}

/* "-- name: x" */
static void read_name(const char *comment, rh_fid_statement *out)
{
    const char *p = comment + 2;

    p += strspn(p, " \t");
    if (strncmp(p, "name:", 5) != 0)
        return;
    p += 5;
    p += strspn(p, " \t");
    out->name = p;
    out->name_len = strcspn(p, " \t\r\n");
    if (out->name_len == 0)
        out->name = NULL;
}

/* To where the statement begins: white space, comments and empty statements are passed over. */
static const char *find_start(const char *p, rh_fid_statement *out)
{
    for (;;) {
        p += strspn(p, " \t\r\n\f\v;");
        if (p[0] == '-' && p[1] == '-') {
            read_name(p, out);
            p += strcspn(p, "\n");
        } else if (p[0] == '/' && p[1] == '*') {
            p = skip_block_comment(p);
        } else {
            return p;
        }
    }
}

bool rh_fid_split_next(const char **text, size_t *line, rh_fid_statement *out)
{
    rh_fid_statement found = {.name = NULL};
    const char *start = find_start(*text, &found);
    const char *p = start;

    *line += count_lines(*text, start);
    *text = start;
    if (*start == '\0')
        return false;
    while (*p != '\0' && *p != ';') {
        const char *next = skip_opaque(p, start);

        p = next == p ? p + 1 : next;
    }
    found.sql = start;
    found.len = (size_t)(p - start);
    while (found.len > 0 && isspace((unsigned char)start[found.len - 1]))
        found.len--;
    found.line = *line;
    *line += count_lines(start, p);
    *text = *p == ';' ? p + 1 : p;
    *out = found;
    return true;
}
