/* prune: rules against a model, names, grace, what stays whole, what stops it. */
#include "repo_fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/fs.h"
#include "core/mem.h"
#include "fail_nth.h"

enum { MANY = 256, MOST = 14 };

static const fx_table people[] = {{.name = "people", .rows = 50}, {0}};
static const fx_table others[] = {{.name = "people", .rows = 50, .version = 1, .changed_to = 50},
                                  {0}};
static const fx_snapshot monday = {.time = "2026-03-02T01:00:00Z"};
static const fx_snapshot tuesday = {.time = "2026-03-03T01:00:00Z"};

static rh_status try_prune(const fx *f, const rh_prune_options *options, json_t **out,
                           rh_error *err)
{
    rh_repo *repo = fx_open_exclusive(f);
    rh_status status = rh_repo_prune(repo, options, out, err);

    rh_repo_close(repo);
    return status;
}

static json_t *prune(const fx *f, const rh_prune_options *options)
{
    rh_error err = RH_ERROR_INIT;
    json_t *report = NULL;

    fx_ok(try_prune(f, options, &report, &err), &err);
    assert_int_equal(json_object_size(report), 5);
    return report;
}

static json_int_t number_of(const json_t *object, const char *key)
{
    assert_true(json_is_integer(json_object_get(object, key)));
    return json_integer_value(json_object_get(object, key));
}

static size_t removed_count(const json_t *report)
{
    return json_array_size(json_object_get(report, "removed"));
}

static bool was_removed(const json_t *report, const char *id)
{
    const json_t *removed = json_object_get(report, "removed");

    for (size_t i = 0; i < json_array_size(removed); i++) {
        if (strcmp(json_string_value(json_array_get(removed, i)), id) == 0)
            return true;
    }
    return false;
}

static void assert_whole(const fx *f, json_int_t snapshots)
{
    rh_repo *repo = fx_open(f, NULL);
    rh_error err = RH_ERROR_INIT;
    json_t *report = NULL;

    fx_ok(rh_repo_verify(repo, NULL, RH_VERIFY_DATA, 1, &report, &err), &err);
    assert_true(json_is_true(json_object_get(report, "ok")));
    assert_int_equal(number_of(report, "snapshots"), snapshots);
    json_decref(report);
    rh_repo_close(repo);
}

static size_t pack_count(const fx *f)
{
    char names[MANY][65];

    return fx_packs(f, names, MANY);
}

static void age_all(const fx *f, long seconds)
{
    char names[MANY][65];
    size_t count = fx_packs(f, names, MANY);

    for (size_t i = 0; i < count; i++) {
        char path[FX_PATH_BYTES];

        fx_pack_path(f, names[i], path);
        fx_age(path, seconds);
    }
}

/* ---- rules and names ---- */

static void without_a_rule_every_snapshot_stays(void **state)
{
    const rh_prune_options options = RH_PRUNE_OPTIONS_INIT;
    fx *f = *state;
    char id[64];

    fx_add(f, false, &monday, people, id);
    fx_add(f, false, &tuesday, people, id);
    json_t *report = prune(f, &options);

    assert_int_equal(removed_count(report), 0);
    assert_int_equal(number_of(report, "kept"), 2);
    assert_int_equal(number_of(report, "packs_removed"), 0);
    assert_int_equal(number_of(report, "packs_waiting"), 0);
    json_decref(report);
    assert_whole(f, 2);
}

static void removal_by_name_takes_its_packs_after_the_grace(void **state)
{
    rh_prune_options options = RH_PRUNE_OPTIONS_INIT;
    fx *f = *state;
    char a[64], b[64];
    const char *remove[] = {a, NULL};
    size_t before;

    fx_add(f, false, &monday, people, a);
    before = pack_count(f);
    fx_add(f, false, &tuesday, others, b);
    options.remove = remove;
    json_t *report = prune(f, &options);

    assert_true(was_removed(report, a));
    assert_int_equal(number_of(report, "kept"), 1);
    assert_int_equal(number_of(report, "packs_removed"), 0);
    assert_int_equal(number_of(report, "packs_waiting"), before);
    json_decref(report);
    assert_whole(f, 1);
    age_all(f, 25 * 3600);
    options.remove = NULL;
    report = prune(f, &options);
    assert_int_equal(number_of(report, "packs_removed"), before);
    assert_true(number_of(report, "bytes_freed") > 0);
    json_decref(report);
    assert_whole(f, 1);
}

