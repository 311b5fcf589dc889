/*
 * rehearse_bench_data: rows of the benchmark's data set M on stdout, always the same bytes.
 *
 * customers are wide and realistic (about 410 bytes of COPY text, five eighths as many as events),
 * events are narrow (about 85 bytes, mostly a random UUID). 1299 MiB make 2.5 M + 4 M rows.
 *
 *   rehearse_bench_data [--sql] [--count] [--from ROW] (--size MIB | --rows N) customers|events
 *
 * --size is that of both tables together; --count prints the number of rows instead of the rows.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/num.h"
#include "make_text.h"

enum {
    TABLE_CUSTOMERS = 1,
    TABLE_EVENTS = 2,
    TABLE_PHRASES = 500, /* a stream of random numbers of its own */
    PHRASES = 500,
    PHRASE_MIN = 34,
    PHRASE_MAX = 80,
    SQL_ROWS = 50, /* per INSERT */
    /* Bytes of COPY text for 5 customers and 8 events: measured, see bench/README.md. */
    UNIT_BYTES = 2731,
};

typedef struct options {
    int64_t rows;
    int64_t size_mib;
    int64_t from;
    bool sql;
    bool count;
    int table;
} options;

static const int64_t first_day_us = 1609459200000000; /* 2021-01-01 */

static const char *const first_names[] = {
    "james",   "mary",    "robert",  "patricia", "john",    "jennifer", "michael", "linda",
    "david",   "anna",    "william", "barbara",  "richard", "susan",    "joseph",  "jessica",
    "thomas",  "sarah",   "charles", "karen",    "chris",   "lisa",     "daniel",  "nancy",
    "matthew", "betty",   "anthony", "sandra",   "mark",    "margaret", "donald",  "ashley",
    "steven",  "kim",     "andrew",  "emily",    "paul",    "donna",    "joshua",  "michelle",
    "kenneth", "carol",   "kevin",   "amanda",   "brian",   "melissa",  "george",  "deborah",
    "timothy", "steph",   "ronald",  "rebecca",  "jason",   "sharon",   "edward",  "laura",
    "jeffrey", "cynthia", "ryan",    "dorothy",  "jacob",   "amy",      "gary",    "kathleen",
};

static const char *const syllables[] = {
    "an", "bel", "cor", "dan", "el",  "far", "gar", "hol", "in", "jor", "kel", "lan", "mor", "nor",
    "ol", "pet", "ros", "san", "tor", "ul",  "van", "wil", "ya", "zim", "ber", "ton", "son", "man",
};

static const char *const domains[] = {
    "gmail.com",   "yahoo.com",   "hotmail.com", "outlook.com", "icloud.com", "web.de",
    "example.com", "example.org", "proton.me",   "gmx.net",     "mail.com",   "fastmail.com",
};

static const char *const countries[] = {
    "US", "DE", "GB", "FR", "BR", "IN", "JP", "NL", "ES", "IT", "CA", "PL", "SE", "AU", "MX", "CH",
};

static const char *const states[] = {"active", "active", "active", "trial", "churned", "blocked"};

static const char *const tags[] = {
    "newsletter", "vip",    "beta",   "wholesale", "referral", "mobile",
    "api",        "export", "legacy", "partner",   "survey",   "sso",
};

static const char *const kinds[] = {"page.view", "cart.add", "search", "page.click", "order.paid"};

static const char *const channels[] = {"web", "ios", "android", "api"};

static const char *const plans[] = {"free", "basic", "pro", "team", "enterprise"};

static const char *const words[] = {
    "the",      "customer", "asked",   "for",      "a",       "refund",   "because", "order",
    "was",      "late",     "and",     "to",       "invoice", "delivery", "address", "changed",
    "of",       "account",  "support", "called",   "again",   "on",       "billing", "please",
    "contact",  "before",   "renewal", "discount", "offered", "is",       "waiting", "confirm",
    "contract", "by",       "phone",   "email",    "no",      "answer",   "with",    "sales",
    "team",     "priority", "shipped", "damaged",  "item",    "replaced", "payment", "failed",
    "card",     "expired",  "retry",   "next",     "week",    "happy",    "product", "feature",
    "request",  "export",   "report",  "monthly",  "upgrade", "plan",     "cancel",  "trial",
};

