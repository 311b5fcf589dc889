/*
 * Rule files, bound to a structure and proved. The input is a rule file, and behind a line of
 * "---8<---" the structure; without it, to a small database.
 */
#include <assert.h>
#include <string.h>

#include "anonymize/rules.h"
#include "core/hash.h"
#include "core/mem.h"
#include "fuzz.h"

static const char CUT[] = "\n---8<---\n";

static const char SMALL[] =
    "{\"version\": 1, \"tables\": [{\"schema\": \"s\", \"name\": \"users\", \"columns\": ["
    "{\"name\": \"id\", \"type\": \"integer\", \"base_type\": \"integer\"},"
    "{\"name\": \"email\", \"type\": \"text\", \"base_type\": \"text\"}],"
    "\"indexes\": [{\"name\": \"pk\", \"unique\": true, \"primary\": true, \"columns\": [0], "
    "\"mentions\": [0]}],"
    "\"checks\": [{\"name\": \"c\", \"text\": \"CHECK (length(email) > 3)\", \"mentions\": [1]}]},"
    "{\"schema\": \"s\", \"name\": \"orders\", \"columns\": [{\"name\": \"user_id\", \"type\": "
    "\"integer\", \"base_type\": \"integer\"}], \"foreign_keys\": [{\"name\": \"fk\", "
    "\"columns\": [0], \"target\": \"s.users\", \"target_columns\": [\"id\"]}]}]}";

static const char *find_cut(const char *text, size_t size)
{
    for (size_t i = 0; i + sizeof CUT - 1 <= size; i++) {
        if (memcmp(text + i, CUT, sizeof CUT - 1) == 0)
            return text + i;
    }
    return NULL;
}

static void prove(const rh_rules *rules, const rh_structure *structure)
{
    rh_bound_rules *bound = NULL;
    rh_problems problems = RH_PROBLEMS_INIT;
    json_t *proof = NULL;
    rh_error err = RH_ERROR_INIT;
    rh_status status =
        rh_rules_bind(rules, structure, RH_ENGINE_POSTGRESQL, &bound, &problems, &err);

    assert(status == RH_OK || status == RH_ECONFIG);
    assert((status == RH_OK) == (rh_problems_fatal(&problems) == 0));
    if (status == RH_OK) {
        assert(rh_rules_prove(bound, structure, &proof, &problems, &err) == RH_OK);
        assert(json_is_array(proof));
    }
    json_decref(proof);
    rh_problems_done(&problems);
    rh_bound_rules_free(bound);
}

static void explain(const rh_rules *rules, const rh_structure *structure)
{
    for (size_t i = 0; i < rh_structure_table_count(structure); i++) {
        const rh_structure_table *table = rh_structure_table_at(structure, i);
        char *name;
        json_t *json = NULL;

        if (table->column_count == 0)
            continue;
        name = rh_mem_printf("%s.%s", table->full_name, table->columns[0].name);
        if (name == NULL)
            return;
        assert(rh_rules_explain(rules, structure, name, &json, NULL) == RH_OK);
        json_decref(json);
        rh_mem_free(name);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *cut = find_cut(text, size);
    const char *json = cut != NULL ? cut + sizeof CUT - 1 : SMALL;
    size_t json_len = cut != NULL ? size - (size_t)(json - text) : strlen(SMALL);
    size_t len = cut != NULL ? (size_t)(cut - text) + 1 : size;
    long blocks = rh_mem_live_blocks();
    rh_rules *rules = NULL;
    rh_structure *structure = NULL;
    rh_error err = RH_ERROR_INIT;
    rh_status status;

    if (rh_crypto_start(&err) != RH_OK)
        return 0;
    status = rh_rules_parse("fuzz", text, len, &rules, &err);
    assert(status == RH_OK || (status == RH_ECONFIG && strncmp(err.text, "fuzz", 4) == 0));
    if (status == RH_OK && rh_structure_parse(json, json_len, &structure, NULL) == RH_OK) {
        prove(rules, structure);
        explain(rules, structure);
    }
    rh_structure_free(structure);
    rh_rules_free(rules);
    assert(rh_mem_live_blocks() == blocks);
    return 0;
}