static void packs_that_another_snapshot_shares_stay(void **state)
{
    rh_prune_options options = RH_PRUNE_OPTIONS_INIT;
    fx *f = *state;
    char a[64], b[64];

    fx_add(f, false, &monday, people, a);
    fx_add(f, false, &tuesday, people, b);
    options.keep_last = 1;
    options.grace_us = 0;
    json_t *report = prune(f, &options);

    assert_true(was_removed(report, a));
    json_decref(report);
    assert_whole(f, 1);
    assert_true(pack_count(f) > 0);
}

static void a_dry_run_changes_nothing(void **state)
{
    rh_prune_options options = RH_PRUNE_OPTIONS_INIT;
    rh_error err = RH_ERROR_INIT;
    fx *f = *state;
    char a[64], b[64];
    json_t *report = NULL;
    size_t before;

    fx_add(f, false, &monday, people, a);
    fx_add(f, false, &tuesday, others, b);
    before = pack_count(f);
    options.keep_last = 1;
    options.grace_us = 0;
    options.dry_run = true;
    rh_repo *repo = fx_open(f, NULL); /* needs not be alone */

    fx_ok(rh_repo_prune(repo, &options, &report, &err), &err);
    rh_repo_close(repo);
    assert_true(was_removed(report, a));
    assert_true(number_of(report, "packs_removed") > 0);
    assert_true(number_of(report, "bytes_freed") > 0);
    assert_int_equal(pack_count(f), before);
    assert_whole(f, 2);
    options.dry_run = false;
    json_t *done = prune(f, &options);

    assert_true(json_equal(report, done));
    assert_true(pack_count(f) < before);
    json_decref(done);
    json_decref(report);
    assert_whole(f, 1);
}

static void lineages_are_judged_on_their_own(void **state)
{
    static const fx_snapshot other = {.database = "archive", .time = "2020-01-01T00:00:00Z"};
    rh_prune_options options = RH_PRUNE_OPTIONS_INIT;
    fx *f = *state;
    char archive[64], a[64], b[64];

    fx_add(f, false, &other, people, archive);
    fx_add(f, false, &monday, people, a);
    fx_add(f, false, &tuesday, people, b);
    options.keep_last = 1;
    json_t *report = prune(f, &options);

    assert_int_equal(removed_count(report), 1);
    assert_true(was_removed(report, a));
    json_decref(report);
    assert_whole(f, 2);
}

static void rules_keep_one_of_what_was_not_named(void **state)
{
    rh_prune_options options = RH_PRUNE_OPTIONS_INIT;
    fx *f = *state;
    char a[64], b[64];
    const char *remove[] = {b, NULL, NULL};

    fx_add(f, false, &monday, people, a);
    fx_add(f, false, &tuesday, people, b);
    options.keep_last = 1;
    options.remove = remove;
    json_t *report = prune(f, &options);

    assert_int_equal(removed_count(report), 1);
    assert_true(was_removed(report, b));
    json_decref(report);
    assert_whole(f, 1);
    remove[0] = a; /* all of them, by name */
    options.grace_us = 0;
    report = prune(f, &options);
    assert_int_equal(number_of(report, "kept"), 0);
    json_decref(report);
    assert_whole(f, 0);
    assert_int_equal(pack_count(f), 0);
}

/* ---- refusals ---- */

static void an_unknown_name_stops_before_anything_goes(void **state)
{
    rh_prune_options options = RH_PRUNE_OPTIONS_INIT;
    rh_error err = RH_ERROR_INIT;
    fx *f = *state;
    char a[64], b[64];
    const char *remove[] = {a, "20260302T010000Z-0123456789abcdef", NULL};
    json_t *report = NULL;

    fx_add(f, false, &monday, people, a);
    fx_add(f, false, &tuesday, people, b);
    options.remove = remove;
    assert_int_equal(try_prune(f, &options, &report, &err), RH_ENOTFOUND);
    assert_null(report);
    assert_whole(f, 2);
}

static void a_damaged_manifest_stops_everything_and_is_named(void **state)
{
    rh_prune_options options = RH_PRUNE_OPTIONS_INIT;
    rh_error err = RH_ERROR_INIT;
    fx *f = *state;
    char a[64], b[64], path[FX_PATH_BYTES];
    json_t *report = NULL;
    size_t before;

    fx_add(f, false, &monday, people, a);
    fx_add(f, false, &tuesday, others, b);
    before = pack_count(f);
    age_all(f, 1000000);
    fx_manifest_path(f, a, path);
    fx_flip(path, 100);
    options.keep_last = 1;
    assert_int_equal(try_prune(f, &options, &report, &err), RH_EFORMAT);
    assert_non_null(strstr(err.text, a));
    assert_true(err.hint[0] != '\0');
    assert_null(report);
    assert_int_equal(pack_count(f), before);
    fx_flip(path, 100);
    assert_whole(f, 2);
}

