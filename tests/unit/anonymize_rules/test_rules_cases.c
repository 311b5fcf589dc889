/*
 * Data cases: tests/data/rules/<case>/ with rules.yaml, structure.json (or none: an empty database)
 * and expected.json. With RH_UPDATE_CASES set, expected.json is written instead: read the diff.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "anonymize/rules.h"
#include "core/fs.h"
#include "core/hash.h"
#include "core/mem.h"

static char *folder(void)
{
    const char *root = getenv("RH_SOURCE_DIR");

    return rh_mem_printf("%s/tests/data/rules", root != NULL ? root : ".");
}

static void read_file(const char *dir, const char *name, const char *missing, rh_buf *out)
{
    rh_error err = RH_ERROR_INIT;
    char *path = rh_fs_join(dir, name);

    rh_buf_clear(out);
    if (missing != NULL && !rh_fs_exists(path)) {
        if (rh_buf_append_str(out, missing, &err) != RH_OK)
            fail_msg("%s", err.text);
    } else if (rh_fs_read(path, 1 << 20, out, &err) != RH_OK) {
        fail_msg("%s", err.text);
    }
    rh_mem_free(path);
}

static json_t *error_json(const rh_error *err)
{
    return json_pack("{s:s, s:s}", "text", err->text, "hint", err->hint);
}

static json_t *problems_json(const rh_problems *problems)
{
    json_t *list = json_array();

    for (size_t i = 0; i < problems->count; i++) {
        const rh_problem *p = &problems->items[i];

        json_array_append_new(list, json_sprintf("%s: %s%s%s", p->fatal ? "fatal" : "note", p->text,
                                                 p->hint == NULL ? "" : " | ",
                                                 p->hint == NULL ? "" : p->hint));
    }
    return list;
}

static json_t *decisions_json(const rh_bound_rules *bound)
{
    json_t *list = json_object();

    for (size_t i = 0; i < rh_bound_count(bound); i++) {
        const rh_decision *d = rh_bound_at(bound, i);
        char name[256];

        (void)snprintf(name, sizeof name, "%s.%s", d->table->full_name, d->column->name);
        assert_ptr_equal(rh_bound_find(bound, d->table->full_name, d->column->name), d);
        json_object_set_new(
            list, name,
            json_sprintf("%s%s%s%s%s%s%s", d->kind, d->domain != NULL ? ", domain " : "",
                         d->domain != NULL ? d->domain : "", d->pattern != NULL ? ", by " : "",
                         d->pattern != NULL ? d->pattern : "",
                         d->derived_from != NULL ? ", from " : "",
                         d->derived_from != NULL ? d->derived_from : ""));
    }
    return list;
}

static json_t *proof_json(const json_t *proof)
{
    json_t *list = json_array();

    for (size_t i = 0; i < json_array_size(proof); i++) {
        const json_t *e = json_array_get(proof, i);

        json_array_append_new(list,
                              json_sprintf("%s: %s '%s': %s: %s",
                                           json_string_value(json_object_get(e, "column")),
                                           json_string_value(json_object_get(e, "object_kind")),
                                           json_string_value(json_object_get(e, "object")),
                                           json_string_value(json_object_get(e, "verdict")),
                                           json_string_value(json_object_get(e, "because"))));
    }
    return list;
}

static void compile_and_prove(rh_bound_rules *bound, const rh_structure *structure,
                              rh_problems *problems, json_t *out)
{
    rh_mask_key key = {{1, 2, 3}};
    rh_error err = RH_ERROR_INIT;
    json_t *proof = NULL;

    json_object_set_new(out, "decisions", decisions_json(bound));
    if (rh_bound_compile(bound, &key, &err) != RH_OK) {
        json_object_set_new(out, "compile", error_json(&err));
        return;
    }
    if (rh_rules_prove(bound, structure, &proof, problems, &err) != RH_OK)
        fail_msg("%s", err.text);
    json_object_set_new(out, "proof", proof_json(proof));
    json_decref(proof);
}

static void explain_all(const rh_rules *rules, const rh_structure *structure,
                        const json_t *expected, json_t *out)
{
    const json_t *wanted = json_object_get(expected, "explain");
    json_t *all = json_object();
    const char *name;
    json_t *value;
    json_t *names = json_deep_copy(wanted);

    json_object_foreach(names, name, value)
    {
        rh_error err = RH_ERROR_INIT;
        json_t *one = NULL;

        if (rh_rules_explain(rules, structure, name, &one, &err) != RH_OK)
            one = error_json(&err);
        json_object_set_new(all, name, one);
    }
    json_decref(names);
    if (wanted != NULL)
        json_object_set(out, "explain", all);
    json_decref(all);
}

static json_t *run(const char *dir, rh_engine_kind engine, const json_t *expected)
{
    json_t *out = json_object();
    rh_buf text = RH_BUF_INIT;
    rh_rules *rules = NULL;
    rh_structure *structure = NULL;
    rh_bound_rules *bound = NULL;
    rh_problems problems = RH_PROBLEMS_INIT;
    rh_error err = RH_ERROR_INIT;

    read_file(dir, "rules.yaml", NULL, &text);
    if (rh_rules_parse("rules.yaml", rh_buf_cstr(&text), text.len, &rules, &err) != RH_OK) {
        json_object_set_new(out, "error", error_json(&err));
        goto out;
    }
    read_file(dir, "structure.json", "{\"version\": 1}", &text);
    if (rh_structure_parse(rh_buf_cstr(&text), text.len, &structure, &err) != RH_OK)
        fail_msg("%s: %s", dir, err.text);
    if (rh_rules_bind(rules, structure, engine, &bound, &problems, &err) != RH_OK)
        json_object_set_new(out, "error", error_json(&err));
    else
        compile_and_prove(bound, structure, &problems, out);
    json_object_set_new(out, "problems", problems_json(&problems));
    explain_all(rules, structure, expected, out);
out:
    rh_problems_done(&problems);
    rh_bound_rules_free(bound);
    rh_structure_free(structure);
    rh_rules_free(rules);
    rh_buf_done(&text);
    return out;
}

static void check_case(const char *root, const char *name)
{
    char *dir = rh_fs_join(root, name);
    char *path = rh_fs_join(dir, "expected.json");
    json_error_t problem;
    json_t *expected = json_load_file(path, 0, &problem);
    rh_engine_kind engine =
        strncmp(name, "sqlite", 6) == 0 ? RH_ENGINE_SQLITE : RH_ENGINE_POSTGRESQL;
    json_t *found = run(dir, engine, expected);

    if (getenv("RH_UPDATE_CASES") != NULL) {
        assert_int_equal(json_dump_file(found, path, JSON_INDENT(2) | JSON_SORT_KEYS), 0);
    } else if (expected == NULL || !json_equal(found, expected)) {
        char *text = json_dumps(found, JSON_INDENT(2) | JSON_SORT_KEYS);

        fail_msg("case '%s' gave: %s", name, text);
    }
    json_decref(found);
    json_decref(expected);
    rh_mem_free(path);
    rh_mem_free(dir);
}

static void every_case_gives_what_it_says(void **state)
{
    rh_error err = RH_ERROR_INIT;
    char *root = folder();
    char **names = NULL;
    size_t count = 0;
    long live = rh_mem_live_blocks();

    (void)state;
    assert_int_equal(rh_fs_list(root, &names, &count, &err), RH_OK);
    assert_true(count >= 10);
    for (size_t i = 0; i < count; i++)
        check_case(root, names[i]);
    rh_fs_list_free(names);
    assert_int_equal(rh_mem_live_blocks(), live);
    rh_mem_free(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_gives_what_it_says),
    };

    rh_mem_adopt_jansson();
    if (rh_crypto_start(NULL) != RH_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
