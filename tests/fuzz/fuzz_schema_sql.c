/*
 * Texts of the schema through masks: the first byte chooses the engine and how the rest is read.
 * PostgreSQL's text comes out as it was when nothing in it is masked.
 */
#include <assert.h>
#include <string.h>

#include "anonymize/schema_sql.h"
#include "core/hash.h"
#include "core/mem.h"
#include "fuzz.h"

static const char STRUCTURE[] =
    "{\"version\": 1, \"tables\": [{\"schema\": \"s\", \"name\": \"t\", \"columns\": ["
    "{\"name\": \"a\", \"type\": \"text\", \"base_type\": \"text\"},"
    "{\"name\": \"n\", \"type\": \"bigint\", \"base_type\": \"bigint\"},"
    "{\"name\": \"k\", \"type\": \"text\", \"base_type\": \"text\"}]}]}";

static const char RULES[] = "version: 1\ncolumns:\n  \"t.a\": text\n  \"t.n\": {mask: integer, "
                            "mode: monotone}\n  \"t.k\": keep\n";

static void mask_text(const rh_bound_rules *bound, const rh_structure *structure,
                      rh_engine_kind engine, const rh_schema_sql *sql)
{
    rh_arena *arena = rh_arena_new(0);
    rh_buf out = RH_BUF_INIT;
    rh_schema_literals found = {0, 0, false};
    rh_literals literals;

    assert(arena != NULL);
    rh_literals_init(&literals, structure, bound, engine, arena);
    assert(rh_schema_sql_mask(&literals, sql, NULL, &out, &found, NULL) == RH_OK);
    if (found.masked == 0 && engine == RH_ENGINE_POSTGRESQL &&
        memchr(sql->text, '-', sql->len) == NULL && memchr(sql->text, '/', sql->len) == NULL)
        assert(out.len == sql->len && memcmp(rh_buf_cstr(&out), sql->text, sql->len) == 0);
    rh_buf_done(&out);
    rh_arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const rh_mask_key key = {{1}};
    long blocks = rh_mem_live_blocks();
    rh_rules *rules = NULL;
    rh_structure *structure = NULL;
    rh_bound_rules *bound = NULL;
    rh_problems problems = RH_PROBLEMS_INIT;
    rh_engine_kind engine;

    if (size < 2 || rh_crypto_start(NULL) != RH_OK)
        return 0;
    engine = (data[0] & 1) != 0 ? RH_ENGINE_SQLITE : RH_ENGINE_POSTGRESQL;
    assert(rh_rules_parse("r", RULES, strlen(RULES), &rules, NULL) == RH_OK);
    assert(rh_structure_parse(STRUCTURE, strlen(STRUCTURE), &structure, NULL) == RH_OK);
    assert(rh_rules_bind(rules, structure, engine, &bound, &problems, NULL) == RH_OK);
    assert(rh_bound_compile(bound, &key, NULL) == RH_OK);
    mask_text(bound, structure, engine,
              &(rh_schema_sql){(const char *)data + 1, size - 1, (data[0] & 2) != 0,
                               (data[0] & 6) != 0 ? rh_structure_table_at(structure, 0) : NULL});
    rh_problems_done(&problems);
    rh_bound_rules_free(bound);
    rh_structure_free(structure);
    rh_rules_free(rules);
    assert(rh_mem_live_blocks() == blocks);
    return 0;
}