static void a_handle_that_is_not_alone_may_not_prune(void **state)
{
    const rh_prune_options options = RH_PRUNE_OPTIONS_INIT;
    fx *f = *state;
    char id[64];
    json_t *report = NULL;

    fx_add(f, false, &monday, people, id);
    rh_repo *repo = fx_open(f, NULL);

    assert_int_equal(rh_repo_prune(repo, &options, &report, NULL), RH_EUSAGE);
    rh_repo_close(repo);
}

/* ---- garbage ---- */

static void leftovers_of_killed_runs_go_and_strangers_stay(void **state)
{
    rh_prune_options options = RH_PRUNE_OPTIONS_INIT;
    fx *f = *state;
    char id[64], run[FX_PATH_BYTES], inner[FX_PATH_BYTES], stranger[FX_PATH_BYTES];

    fx_add(f, false, &monday, people, id);
    fx_path(run, "%s/tmp/killed-run", f->repo);
    fx_path(inner, "%s/1.zp", run);
    fx_path(stranger, "%s/packs/README", f->repo);
    assert_int_equal(mkdir(run, 0700), 0);
    fx_write_file(inner, "half a pack", 11);
    fx_write_file(stranger, "mine", 4);
    fx_age(stranger, 1000000);
    json_t *report = prune(f, &options);

    assert_int_equal(number_of(report, "bytes_freed"), 11);
    assert_false(rh_fs_exists(run));
    assert_true(rh_fs_exists(stranger));
    json_decref(report);
    assert_whole(f, 1);
}

static void a_waiting_pack_keeps_its_dictionary(void **state)
{
    static const fx_table prose[] = {{.name = "big", .rows = 40000, .prose = true}, {0}};
    rh_prune_options options = RH_PRUNE_OPTIONS_INIT;
    fx *f = *state;
    char id[64], dir[FX_PATH_BYTES], path[FX_PATH_BYTES];
    const char *remove[] = {id, NULL};
    char **dicts = NULL;
    size_t count = 0;

    fx_add(f, false, &monday, prose, id);
    fx_path(dir, "%s/dicts", f->repo);
    assert_int_equal(rh_fs_list(dir, &dicts, &count, NULL), RH_OK);
    assert_int_equal(count, 1);
    fx_path(path, "%s/%s", dir, dicts[0]);
    rh_fs_list_free(dicts);
    fx_age(path, 1000000);
    options.remove = remove;
    json_decref(prune(f, &options));
    assert_true(rh_fs_exists(path)); /* the packs are young: a next run may use them */
    age_all(f, 1000000);
    options.remove = NULL;
    json_decref(prune(f, &options));
    assert_false(rh_fs_exists(path));
    assert_int_equal(pack_count(f), 0);
}

/* ---- random histories against a model ---- */

static uint64_t seed = 7;

static uint64_t roll(uint64_t sides)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (seed >> 33) % sides;
}

typedef struct taken {
    char id[64];
    time_t seconds;
    int lineage;
    bool keep;
    bool named;
} taken;

static void model_rule(taken *all, size_t count, int lineage, const char *unit, size_t n)
{
    char seen[MOST][32];
    size_t labels = 0;

    for (size_t i = count; i-- > 0 && labels < n;) { /* newest last in the array */
        char label[32];
        struct tm tm;
        bool known = false;

        if (all[i].lineage != lineage || all[i].named)
            continue;
        assert_non_null(gmtime_r(&all[i].seconds, &tm));
        if (*unit == 'd')
            strftime(label, sizeof label, "%Y-%m-%d", &tm);
        else if (*unit == 'w')
            strftime(label, sizeof label, "%G-%V", &tm);
        else if (*unit == 'm')
            strftime(label, sizeof label, "%Y-%m", &tm);
        else
            snprintf(label, sizeof label, "%zu", i);
        for (size_t k = 0; k < labels; k++)
            known = known || strcmp(seen[k], label) == 0;
        if (!known) {
            memcpy(seen[labels++], label, sizeof label);
            all[i].keep = true;
        }
    }
}

static void model(taken *all, size_t count, const rh_prune_options *options)
{
    bool any =
        options->keep_last + options->keep_daily + options->keep_weekly + options->keep_monthly > 0;

    for (size_t i = 0; i < count; i++)
        all[i].keep = !any && !all[i].named;
    for (int lineage = 0; lineage < 2; lineage++) {
        model_rule(all, count, lineage, "last", options->keep_last);
        model_rule(all, count, lineage, "day", options->keep_daily);
        model_rule(all, count, lineage, "week", options->keep_weekly);
        model_rule(all, count, lineage, "month", options->keep_monthly);
    }
}

