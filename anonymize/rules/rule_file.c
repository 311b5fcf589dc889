/*
 * Reading a rule file: everything that can be said without a database.
 */
#include "rule_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/bytes.h"
#include "core/hash.h"
#include "core/mem.h"
#include "core/str.h"

enum {
    MAX_NAME = 64,
    MAX_FILE = 16 << 20,
    MAX_RULES = 20000, /* and domains: some checks compare each with each */
};

/* ---- small helpers ---- */

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Edits between two short names; names longer than MAX_NAME are far from everything. */
static size_t distance(const char *a, const char *b)
{
    size_t row[MAX_NAME + 1];
    size_t a_len = strlen(a);
    size_t b_len = strlen(b);

    if (a_len > MAX_NAME || b_len > MAX_NAME)
        return MAX_NAME;
    for (size_t j = 0; j <= b_len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);

            diagonal = row[j];
            row[j] = smaller(smaller(row[j], row[j - 1]) + 1, changed);
        }
    }
    return row[b_len];
}

const char *nearest_name(const char *written, const char *const *names)
{
    const char *best = NULL;
    size_t best_distance = smaller(strlen(written) / 3 + 1, 3) + 1;

    for (; *names != NULL; names++) {
        size_t a = strlen(written);
        size_t b = strlen(*names);
        size_t d = (a > b ? a - b : b - a) < best_distance ? distance(written, *names) : MAX_NAME;

        if (d < best_distance) {
            best = *names;
            best_distance = d;
        }
    }
    return best;
}

const rule_domain *rules_find_domain(const rh_rules *rules, const char *name)
{
    for (size_t i = 0; i < rules->domain_count; i++) {
        if (strcmp(rules->domains[i].name, name) == 0)
            return &rules->domains[i];
    }
    return NULL;
}

static bool is_about_the_rule(const char *key)
{
    return strcmp(key, "mask") == 0 || strcmp(key, "why") == 0 || strcmp(key, "domain") == 0;
}

static size_t parameter_count(json_t *parameters)
{
    const char *key;
    json_t *value;
    size_t count = 0;

    json_object_foreach(parameters, key, value)
    {
        if (!is_about_the_rule(key))
            count++;
    }
    return count;
}

bool rule_same_mask(const rule *a, const rule *b)
{
    const char *key;
    json_t *value;

    if (a == b)
        return true;
    if (strcmp(a->kind, b->kind) != 0 ||
        parameter_count(a->parameters) != parameter_count(b->parameters))
        return false;
    json_object_foreach(a->parameters, key, value)
    {
        if (!is_about_the_rule(key) && !json_equal(value, json_object_get(b->parameters, key)))
            return false;
    }
    return true;
}

/* ---- kinds and their parameters ---- */

static rh_status unknown_kind(const rh_rules *rules, rh_doc_pos pos, const char *name,
                              rh_error *err)
{
    const rh_mask_kind *const *kinds = rh_mask_kinds();
    const char *names[256];
    size_t count = 0;
    rh_status status = rh_doc_error(rules->doc, pos, err, "there is no mask '%s'", name);

    if (rules_find_domain(rules, name) != NULL) {
        rh_error_hint(err, "'%s' is a domain: write {domain: %s}", name, name);
        return status;
    }
    while (kinds[count] != NULL && count + 1 < sizeof names / sizeof names[0]) {
        names[count] = kinds[count]->name;
        count++;
    }
    names[count] = NULL;
    if (nearest_name(name, names) != NULL)
        rh_error_hint(err, "did you mean '%s'?", nearest_name(name, names));
    else
        rh_error_hint(err, "docs/masks.md lists all masks");
    return status;
}

/* The kind that a text or YAML's null names. */
static rh_status take_kind(const rh_rules *rules, const json_t *value, rh_doc_pos pos,
                           const char **out, rh_error *err)
{
    const char *name = json_is_null(value) ? "null" : json_string_value(value);
    const rh_mask_kind *kind;

    if (name == NULL)
        return rh_doc_error(rules->doc, pos, err, "the mask must be a name");
    kind = rh_mask_kind_find(name);
    if (kind == NULL)
        return unknown_kind(rules, pos, name, err);
    *out = kind->name;
    return RH_OK;
}

/* Keys of a mask's object: those of its kind, and those that every mask has. */
static rh_status check_parameters(const rh_rules *rules, const json_t *object, const char *kind,
                                  rh_error *err)
{
    static const char *const common[] = {"mask", "why", "keep", "invalid", "domain"};
    const char *const *own = rh_mask_kind_find(kind)->parameters;
    const char *known[64];
    size_t count = 0;
    char where[96];

    for (; count < sizeof common / sizeof common[0]; count++)
        known[count] = common[count];
    for (size_t i = 0; own != NULL && own[i] != NULL; i++) {
        if (count + 1 < sizeof known / sizeof known[0])
            known[count++] = own[i];
    }
    known[count] = NULL;
    if (snprintf(where, sizeof where, "of mask '%s'", kind) < 0)
        where[0] = '\0';
    return rh_doc_check_keys(rules->doc, object, known, where, err);
}