#define PICK(row, list)        ((list)[row_below((row), sizeof(list) / sizeof *(list))])
#define PICK_SKEWED(row, list) ((list)[row_skewed((row), sizeof(list) / sizeof *(list))])

static void make_name(row_text *row, char *out, size_t size)
{
    size_t len = 0;
    uint64_t parts = 2 + row_below(row, 2);

    while (parts-- > 0)
        text_add(out, size, &len, "%s", PICK(row, syllables));
}

static void make_tags(row_text *row, char *out, size_t size)
{
    size_t len = 0;
    uint64_t count = row_below(row, 4);

    text_add(out, size, &len, row->sql ? "[" : "{");
    for (uint64_t i = 0; i < count; i++)
        text_add(out, size, &len, row->sql ? "%s\"%s\"" : "%s%s", i > 0 ? "," : "",
                 PICK_SKEWED(row, tags));
    text_add(out, size, &len, row->sql ? "]" : "}");
}

/* The keys stand in the order that jsonb gives them, so that the server prints the same text. */
static void make_attributes(row_text *row, char *out, size_t size)
{
    size_t len = 0;

    text_add(out, size, &len, "{\"plan\": \"%s\", \"score\": %d, \"source\": \"%s\"",
             PICK_SKEWED(row, plans), (int)row_below(row, 1000), PICK_SKEWED(row, tags));
    text_add(out, size, &len, ", \"consent\": %s, \"last_ip\": \"10.%d.%d.%d\"",
             row_below(row, 5) > 0 ? "true" : "false", (int)row_below(row, 16),
             (int)row_below(row, 256), (int)row_below(row, 256));
    text_add(out, size, &len, ", \"version\": 3, \"language\": \"%s\"}",
             PICK_SKEWED(row, countries));
}

/* One of 21,952 made-up words. */
static void add_rare_word(row_text *row, char *out, size_t size, size_t *len)
{
    text_add(out, size, len, " %s%s%s", PICK(row, syllables), PICK(row, syllables),
             PICK(row, syllables));
}

/*
 * Free text repeats itself over longer distances than a 16 KiB chunk, or the window of gzip: so it
 * is mostly made of the same phrases, whose words are common and rare ones.
 */
static void make_phrases(char phrases[PHRASES][PHRASE_MAX])
{
    static row_text source;

    for (size_t i = 0; i < PHRASES; i++) {
        size_t len = 0;

        row_begin(&source, TABLE_PHRASES, i, false);
        text_add(phrases[i], PHRASE_MAX, &len, "%s", PICK(&source, words));
        while (len < PHRASE_MIN) {
            if (row_below(&source, 2) == 0)
                add_rare_word(&source, phrases[i], PHRASE_MAX, &len);
            else
                text_add(phrases[i], PHRASE_MAX, &len, " %s", PICK(&source, words));
        }
    }
}

static void make_notes(row_text *row, char *out, size_t size)
{
    static char phrases[PHRASES][PHRASE_MAX];
    size_t len = 0;
    uint64_t count = 1 + row_below(row, 2);

    if (phrases[0][0] == '\0')
        make_phrases(phrases);
    for (uint64_t i = 0; i < count; i++)
        text_add(out, size, &len, "%s%s", i > 0 ? " " : "", PICK(row, phrases));
}

static void make_customer(row_text *row, int64_t number)
{
    int64_t created = first_day_us + number * 38000000 + (int64_t)row_below(row, 38000000);
    const char *first = PICK_SKEWED(row, first_names);
    char last[32];
    char text[1024];
    size_t len = 0;

    if (row->sql)
        row_number(row, number + 1);
    text_uuid(row, text);
    row_field(row, text);
    make_name(row, last, sizeof last);
    text_add(text, sizeof text, &len, "%s.%s%d@%s", first, last, (int)row_below(row, 1000),
             PICK_SKEWED(row, domains));
    row_field(row, text);
    row_field(row, first);
    row_field(row, last);
    make_name(row, text, sizeof text);
    row_field(row, row_below(row, 3) == 0 ? NULL : text);
    len = 0;
    text_add(text, sizeof text, &len, "+1 %03d 555 %04d", 200 + (int)row_below(row, 700),
             (int)row_below(row, 10000));
    row_field(row, text);
    row_time(row, created);
    row_time(row, created + 1000000 * (int64_t)row_skewed(row, 7776000));
    if (row_below(row, 4) == 0)
        row_field(row, NULL);
    else
        row_time(row, created + (int64_t)row_below(row, INT64_C(9000000000000)));
    row_field(row, PICK(row, states));
    row_field(row, PICK_SKEWED(row, countries));
    row_amount(row, (int64_t)row_skewed(row, 5000000));
    row_number(row, 500 * (int64_t)row_skewed(row, 40));
    make_tags(row, text, sizeof text);
    row_field(row, text);
    make_attributes(row, text, sizeof text);
    row_field(row, text);
    make_notes(row, text, sizeof text);
    row_field(row, text);
}

