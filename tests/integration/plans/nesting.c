#include "nesting.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const char *const ALIASES[] = {"x", "y", "z"};

/* splitmix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014. */
static uint64_t next_random(nesting *n)
{
    uint64_t z = n->random += 0x9E3779B97F4A7C15u;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static unsigned choose(nesting *n, unsigned count)
{
    return (unsigned)(next_random(n) % count);
}

static void write_text(nesting *n, const char *text)
{
    assert(rh_buf_append_str(&n->sql, text, NULL) == RH_OK);
}

static void write_query(nesting *n, size_t level, const char *items);

/* A level around this one that can be named from here: no level in between has its alias. */
static size_t visible_outer(nesting *n, size_t level)
{
    size_t found[NESTING_MAX];
    size_t count = 0;

    for (size_t at = n->levels[level].parent; at < n->count; at = n->levels[at].parent) {
        bool hidden = false;

        for (size_t k = level; k != at; k = n->levels[k].parent)
            hidden = hidden || strcmp(n->levels[k].alias, n->levels[at].alias) == 0;
        if (!hidden)
            found[count++] = at;
        if (at == 0 || n->levels[at].kind == RH_SQL_LEVEL_FROM)
            break; /* from inside of FROM nothing further out is seen */
    }
    return count == 0 ? NESTING_MAX : found[choose(n, (unsigned)count)];
}

/* "( ... )" with its place; before and after are written around it. */
static void write_subquery(nesting *n, size_t parent, rh_sql_level_kind kind, const char *before,
                           const char *items, const char *tail)
{
    size_t own = n->count++;
    nesting_level *level = &n->levels[own];

    *level = (nesting_level){0, 0, parent, n->levels[parent].depth + 1, kind, false, ""};
    write_text(n, before);
    level->offset = n->sql.len;
    write_text(n, "(");
    write_query(n, own, items);
    write_text(n, tail);
    write_text(n, ")");
    level->length = n->sql.len - level->offset;
}

static bool has_room(const nesting *n, size_t level)
{
    return n->count < NESTING_MAX && n->levels[level].depth < 4;
}

static void write_condition(nesting *n, size_t level)
{
    char left[32];

    (void)snprintf(left, sizeof left, " AND %s.k", n->levels[level].alias);
    switch (choose(n, n->postgres ? 8 : 6)) {
    case 0:
        write_subquery(n, level, RH_SQL_LEVEL_EXISTS, " AND EXISTS ", "1", "");
        break;
    case 1:
        write_subquery(n, level, RH_SQL_LEVEL_EXISTS, " AND NOT EXISTS ", "1", "");
        break;
    case 2:
        write_text(n, left);
        write_subquery(n, level, RH_SQL_LEVEL_ANY, " IN ", NULL, "");
        break;
    case 3:
        write_text(n, left);
        write_subquery(n, level, RH_SQL_LEVEL_ANY, " NOT IN ", NULL, "");
        break;
    case 4:
        write_text(n, left);
        write_subquery(n, level, RH_SQL_LEVEL_EXPR, " < ", "max", "");
        break;
    case 5:
        write_text(n, left);
        write_subquery(n, level, RH_SQL_LEVEL_EXPR, " <> ", NULL, " LIMIT 1");
        break;
    case 6:
        write_text(n, left);
        write_subquery(n, level, RH_SQL_LEVEL_ALL, " > ALL ", NULL, "");
        break;
    default:
        write_text(n, left);
        write_subquery(n, level, RH_SQL_LEVEL_ANY, " > ANY ", NULL, " LIMIT 5");
        break;
    }
}

static void write_items(nesting *n, size_t level, const char *items)
{
    char text[64];

    if (items == NULL) {
        (void)snprintf(text, sizeof text, "%s.k", n->levels[level].alias);
        write_text(n, text);
    } else if (strcmp(items, "max") == 0) {
        (void)snprintf(text, sizeof text, "max(%s.k)", n->levels[level].alias);
        write_text(n, text);
    } else {
        write_text(n, items);
    }
}

/* FROM (SELECT ..) f0 behind the table; with LATERAL its levels see the table. */
static void write_from(nesting *n, size_t level)
{
    static const char *const tails[] = {"", " LIMIT 7"};
    char name[32];
    size_t own = n->count;

    (void)snprintf(name, sizeof name, " f%zu", own);
    write_subquery(n, level, RH_SQL_LEVEL_FROM, " CROSS JOIN ", NULL, tails[choose(n, 2)]);
    write_text(n, name);
}

static void write_query(nesting *n, size_t level, const char *items)
{
    nesting_level *own = &n->levels[level];
    char text[160];
    size_t outer;

    (void)snprintf(own->alias, sizeof own->alias, "%s", ALIASES[choose(n, 3)]);
    write_text(n, "SELECT ");
    write_items(n, level, items);
    if (level == 0 && choose(n, 2) == 0)
        write_subquery(n, level, RH_SQL_LEVEL_EXPR, ", ", "max", "");
    (void)snprintf(text, sizeof text, " FROM t%zu %s", n->postgres ? (size_t)choose(n, 3) : level,
                   own->alias);
    write_text(n, text);
    if (has_room(n, level) && choose(n, 4) == 0)
        write_from(n, level);
    if (n->postgres)
        (void)snprintf(text, sizeof text, " WHERE %s.v <> %zu", own->alias,
                       NESTING_FIRST_MARK + level);
    else
        (void)snprintf(text, sizeof text, " WHERE %s.k > 5", own->alias);
    write_text(n, text);
    outer = level == 0 || own->kind == RH_SQL_LEVEL_FROM ? NESTING_MAX : visible_outer(n, level);
    if (outer != NESTING_MAX && choose(n, 3) != 0) {
        (void)snprintf(text, sizeof text, " AND %s.g = %s.g", own->alias, n->levels[outer].alias);
        write_text(n, text);
        for (size_t at = level; at != outer; at = n->levels[at].parent)
            n->levels[at].correlated = true;
    }
    while (has_room(n, level) && choose(n, (unsigned)own->depth + 2) == 0)
        write_condition(n, level);
}

void nesting_make(nesting *out, bool postgres, uint64_t seed)
{
    memset(out, 0, sizeof *out);
    out->postgres = postgres;
    out->random = seed;
    rh_buf_init(&out->sql, 65536);
    out->count = 1;
    out->levels[0] = (nesting_level){0, 0, NESTING_MAX, 0, RH_SQL_LEVEL_TOP, false, ""};
    write_query(out, 0, NULL);
    if (out->count < 4)
        write_condition(out, 0);
    out->levels[0].length = out->sql.len;
}

void nesting_done(nesting *n)
{
    rh_buf_done(&n->sql);
}

size_t nesting_find(const nesting *n, size_t offset, size_t length)
{
    for (size_t i = 0; i < n->count; i++)
        if (n->levels[i].offset == offset && n->levels[i].length == length)
            return i;
    return NESTING_MAX;
}

bool nesting_within(const nesting *n, size_t inner, size_t outer)
{
    for (; inner != NESTING_MAX; inner = n->levels[inner].parent)
        if (inner == outer)
            return true;
    return false;
}