static rh_status take_why(const rh_rules *rules, const json_t *object, const char **out,
                          rh_error *err)
{
    const json_t *why = json_object_get(object, "why");

    if (why == NULL)
        return RH_OK;
    if (!json_is_string(why))
        return rh_doc_error(rules->doc, rh_doc_value_pos(rules->doc, object, "why"), err,
                            "'why' must be a text");
    *out = json_string_value(why);
    return RH_OK;
}

/* {mask: kind, parameters ...} */
static rh_status take_mask_object(const rh_rules *rules, const json_t *object, const char **kind,
                                  const char **why, rh_error *err)
{
    const json_t *mask = json_object_get(object, "mask");
    rh_status status =
        take_kind(rules, mask, rh_doc_value_pos(rules->doc, object, "mask"), kind, err);

    if (status == RH_OK)
        status = check_parameters(rules, object, *kind, err);
    if (status == RH_OK)
        status = take_why(rules, object, why, err);
    return status;
}

/* ---- domains ---- */

static rh_status read_domain(const rh_rules *rules, const json_t *section, const char *name,
                             rule_domain *out, rh_error *err)
{
    json_t *value = json_object_get(section, name);
    const char *why = NULL;

    out->name = name;
    out->pos = rh_doc_key_pos(rules->doc, section, name);
    if (json_is_object(value)) {
        if (json_object_get(value, "mask") == NULL)
            return rh_doc_error(rules->doc, out->pos, err, "domain '%s' has no 'mask'", name);
        if (json_object_get(value, "domain") != NULL)
            return rh_doc_error(rules->doc, rh_doc_key_pos(rules->doc, value, "domain"), err,
                                "a domain has a mask, not another domain");
        out->parameters = value;
        return take_mask_object(rules, value, &out->kind, &why, err);
    }
    return take_kind(rules, value, rh_doc_value_pos(rules->doc, section, name), &out->kind, err);
}

/* An object member of the root. RH_SKIPPED when it is not there. */
static rh_status get_section(const rh_rules *rules, const char *key, json_t **out, rh_error *err)
{
    json_t *root = rh_doc_root(rules->doc);
    json_t *section = json_object_get(root, key);

    if (section == NULL)
        return RH_SKIPPED;
    if (!json_is_object(section))
        return rh_doc_error(rules->doc, rh_doc_value_pos(rules->doc, root, key), err,
                            "'%s' must be a list of 'name: value'", key);
    if (json_object_size(section) > MAX_RULES)
        return rh_doc_error(rules->doc, rh_doc_value_pos(rules->doc, root, key), err,
                            "'%s' has more than %d entries", key, MAX_RULES);
    *out = section;
    return RH_OK;
}

static rh_status read_domains(rh_rules *rules, rh_error *err)
{
    json_t *section = NULL;
    const char *name;
    json_t *value;
    rh_status status = get_section(rules, "domains", &section, err);

    if (status != RH_OK)
        return status == RH_SKIPPED ? RH_OK : status;
    rules->domains =
        rh_arena_array(rules->arena, json_object_size(section) + 1, sizeof *rules->domains);
    if (rules->domains == NULL)
        return rh_error_oom(err);
    json_object_foreach(section, name, value)
    {
        status = read_domain(rules, section, name, &rules->domains[rules->domain_count], err);
        if (status != RH_OK)
            return status;
        rules->domain_count++;
    }
    return RH_OK;
}

/* ---- rules ---- */

/* The declared domain that an object names. */
static rh_status find_domain(const rh_rules *rules, const json_t *object, const rule_domain **out,
                             rh_error *err)
{
    const json_t *value = json_object_get(object, "domain");
    rh_doc_pos pos = rh_doc_value_pos(rules->doc, object, "domain");
    const rule_domain *domain;
    rh_status status;

    if (!json_is_string(value))
        return rh_doc_error(rules->doc, pos, err, "'domain' must be a name");
    domain = rules_find_domain(rules, json_string_value(value));
    if (domain == NULL) {
        const char **names = rh_arena_array(rules->arena, rules->domain_count + 1, sizeof *names);

        if (names == NULL)
            return rh_error_oom(err);
        for (size_t i = 0; i < rules->domain_count; i++)
            names[i] = rules->domains[i].name;
        status =
            rh_doc_error(rules->doc, pos, err, "there is no domain '%s'", json_string_value(value));
        if (nearest_name(json_string_value(value), names) != NULL)
            rh_error_hint(err, "did you mean '%s'?", nearest_name(json_string_value(value), names));
        return status;
    }
    *out = domain;
    return RH_OK;
}

