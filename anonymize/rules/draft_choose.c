/*
 * Choosing: samples first, then the name, then the type. What none of them explains stays open.
 */
#include <stdio.h>
#include <string.h>

#include "core/str.h"
#include "draft_json.h"
#include "draft_type.h"
#include "virtual_part.h"

enum { SHORT_CATEGORY = 32 };

/* One column while it is looked at. */
typedef struct candidate {
    const rh_structure_table *table;
    const rh_structure_column *column;
    const draft_column *seen;
    bool inside; /* a value inside of the column's: no key of the table */
    value_class class;
    name_sense sense;
    draft_choice *out;
} candidate;

/* ---- proposals ---- */

static void propose(const candidate *c, const char *mask, const char *why)
{
    c->out->mask = mask;
    c->out->decided = true;
    rh_str_copy(c->out->evidence, sizeof c->out->evidence, why);
}

static void propose_keep(const candidate *c, const char *why)
{
    c->out->mask = "keep";
    c->out->decided = true;
    c->out->harmless = true;
    (void)snprintf(c->out->evidence, sizeof c->out->evidence, "looks harmless: %s", why);
}

static void leave_open(const candidate *c, const char *mask, const char *why)
{
    c->out->mask = mask;
    (void)snprintf(c->out->evidence, sizeof c->out->evidence, "undecided: %s, %zu samples", why,
                   c->seen->values);
}

static void propose_seen(const candidate *c, const char *mask, detector which)
{
    c->out->mask = mask;
    c->out->decided = true;
    (void)snprintf(c->out->evidence, sizeof c->out->evidence, "%zu of %zu samples are %s",
                   c->seen->hits[which], c->seen->texts, detector_words(which));
}

static const char *mask_for(detector which)
{
    static const char *const MASKS[DETECT_COUNT] = {
        [DETECT_PRIVATE_KEY] = "destroy",
        [DETECT_SEED_PHRASE] = "destroy",
        [DETECT_JWT] = "destroy",
        [DETECT_API_KEY] = "destroy",
        [DETECT_EMAIL] = "email",
        [DETECT_URL] = "url",
        [DETECT_UUID] = "uuid",
        [DETECT_MAC] = "mac",
        [DETECT_IP] = "ip",
        [DETECT_OUTPOINT] = "outpoint",
        [DETECT_HASH] = "txid",
        [DETECT_CHAIN_ADDRESS] = "chain-address",
        [DETECT_IBAN] = "iban",
        [DETECT_CARD] = "card",
        [DETECT_GEO] = "digits",
        [DETECT_DATE] = "shift-time",
        [DETECT_PHONE] = "phone",
    };

    return MASKS[which];
}

static const char *domain_for(detector which)
{
    switch (which) {
    case DETECT_EMAIL:
        return "email";
    case DETECT_HASH:
        return "txid";
    case DETECT_CHAIN_ADDRESS:
        return "address";
    case DETECT_IP:
        return "ip";
    case DETECT_PHONE:
        return "phone";
    default:
        return NULL;
    }
}

/* Texts that are all dates. One that is none would stop the run, so then somebody has to look. */
static bool choose_date(const candidate *c)
{
    size_t hits = c->seen->hits[DETECT_DATE];

    if (hits == 0 || hits * 2 <= c->seen->texts)
        return false;
    propose_seen(c, "shift-time", DETECT_DATE);
    c->out->decided = hits == c->seen->texts;
    if (!c->out->decided)
        (void)snprintf(c->out->evidence, sizeof c->out->evidence,
                       "undecided: %zu of %zu samples are dates, the others would need 'invalid'",
                       hits, c->seen->texts);
    return true;
}

/* True when the samples say it. One secret among many texts is enough to destroy all. */
static bool choose_by_samples(const candidate *c)
{
    for (detector i = 0; i < DETECT_COUNT; i++) {
        if (i == DETECT_DATE && choose_date(c))
            return true;
        if (c->seen->hits[i] == 0 || i == DETECT_DATE)
            continue;
        if (i <= DETECT_API_KEY || c->seen->hits[i] * 2 > c->seen->texts) {
            propose_seen(c, mask_for(i), i);
            c->out->domain = domain_for(i);
            return true;
        }
    }
    for (detector i = 0; i < DETECT_COUNT; i++) {
        if (c->seen->hits[i] > 0 && i != DETECT_DATE) {
            propose_seen(c, "text", i);
            return true;
        }
    }
    return false;
}