static void make_event(row_text *row, int64_t number)
{
    char text[40];

    row_number(row, number + 1);
    text_uuid(row, text);
    row_field(row, text);
    row_field(row, PICK_SKEWED(row, kinds));
    row_field(row, PICK_SKEWED(row, channels));
    row_time(row, first_day_us + number * 23000000 + 1000 * (int64_t)row_below(row, 23000));
}

static int write_rows(const options *given)
{
    const char *table = given->table == TABLE_CUSTOMERS ? "customers" : "events";
    static row_text row;

    if (given->sql)
        printf("BEGIN;\n");
    for (int64_t i = 0; i < given->rows; i++) {
        row_begin(&row, (uint64_t)given->table, (uint64_t)(given->from + i), given->sql);
        if (given->table == TABLE_CUSTOMERS)
            make_customer(&row, given->from + i);
        else
            make_event(&row, given->from + i);
        if (!given->sql) {
            fwrite(row.text, 1, row.len, stdout);
            putchar('\n');
            continue;
        }
        if (i % SQL_ROWS == 0)
            printf("INSERT INTO %s VALUES\n", table);
        printf("(%.*s)%s\n", (int)row.len, row.text,
               i % SQL_ROWS == SQL_ROWS - 1 || i == given->rows - 1 ? ";" : ",");
    }
    if (given->sql)
        printf("COMMIT;\n");
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 2;
}

static rh_status read_option(options *given, const char *name, const char *value, rh_error *err)
{
    int64_t *number = NULL;

    if (strcmp(name, "--rows") == 0)
        number = &given->rows;
    else if (strcmp(name, "--size") == 0)
        number = &given->size_mib;
    else if (strcmp(name, "--from") == 0)
        number = &given->from;
    if (number == NULL || value == NULL)
        return rh_error_set(err, RH_EUSAGE, "unknown or incomplete option '%s'", name);
    return rh_num_int64(value, name, 0, INT64_C(1) << 40, number, err);
}

static rh_status read_arguments(int argc, char **argv, options *given, rh_error *err)
{
    rh_status status = RH_OK;

    for (int i = 1; i < argc && status == RH_OK; i++) {
        if (strcmp(argv[i], "--sql") == 0)
            given->sql = true;
        else if (strcmp(argv[i], "--count") == 0)
            given->count = true;
        else if (strcmp(argv[i], "customers") == 0)
            given->table = TABLE_CUSTOMERS;
        else if (strcmp(argv[i], "events") == 0)
            given->table = TABLE_EVENTS;
        else
            status = read_option(given, argv[i], i + 1 < argc ? argv[i + 1] : NULL, err), i++;
    }
    if (status == RH_OK && given->table == 0)
        status = rh_error_set(err, RH_EUSAGE, "name a table: customers or events");
    if (given->size_mib > 0)
        given->rows =
            given->size_mib * 1048576 / UNIT_BYTES * (given->table == TABLE_CUSTOMERS ? 5 : 8);
    return status;
}

int main(int argc, char **argv)
{
    options given = {0};
    rh_error err = RH_ERROR_INIT;

    if (read_arguments(argc, argv, &given, &err) != RH_OK) {
        fprintf(stderr, "rehearse_bench_data: %s\n", err.text);
        return 2;
    }
    if (given.count) {
        printf("%" PRId64 "\n", given.rows);
        return 0;
    }
    return write_rows(&given);
}