static size_t random_history(fx *f, taken *all)
{
    rh_repo *repo = fx_create(f, false);
    size_t count = 1 + roll(MOST);
    time_t now = 1700000000 + (time_t)roll(10000000);

    for (size_t i = 0; i < count; i++) {
        char time[RH_CLOCK_TEXT_BYTES];
        fx_table tables[] = {{.name = "people", .rows = 20, .changed_to = 20}, {0}};
        fx_snapshot about = {.time = time};

        all[i].lineage = (int)roll(2);
        all[i].seconds = now;
        all[i].named = roll(8) == 0;
        about.database = all[i].lineage == 0 ? "shop" : "ledger";
        tables[0].version = (int)roll(4);
        rh_clock_format((int64_t)now * 1000000, time);
        fx_take(repo, &about, tables, all[i].id);
        now += 60 + (time_t)roll(roll(3) == 0 ? 3000000 : 60000);
    }
    rh_repo_close(repo);
    return count;
}

static void one_random_history(fx *f)
{
    rh_prune_options options = RH_PRUNE_OPTIONS_INIT;
    taken all[MOST] = {{{0}, 0, 0, false, false}};
    const char *names[MOST + 1] = {NULL};
    size_t count = random_history(f, all);
    size_t kept = 0;
    size_t named = 0;

    if (roll(5) != 0) {
        options.keep_last = roll(4);
        options.keep_daily = roll(4);
        options.keep_weekly = roll(4);
        options.keep_monthly = roll(4);
    }
    options.grace_us = 0;
    for (size_t i = 0; i < count; i++) {
        if (all[i].named)
            names[named++] = all[i].id;
    }
    options.remove = named == 0 ? NULL : names;
    model(all, count, &options);
    json_t *report = prune(f, &options);

    for (size_t i = 0; i < count; i++) {
        assert_int_equal(was_removed(report, all[i].id), !all[i].keep);
        kept += all[i].keep;
    }
    assert_int_equal(number_of(report, "kept"), kept);
    assert_int_equal(number_of(report, "packs_waiting"), 0);
    assert_whole(f, (json_int_t)kept);
    if (kept == 0)
        assert_int_equal(pack_count(f), 0);
    json_decref(report);
}

static void random_histories_agree_with_the_model(void **state)
{
    fx *f = *state;

    for (int round = 0; round < 25; round++) {
        one_random_history(f);
        assert_int_equal(rh_fs_remove_tree(f->repo, NULL), RH_OK);
    }
}

/* ---- memory ---- */

typedef struct pruning {
    const fx *f;
    const char *id;
} pruning;

static rh_status prune_body(void *ctx, rh_error *err)
{
    const pruning *p = ctx;
    const char *const remove[] = {p->id, NULL};
    rh_prune_options options = RH_PRUNE_OPTIONS_INIT;
    rh_repo_options access = RH_REPO_OPTIONS_INIT;
    rh_repo *repo = NULL;
    json_t *report = NULL;
    rh_status status;

    access.prune = true;
    options.remove = remove;
    options.grace_us = 0;
    status = rh_repo_open(p->f->repo, &access, &repo, err);
    if (status == RH_OK)
        status = rh_repo_prune(repo, &options, &report, err);
    assert_true(status == RH_OK || report == NULL);
    json_decref(report);
    rh_repo_close(repo);
    return status;
}

static void failed_allocations_remove_nothing(void **state)
{
    fx *f = *state;
    char a[64], b[64];
    pruning p = {f, a};

    fx_add(f, false, &monday, people, a);
    fx_add(f, false, &tuesday, others, b);
    assert_true(fail_nth(prune_body, &p) > 50);
    assert_whole(f, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fx_setup, fx_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_a_rule_every_snapshot_stays),
        TEST(removal_by_name_takes_its_packs_after_the_grace),
        TEST(packs_that_another_snapshot_shares_stay),
        TEST(a_dry_run_changes_nothing),
        TEST(lineages_are_judged_on_their_own),
        TEST(rules_keep_one_of_what_was_not_named),
        TEST(an_unknown_name_stops_before_anything_goes),
        TEST(a_damaged_manifest_stops_everything_and_is_named),
        TEST(a_handle_that_is_not_alone_may_not_prune),
        TEST(leftovers_of_killed_runs_go_and_strangers_stay),
        TEST(a_waiting_pack_keeps_its_dictionary),
        TEST(random_histories_agree_with_the_model),
        TEST(failed_allocations_remove_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