/* {domain: name}: its mask and its key. */
static rh_status use_domain(const rh_rules *rules, const json_t *object, rule *out, rh_error *err)
{
    static const char *const known[] = {"domain", "why", NULL};
    const rule_domain *domain = NULL;
    rh_status status = rh_doc_check_keys(rules->doc, object, known, "of a rule with a domain", err);

    if (status == RH_OK)
        status = find_domain(rules, object, &domain, err);
    if (status != RH_OK)
        return status;
    out->domain = domain->name;
    out->kind = domain->kind;
    out->parameters = domain->parameters;
    return take_why(rules, object, &out->why, err);
}

/* {mask: kind, parameters ...}, perhaps with the key of a domain: packed addresses, outpoints. */
static rh_status use_mask(const rh_rules *rules, json_t *object, rule *out, rh_error *err)
{
    const rule_domain *domain = NULL;
    rh_status status = take_mask_object(rules, object, &out->kind, &out->why, err);

    out->parameters = object;
    if (status == RH_OK && json_object_get(object, "domain") != NULL)
        status = find_domain(rules, object, &domain, err);
    if (status == RH_OK && domain != NULL)
        out->domain = domain->name;
    return status;
}

static rh_status read_rule(const rh_rules *rules, const json_t *section, const char *key, rule *out,
                           rh_error *err)
{
    rh_error found = RH_ERROR_INIT;
    json_t *value = json_object_get(section, key);
    rh_status status = rule_pattern_parse(key, rules->arena, &out->pattern, &found);

    out->pos = rh_doc_key_pos(rules->doc, section, key);
    if (status == RH_ENOMEM)
        return rh_error_oom(err);
    if (status != RH_OK) {
        status = rh_doc_error(rules->doc, out->pos, err, "%s", found.text);
        if (found.hint[0] != '\0')
            rh_error_hint(err, "%s", found.hint);
        return status;
    }
    if (!json_is_object(value))
        return take_kind(rules, value, rh_doc_value_pos(rules->doc, section, key), &out->kind, err);
    if (json_object_get(value, "mask") != NULL)
        return use_mask(rules, value, out, err);
    if (json_object_get(value, "domain") != NULL)
        return use_domain(rules, value, out, err);
    return rh_doc_error(rules->doc, out->pos, err, "rule '%s' has neither 'mask' nor 'domain'",
                        key);
}

static rh_status refuse_duplicate(const rh_rules *rules, const rule *second, rh_error *err)
{
    for (const rule *first = rules->rules; first < second; first++) {
        if (rule_pattern_same(&first->pattern, &second->pattern))
            return rh_doc_error(rules->doc, second->pos, err,
                                "pattern '%s' is the same as '%s' in line %zu",
                                second->pattern.text, first->pattern.text, first->pos.line);
    }
    return RH_OK;
}

static rh_status read_rules(rh_rules *rules, rh_error *err)
{
    json_t *section = NULL;
    const char *key;
    json_t *value;
    rh_status status = get_section(rules, "columns", &section, err);

    if (status == RH_SKIPPED)
        return rh_doc_error(rules->doc, (rh_doc_pos){1, 1}, err, "'columns' is missing");
    if (status != RH_OK)
        return status;
    rules->rules =
        rh_arena_array(rules->arena, json_object_size(section) + 1, sizeof *rules->rules);
    if (rules->rules == NULL)
        return rh_error_oom(err);
    json_object_foreach(section, key, value)
    {
        rule *next = &rules->rules[rules->rule_count];

        status = read_rule(rules, section, key, next, err);
        if (status == RH_OK)
            status = refuse_duplicate(rules, next, err);
        if (status != RH_OK)
            return status;
        rules->rule_count++;
    }
    return RH_OK;
}

/* ---- the head of the file ---- */

static rh_status read_version(const rh_rules *rules, rh_error *err)
{
    const json_t *root = rh_doc_root(rules->doc);
    const json_t *version = json_object_get(root, "version");

    if (version == NULL)
        return rh_doc_error(rules->doc, (rh_doc_pos){1, 1}, err, "'version: 1' is missing");
    if (!json_is_integer(version) || json_integer_value(version) != 1)
        return rh_doc_error(rules->doc, rh_doc_value_pos(rules->doc, root, "version"), err,
                            "this program reads version 1 of rule files");
    return RH_OK;
}

