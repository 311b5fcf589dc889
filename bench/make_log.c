/*
 * rehearse_bench_log MIB duration|statement: a PostgreSQL log on stdout, the same bytes every time.
 *
 * duration    log_min_duration_statement = 0: parse, bind and execute lines with their costs
 * statement   log_statement = all: what pgreplay reads
 *
 * 40 sessions in turns, transactions of three to eight statements, two thirds of them over the
 * extended protocol with parameters, the others with values in the text; texts of 60 to 700 bytes
 * on one to twelve lines. log_line_prefix = '%m|%u|%d|%c|', the one that pgreplay needs. The number
 * of executions goes to stderr.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/num.h"

enum { SESSIONS = 40, SHAPES = 6 };

/* %1, %2, %3 stand for values. */
static const char *const shapes[SHAPES] = {
    "SELECT id, name, email FROM customers WHERE id = %1",
    "SELECT o.id,\n       o.created_at,\n       o.total_minor,\n       c.name\n  FROM orders o\n"
    "  JOIN customers c ON c.id = o.customer_id\n WHERE o.customer_id = %1\n"
    "   AND o.created_at >= %2\n ORDER BY o.created_at DESC\n LIMIT 20",
    "UPDATE accounts SET balance_minor = balance_minor + %1, note = %2 WHERE id = %3",
    "INSERT INTO events (id, kind, payload, created_at) VALUES (%1, %2, %3, now())",
    "SELECT p.id, p.title, p.price_minor,\n"
    "       (SELECT count(*) FROM reviews r WHERE r.product_id = p.id AND r.stars >= 4) AS good,\n"
    "       (SELECT max(r.created_at) FROM reviews r WHERE r.product_id = p.id) AS last_review,\n"
    "       array(SELECT t.name FROM product_tags pt JOIN tags t ON t.id = pt.tag_id\n"
    "              WHERE pt.product_id = p.id ORDER BY t.name) AS tags\n"
    "  FROM products p\n  JOIN categories c ON c.id = p.category_id\n"
    " WHERE c.slug = %1\n   AND p.title ILIKE %2\n   AND p.deleted_at IS NULL\n"
    " ORDER BY p.popularity DESC, p.id\n LIMIT 50 OFFSET %3",
    "DELETE FROM sessions WHERE token = %1 AND expires_at < %2",
};

static uint32_t seed = 42;
static uint64_t written;
static uint64_t executions;
static int64_t now_ms = 36000000;

static uint32_t next(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

static void put(const char *format, ...) RH_PRINTF(1, 2);
static void put(const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vprintf(format, args);
    va_end(args);
    written += n > 0 ? (uint64_t)n : 0;
}

static void prefix(uint32_t session, const char *severity)
{
    put("2024-05-13 %02d:%02d:%02d.%03d UTC|app%u|shop|66419d00.%x|%s:  ",
        (int)(now_ms / 3600000 % 24), (int)(now_ms / 60000 % 60), (int)(now_ms / 1000 % 60),
        (int)(now_ms % 1000), session % 4, 1000 + session, severity);
}

/* The text with $1 or with values; line ends as the server writes them. */
static void text(const char *shape, char values[3][48], int literal)
{
    for (const char *at = shape; *at != '\0'; at++) {
        if (*at == '%' && literal)
            put("%s", values[*++at - '1']);
        else if (*at == '%')
            put("$%c", *++at);
        else if (*at == '\n')
            put("\n\t");
        else
            put("%c", *at);
    }
    put("\n");
}

static int value_count(const char *shape)
{
    return strstr(shape, "%3") != NULL ? 3 : strstr(shape, "%2") != NULL ? 2 : 1;
}

static void make_values(char values[3][48])
{
    snprintf(values[0], 48, "'%u'", 1000000 + next(9000000));
    snprintf(values[1], 48, "'it''s value %u of %u, ok'", next(5000), next(100));
    snprintf(values[2], 48, "'%u'", next(100000));
}

static void detail(uint32_t session, const char *shape, char values[3][48])
{
    prefix(session, "DETAIL");
    put("parameters: ");
    for (int i = 0; i < value_count(shape); i++)
        put("%s$%d = %s", i > 0 ? ", " : "", i + 1, values[i]);
    put("\n");
}

static void phase(uint32_t session, const char *verb, const char *shape, char values[3][48])
{
    prefix(session, "LOG");
    put("duration: %u.%03u ms  %s <unnamed>: ", next(20), next(1000), verb);
    text(shape, values, 0);
    if (strcmp(verb, "parse") != 0)
        detail(session, shape, values);
}

static void extended(uint32_t session, const char *shape, int durations)
{
    char values[3][48];

    make_values(values);
    if (durations) {
        phase(session, "parse", shape, values);
        phase(session, "bind", shape, values);
        phase(session, "execute", shape, values);
        return;
    }
    prefix(session, "LOG");
    put("execute <unnamed>: ");
    text(shape, values, 0);
    detail(session, shape, values);
}

static void simple(uint32_t session, const char *shape, int durations)
{
    char values[3][48];

    make_values(values);
    prefix(session, "LOG");
    if (durations)
        put("duration: %u.%03u ms  ", next(20), next(1000));
    put("statement: ");
    text(shape, values, 1);
}

static void statement(uint32_t session, int durations, uint32_t *left)
{
    if (*left == 0) {
        *left = 3 + next(6);
        simple(session, "BEGIN", durations);
    } else if (--*left == 0) {
        simple(session, "COMMIT", durations);
    } else if (next(3) > 0) {
        extended(session, shapes[next(SHAPES)], durations);
    } else {
        simple(session, shapes[next(SHAPES)], durations);
    }
    executions++;
}

int main(int argc, char **argv)
{
    uint32_t left[SESSIONS] = {0};
    int64_t mib = 0;
    int durations = argc == 3 && strcmp(argv[2], "duration") == 0;

    if (argc != 3 || rh_num_int64(argv[1], "size", 1, 100000, &mib, NULL) != RH_OK) {
        fputs("usage: rehearse_bench_log MIB duration|statement\n", stderr);
        return 2;
    }
    while (written < (uint64_t)mib << 20) {
        uint32_t session = next(SESSIONS);

        now_ms += next(2);
        statement(session, durations, &left[session]);
    }
    fprintf(stderr, "%llu\n", (unsigned long long)executions);
    return fflush(stdout) == 0 ? 0 : 1;
}