/* "name" says nothing by itself; in a table of people it does. */
static name_sense sense_in_table(const rh_structure_table *table, const char *column)
{
    static const char *const PEOPLE[] = {"user",    "person",   "people", "customer",
                                         "contact", "employee", "member", "patient",
                                         "author",  "account",  "client", "profile"};
    static const char *const FIRMS[] = {"compan", "organi", "firm", "supplier", "vendor"};
    char lower[128];

    if (!rh_str_ieq(column, "name"))
        return name_sense_of(column);
    draft_lower(lower, sizeof lower, table->name);
    for (size_t i = 0; i < sizeof PEOPLE / sizeof PEOPLE[0]; i++) {
        if (strstr(lower, PEOPLE[i]) != NULL)
            return NAME_PERSON;
    }
    for (size_t i = 0; i < sizeof FIRMS / sizeof FIRMS[0]; i++) {
        if (strstr(lower, FIRMS[i]) != NULL)
            return NAME_COMPANY;
    }
    return NAME_NOTHING;
}

static void choose_text_by_name(const candidate *c)
{
    static const char *const MASKS[] = {
        [NAME_EMAIL] = "email",       [NAME_PHONE] = "phone",    [NAME_IP] = "ip",
        [NAME_URL] = "url",           [NAME_HOST] = "host",      [NAME_PERSON] = "name",
        [NAME_COMPANY] = "company",   [NAME_CITY] = "city",      [NAME_ADDRESS] = "text",
        [NAME_POSTCODE] = "alnum",    [NAME_IBAN] = "iban",      [NAME_CARD] = "card",
        [NAME_OFFICIAL_ID] = "alnum", [NAME_FREE_TEXT] = "text", [NAME_GEO] = "digits",
        [NAME_IDENTIFIER] = "alnum",  [NAME_CATEGORY] = NULL,
    };

    if (c->sense == NAME_CATEGORY && c->seen->texts > 0 && c->seen->longest <= SHORT_CATEGORY) {
        propose_keep(c, "short texts of a column so named");
        return;
    }
    if (MASKS[c->sense] != NULL) {
        propose(c, MASKS[c->sense], "its name");
        return;
    }
    leave_open(c, "text", "neither name nor samples tell");
}

static bool is_primary(const candidate *c)
{
    size_t position = c->inside ? 0 : (size_t)(c->column - c->table->columns);

    for (size_t i = 0; !c->inside && i < c->table->index_count; i++) {
        const rh_structure_index *index = &c->table->indexes[i];

        for (size_t j = 0; index->primary && j < index->column_count; j++) {
            if (index->columns[j] == position)
                return true;
        }
    }
    return false;
}

/* Integers that look like times: only their program knows, so it is a suggestion. */
static bool choose_epoch(const candidate *c)
{
    bool millis = c->seen->millis > c->seen->seconds;
    size_t hits = millis ? c->seen->millis : c->seen->seconds;

    if (hits == 0 || hits < c->seen->values)
        return false;
    c->out->mask = "shift-time";
    (void)snprintf(c->out->evidence, sizeof c->out->evidence,
                   "undecided: all %zu samples could be %s since 1970%s, or plain numbers", hits,
                   millis ? "milliseconds" : "seconds", millis ? ": add unit: ms" : "");
    return true;
}

static void choose_number(const candidate *c, const char *mask)
{
    switch (c->sense) {
    case NAME_SECRET:
        propose(c, "destroy", "its name");
        return;
    case NAME_COUNTER:
        propose_keep(c, "a number of a column so named");
        return;
    case NAME_CATEGORY:
        propose_keep(c, "a number that says which kind");
        return;
    case NAME_AMOUNT:
    case NAME_GEO:
    case NAME_IDENTIFIER:
    case NAME_PHONE:
    case NAME_CARD:
    case NAME_OFFICIAL_ID:
        propose(c, mask, "its name");
        return;
    default:
        break;
    }
    if (!is_primary(c) && choose_epoch(c))
        return;
    if (c->column->identity || is_primary(c))
        propose(c, mask, c->column->identity ? "an identity" : "primary key");
    else
        leave_open(c, mask, "a number, its name does not tell");
}

/* A key that was counted up stands in the order of the rows, and plans count on that. */
static void choose_integer(const candidate *c)
{
    choose_number(c, "integer");
    if (strcmp(c->out->mask, "integer") == 0 && !c->inside)
        c->out->parameters = "mode: monotone";
}

/* The paths are listed below the rule: see draft_json.h. */
static void choose_json(const candidate *c)
{
    leave_open(c, "destroy", "name the paths of mask json");
    c->out->json = draft_json_worth_listing(c->seen->json);
    if (c->out->json)
        (void)snprintf(c->out->evidence, sizeof c->out->evidence,
                       "undecided: what no path names stays; %zu samples", c->seen->values);
}