static rh_status read_key(rh_rules *rules, rh_error *err)
{
    static const char *const known[] = {"file", NULL};
    json_t *section = NULL;
    const json_t *file;
    const char *slash = strrchr(rules->name, '/');
    rh_status status = get_section(rules, "key", &section, err);

    if (status != RH_OK)
        return status == RH_SKIPPED ? RH_OK : status;
    status = rh_doc_check_keys(rules->doc, section, known, "in 'key'", err);
    if (status != RH_OK)
        return status;
    file = json_object_get(section, "file");
    if (!json_is_string(file) || json_string_length(file) == 0)
        return rh_doc_error(rules->doc,
                            rh_doc_value_pos(rules->doc, rh_doc_root(rules->doc), "key"), err,
                            "'key' needs the name of a 'file'");
    if (json_string_value(file)[0] == '/' || slash == NULL)
        rules->key_file = rh_arena_strdup(rules->arena, json_string_value(file));
    else
        rules->key_file = rh_arena_printf(rules->arena, "%.*s/%s", (int)(slash - rules->name),
                                          rules->name, json_string_value(file));
    return rules->key_file != NULL ? RH_OK : rh_error_oom(err);
}

static rh_status read_schema_texts(rh_rules *rules, rh_error *err)
{
    const json_t *root = rh_doc_root(rules->doc);
    const json_t *value = json_object_get(root, "schema_texts");
    const char *word = json_string_value(value);

    if (value == NULL)
        return RH_OK;
    if (word == NULL || (strcmp(word, "keep") != 0 && strcmp(word, "refuse") != 0))
        return rh_doc_error(rules->doc, rh_doc_value_pos(rules->doc, root, "schema_texts"), err,
                            "'schema_texts' must be keep or refuse");
    rules->refuse_texts = strcmp(word, "refuse") == 0;
    return RH_OK;
}

static rh_status read_all(rh_rules *rules, rh_error *err)
{
    static const char *const known[] = {"version", "key",     "schema_texts",
                                        "domains", "columns", NULL};
    const json_t *root = rh_doc_root(rules->doc);
    rh_status status;

    if (!json_is_object(root))
        return rh_doc_error(rules->doc, (rh_doc_pos){1, 1}, err,
                            "a rule file is a list of 'name: value'");
    status = rh_doc_check_keys(rules->doc, root, known, "in a rule file", err);
    if (status == RH_OK)
        status = read_version(rules, err);
    if (status == RH_OK)
        status = read_key(rules, err);
    if (status == RH_OK)
        status = read_schema_texts(rules, err);
    if (status == RH_OK)
        status = read_domains(rules, err);
    if (status == RH_OK)
        status = read_rules(rules, err);
    return status;
}

rh_status rh_rules_parse(const char *name, const char *text, size_t len, rh_rules **out,
                         rh_error *err)
{
    uint8_t hash[RH_ID_BYTES];
    rh_rules *rules = rh_mem_zalloc(sizeof *rules);
    rh_status status = RH_OK;

    if (rules == NULL)
        return rh_error_oom(err);
    rules->arena = rh_arena_new(0);
    if (rules->arena != NULL)
        rules->name = rh_arena_strdup(rules->arena, name);
    if (rules->name == NULL) {
        status = rh_error_oom(err);
        goto out;
    }
    status = rh_doc_parse(name, text, len, &rules->doc, err);
    if (status != RH_OK)
        goto out;
    status = read_all(rules, err);
    if (status != RH_OK)
        goto out;
    rh_hash_blake2b(text, len, hash);
    rh_hex_encode(hash, sizeof hash, rules->hash);
    *out = rules;
    rules = NULL;
out:
    rh_rules_free(rules);
    return status;
}

rh_status rh_rules_read(const char *path, rh_rules **out, rh_error *err)
{
    rh_buf text;
    rh_status status = RH_OK;
    FILE *file = fopen(path, "re");

    if (file == NULL && (errno == ENOENT || errno == ENOTDIR))
        return rh_error_set(err, RH_ENOTFOUND, "file '%s' does not exist", path);
    if (file == NULL)
        return rh_error_errno(err, errno, "cannot open '%s'", path);
    rh_buf_init(&text, MAX_FILE);
    for (;;) {
        uint8_t block[4096];
        size_t got = fread(block, 1, sizeof block, file);

        if (got == 0 && ferror(file)) {
            status = rh_error_errno(err, errno, "cannot read '%s'", path);
            break;
        }
        if (got == 0)
            break;
        status = rh_buf_append(&text, block, got, err);
        if (status != RH_OK)
            break;
    }
    if (status == RH_OK)
        status = rh_rules_parse(path, rh_buf_cstr(&text), text.len, out, err);
    (void)fclose(file);
    rh_buf_done(&text);
    return status;
}

void rh_rules_free(rh_rules *rules)
{
    if (rules == NULL)
        return;
    rh_doc_free(rules->doc);
    rh_arena_free(rules->arena);
    rh_mem_free(rules);
}

const char *rh_rules_key_file(const rh_rules *rules)
{
    return rules->key_file;
}

void rh_rules_hash(const rh_rules *rules, char out[65])
{
    memcpy(out, rules->hash, sizeof rules->hash);
}
