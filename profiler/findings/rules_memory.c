/*
 * What did not fit into memory, and what compiling cost.
 */
#include "core/str.h"
#include "finding_run.h"

static double or_zero(double value)
{
    return rh_plan_known(value) ? value : 0;
}

static void sort_spill(rh_finding_run *run, const rh_plan_node *node)
{
    const rh_finding_kind kind = RH_FINDING_SORT_SPILL;
    double kb = or_zero(node->sort_space_kb);
    rh_finding *found;

    if (!rh_str_eq(node->sort_space_type, "Disk") || kb < rh_finding_limit_of(run, kind, 0))
        return;
    found = rh_finding_add(run, kind, node, kb, rh_finding_limit_of(run, kind, 0), "kB");
    if (found == NULL)
        return;
    found->what =
        rh_finding_text(run, "the sort went to disk with %s kB (%s)", rh_finding_number(run, kb),
                        node->sort_method == NULL ? "" : node->sort_method);
    found->advice = rh_finding_text(
        run,
        "sort fewer or narrower rows, read them from an index in this order, or SET work_mem "
        "for this statement to about %s MB",
        rh_finding_number(run, (double)(int64_t)(kb * 3 / 1024) + 1));
}

static void hash_spill(rh_finding_run *run, const rh_plan_node *node)
{
    const rh_finding_kind kind = RH_FINDING_HASH_SPILL;
    bool table = node->kind == RH_PLAN_HASH;
    double batches = or_zero(node->hash_batches);
    double limit = rh_finding_limit_of(run, kind, 0);
    rh_finding *found;

    if ((!table && node->kind != RH_PLAN_AGGREGATE) || batches <= limit ||
        (!table && or_zero(node->disk_kb) <= 0))
        return;
    found = rh_finding_add(run, kind, node, batches, limit, "batches");
    if (found == NULL)
        return;
    found->what = table ? rh_finding_text(run, "the hash table came in %s batches through disk",
                                          rh_finding_number(run, batches))
                        : rh_finding_text(run, "the groups came in %s batches through disk, %s kB",
                                          rh_finding_number(run, batches),
                                          rh_finding_number(run, or_zero(node->disk_kb)));
    found->advice = table ? "hash the smaller side with fewer columns, or SET work_mem for this "
                            "statement so that one batch holds it"
                          : "group fewer rows or by fewer keys, or SET work_mem for this statement";
}

static void lossy(rh_finding_run *run, const rh_plan_node *node)
{
    const rh_finding_kind kind = RH_FINDING_LOSSY_BITMAP;
    double blocks = or_zero(node->lossy_blocks);
    double all = blocks + or_zero(node->exact_blocks);
    rh_finding *found;

    if (node->kind != RH_PLAN_BITMAP_HEAP_SCAN || blocks < rh_finding_limit_of(run, kind, 0) ||
        blocks * 100 < all * rh_finding_limit_of(run, kind, 1))
        return;
    found = rh_finding_add(run, kind, node, blocks, rh_finding_limit_of(run, kind, 0), "blocks");
    if (found == NULL)
        return;
    found->what = rh_finding_text(
        run, "the bitmap kept %s of %s blocks as a whole, %s rows were tested again for nothing",
        rh_finding_number(run, blocks), rh_finding_number(run, all),
        rh_finding_number(run, or_zero(node->removed_by_recheck)));
    found->advice = "a more selective index, or SET work_mem for this statement";
}

static void jit(rh_finding_run *run)
{
    const rh_finding_kind kind = RH_FINDING_JIT_OVERHEAD;
    const rh_plan_jit *told = rh_plan_jit_of(run->plan);
    double all = rh_plan_execution_ms(run->plan);
    double share = all > 0 ? told->total_ms / all * 100 : 0;
    rh_finding *found;

    if (!rh_plan_known(told->total_ms) || told->total_ms < rh_finding_limit_of(run, kind, 1) ||
        share < rh_finding_limit_of(run, kind, 0))
        return;
    found = rh_finding_add(run, kind, NULL, share, rh_finding_limit_of(run, kind, 0), "% of time");
    if (found == NULL)
        return;
    found->what = rh_finding_text(run, "compiling %s functions took %.0f of %.0f ms",
                                  rh_finding_number(run, told->functions), told->total_ms, all);
    found->advice = "the cost was overestimated, or the statement is short and often: raise "
                    "jit_above_cost, or SET jit = off for it";
}

void rh_rules_memory(rh_finding_run *run)
{
    for (size_t i = 0; i < rh_plan_count(run->plan); i++) {
        const rh_plan_node *node = rh_plan_at(run->plan, i);

        sort_spill(run, node);
        hash_spill(run, node);
        lossy(run, node);
    }
    jit(run);
}