/* Types that masks know nothing of: some are composite, by the look of the values. */
static void choose_unknown(const candidate *c)
{
    bool array = c->column->element_type != NULL;
    const char *type = array ? c->column->element_type : c->column->base_type;

    /* Types of the database's own stand in a schema; a point looks composite, too. */
    if (strchr(type, '.') != NULL && c->seen->records > 0 && c->seen->records == c->seen->texts) {
        leave_open(c, array ? "array" : "composite", "name its fields, others stay");
        c->out->parameters =
            array ? "element: {mask: composite, fields: {1: text}}" : "fields: {1: text}";
        return;
    }
    leave_open(c, c->column->not_null ? "keep" : "null",
               "no mask knows its type but keep, null, constant, custom");
}

static void choose_by_type(const candidate *c)
{
    switch (c->class) {
    case CLASS_BOOL:
        propose_keep(c, "true or false");
        break;
    case CLASS_ENUM:
        propose_keep(c, "labels of a type");
        break;
    case CLASS_UUID:
        propose(c, "uuid", "its type");
        break;
    case CLASS_NETWORK:
        propose(c, "ip", "its type");
        c->out->domain = "ip";
        break;
    case CLASS_MAC:
        propose(c, "mac", "its type");
        break;
    case CLASS_TIME:
        propose(c, "shift-time", c->sense == NAME_BIRTH ? "a birth date by its name" : "its type");
        break;
    case CLASS_INTEGER:
        choose_integer(c);
        break;
    case CLASS_NUMBER:
        choose_number(c, "numeric");
        break;
    case CLASS_BYTES:
        leave_open(c, "bytes", "bytes");
        break;
    case CLASS_JSON:
        choose_json(c);
        break;
    case CLASS_RANGE_TIME:
        propose(c, "shift-time", "a range of times");
        break;
    case CLASS_RANGE_INTEGER:
        propose(c, "integer", "a range of numbers");
        c->out->parameters = "mode: monotone";
        break;
    case CLASS_RANGE_NUMBER:
        propose(c, "numeric", "a range of numbers");
        break;
    case CLASS_HSTORE:
        propose(c, "hstore", "its values; the keys stay");
        c->out->parameters = "others: text";
        break;
    case CLASS_XML:
        propose(c, "xml", "texts and attributes; names of elements stay");
        break;
    case CLASS_OID:
        propose_keep(c, "the number of an object of the database");
        break;
    case CLASS_TEXT:
    case CLASS_OTHER:
        choose_unknown(c);
        break;
    }
}

/* Pieces of large objects: where they stand is no value. */
static bool choose_piece(const candidate *c)
{
    if (c->inside || strcmp(c->table->full_name, RH_LARGE_OBJECTS) != 0)
        return false;
    if (strcmp(c->column->name, "data") == 0)
        leave_open(c, "bytes", "{mask: destroy, as: empty} empties large objects");
    else
        propose_keep(c, "where a piece of a large object stands");
    return true;
}

static void choose(candidate *c)
{
    if (c->sense == NAME_SECRET && (c->class == CLASS_TEXT || c->class == CLASS_BYTES))
        propose(c, "destroy", "a secret by its name");
    else if (c->class == CLASS_TEXT && c->seen->objects * 2 > c->seen->texts)
        choose_json(c);
    else if (c->class != CLASS_TEXT)
        choose_by_type(c);
    else if (!choose_by_samples(c))
        choose_text_by_name(c);
}

void draft_choose(const rh_draft *draft, size_t table, size_t column, draft_choice *out)
{
    const rh_structure_table *t = rh_structure_table_at(draft->structure, table);
    candidate c = {.table = t,
                   .column = &t->columns[column],
                   .seen = &draft->columns[table][column],
                   .out = out};

    *out = (draft_choice){.mask = "destroy"};
    c.class = draft_class_of(c.column, c.seen);
    c.sense = sense_in_table(t, c.column->name);
    if (virtual_part_fulltext_rowid(draft->structure, t, c.column))
        leave_open(&c, "integer", "rowids of a full-text index: as the rows that it indexes");
    else if (virtual_part_rtree(draft->structure, t, c.column) != NULL)
        leave_open(&c, "keep",
                   "a part of an R-tree: keep them all, or leave the tree out by --exclude");
    else if (!choose_piece(&c))
        choose(&c);
}

void draft_choose_path(const rh_structure_table *table, const draft_path *path, draft_choice *out)
{
    bool number = path->seen.texts == 0;
    const rh_structure_column stands_for = {.name = path->key, .type = "", .base_type = ""};
    candidate c = {
        .table = table, .column = &stands_for, .seen = &path->seen, .inside = true, .out = out};

    *out = (draft_choice){.mask = "text"};
    c.class = !number ? CLASS_TEXT : path->fractions ? CLASS_NUMBER : CLASS_INTEGER;
    c.sense = sense_in_table(table, path->key);
    choose(&c);
}
