#define _DEFAULT_SOURCE /* clock_gettime together with C11 */
#include "bench_mask_kinds.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "anonymize/mask.h"

/* In %llu's place goes a number that changes from value to value. */
static const struct {
    const char *rule;
    const char *type;
    const char *value;
} cases[] = {
    {"mask: keep", "text", "alice%06llu@example.com"},
    {"mask: constant, value: x", "text", "alice%06llu@example.com"},
    {"mask: destroy", "text", "alice%06llu@example.com"},
    {"mask: text", "text", "Order no %06llu of Alice"},
    {"mask: text", "text", "%04llu"},
    {"mask: prefix-text", "text", "REF-2024-%06llu"},
    {"mask: words", "text", "the quick brown fox jumps over the lazy dog %06llu times"},
    {"mask: name", "text", "Alice Liddell%06llu"},
    {"mask: company", "text", "Acme%06llu Trading Ltd"},
    {"mask: city", "text", "New York%06llu"},
    {"mask: email", "text", "alice%06llu@example.com"},
    {"mask: phone", "text", "+49 30 %08llu"},
    {"mask: url", "text", "https://www.example.com/a/b?id=%06llu"},
    {"mask: host", "text", "host%06llu.example.com"},
    {"mask: ip", "inet", "10.1.%llu.7"},
    {"mask: mac", "macaddr", "08:00:2b:%02llu:02:03"},
    {"mask: uuid", "uuid", "01234567-89ab-4cde-8f01-23456%07llu"},
    {"mask: digits", "text", "%010llu"},
    {"mask: alnum", "text", "SKU-%06llu-AB"},
    {"mask: card", "text", "4111111111111111"},
    {"mask: iban", "text", "DE89370400440532013000"},
    {"mask: integer", "bigint", "1%06llu"},
    {"mask: integer", "integer", "%llu"},
    {"mask: integer, mode: monotone", "bigint", "1%06llu"},
    {"mask: numeric", "numeric", "%llu.25"},
    {"mask: time", "timestamp with time zone", "2024-02-29 12:34:56.%06llu+00"},
    {"mask: shift-time", "date", "2024-02-29"},
    {"mask: bytes", "bytea", "\\x0102030405060708%08llu"},
    {"mask: hex", "text", "0102030405060708%08llu"},
    {"mask: enum, labels: [new, paid, sent]", "text", "paid"},
    {"mask: chain-address", "text", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"},
    {"mask: chain-address", "text", "0x5aaeb6053f3e94c9b9a09f33669435e7%08llu"},
    {"mask: txid", "text", "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7a%08llu"},
    {"mask: outpoint", "text", "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7a%08llu:1"},
    {"mask: json, paths: {$.email: email, '$..id': integer}", "jsonb",
     "{\"email\": \"alice%06llu@example.com\", \"items\": [{\"id\": 5, \"n\": \"x\"}]}"},
    {"mask: text", "text[]", "{alice%06llu,\"b c\",NULL}"},
    {"mask: list, item: text", "text", "alice%06llu bob carol"},
    {"mask: xml", "xml", "<a b=\"c\">alice%06llu</a>"},
    {"mask: hstore, others: text", "hstore", "\"a\"=>\"alice%06llu\""},
};

/* Many more values than a mask remembers, so that each is worked for. */
enum { BATCH = 8192, VALUE_BYTES = 160 };

static double now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static size_t fill(size_t index, unsigned long long number, char out[VALUE_BYTES])
{
    const char *mark = strchr(cases[index].value, '%');
    size_t len = mark == NULL ? strlen(cases[index].value) : (size_t)(mark - cases[index].value);
    const char *rest = mark == NULL ? "" : strstr(mark, "llu") + 3;
    int digits = mark != NULL && mark[1] == '0' ? mark[2] - '0' : 1;

    if (mark != NULL && mark[1] == '1')
        digits = 10;
    if (mark != NULL && mark[1] == '0' && mark[3] != 'l')
        digits = 10;
    if (digits == 2 || strcmp(cases[index].type, "inet") == 0)
        number %= 100; /* a byte of an address */
    return (size_t)snprintf(out, VALUE_BYTES, "%.*s%.*llu%s", (int)len, cases[index].value,
                            mark == NULL ? 0 : digits, mark == NULL ? 0ULL : number, rest);
}

enum { ROWS = 64 }; /* that a row filter has in its hands at once */

typedef struct values {
    char text[BATCH][VALUE_BYTES];
    rh_field raw[BATCH];
    rh_field image[ROWS];
} values;

/* One round over all values: one per call, or many. */
static bool step(const rh_mask *mask, values *v, bool many, rh_arena *scratch)
{
    bool good = true;

    for (size_t i = 0; i < BATCH && good; i += ROWS) {
        memcpy(v->image, v->raw + i, sizeof v->image);
        if (many)
            good = rh_mask_apply_many(mask, v->image, 1, ROWS, scratch, NULL) == RH_OK;
        for (size_t j = 0; !many && j < ROWS && good; j++)
            good = rh_mask_apply(mask, &v->image[j], NULL, scratch, &v->image[j], NULL) == RH_OK;
        rh_arena_reset(scratch);
    }
    return good;
}

/* Millions of values per second; repeated: every value comes back soon. Negative: it failed. */
static double run(const rh_mask *mask, size_t index, bool many, bool repeated, double seconds)
{
    static values v;
    rh_arena *scratch = rh_arena_new(0);
    double start = now();
    double spent = 0;
    size_t count = 0;
    bool good = scratch != NULL;

    for (size_t i = 0; i < BATCH; i++) {
        v.raw[i] = (rh_field){.kind = RH_FIELD_TEXT, .data = (const uint8_t *)v.text[i]};
        v.raw[i].len = fill(index, repeated ? i % 100 : i, v.text[i]);
    }
    while (good && spent < seconds) {
        good = step(mask, &v, many, scratch);
        count += BATCH;
        spent = now() - start;
    }
    rh_arena_free(scratch);
    return good ? (double)count / spent / 1e6 : -1;
}

static bool bench_one(const rh_mask_key *key, size_t index, double seconds)
{
    char rule[256];
    rh_doc *doc = NULL;
    rh_mask *mask = NULL;
    rh_error err = RH_ERROR_INIT;
    double one = -1, many = -1, again = -1;
    bool good = false;
    const rh_structure_column column = {.name = "c",
                                        .type = cases[index].type,
                                        .base_type = cases[index].type,
                                        .element_type =
                                            strstr(cases[index].type, "[]") == NULL ? NULL : "text",
                                        .max_chars = -1,
                                        .precision = -1};

    (void)snprintf(rule, sizeof rule, "{%s}", cases[index].rule);
    if (rh_doc_parse("rule", rule, strlen(rule), &doc, &err) == RH_OK) {
        const rh_mask_request request = {
            .kind = json_string_value(json_object_get(rh_doc_root(doc), "mask")),
            .parameters = rh_doc_root(doc),
            .doc = doc,
            .domain = "bench",
            .key = key,
            .engine = RH_ENGINE_POSTGRESQL,
            .column = &column,
        };

        if (rh_mask_compile(&request, &mask, &err) == RH_OK) {
            one = run(mask, index, false, false, seconds);
            again = run(mask, index, true, true, seconds); /* first: the other way memory rests */
            many = run(mask, index, true, false, seconds);
        }
        good = one >= 0 && many >= 0 && again >= 0;
    }
    if (good)
        (void)printf("%-52s %-26s %8.2f %8.2f %8.2f\n", cases[index].rule + 6, cases[index].type,
                     one, many, again);
    else
        (void)fprintf(stderr, "bench_masks: %s: %s\n", cases[index].rule, err.text);
    rh_mask_free(mask);
    rh_doc_free(doc);
    return good;
}

bool bench_mask_kinds(const rh_mask_key *key, double seconds, const char *part)
{
    bool good = true;

    (void)printf("\n%-52s %-26s %8s %8s %8s\n", "million values per second by a mask", "type",
                 "one", "many", "repeated");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        good = (strstr(cases[i].rule, part) == NULL || bench_one(key, i, seconds)) && good;
    return good;
}
