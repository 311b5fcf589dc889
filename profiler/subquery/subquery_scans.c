#include <string.h>

#include "core/str.h"
#include "subquery_internal.h"

bool rh_subquery_alias_fits(const char *alias, const char *name, bool *out_suffixed)
{
    size_t len = strlen(name);

    *out_suffixed = false;
    if (strncmp(alias, name, len) != 0)
        return false;
    if (alias[len] == '\0')
        return true;
    *out_suffixed = true;
    return alias[len] == '_' && alias[len + 1] != '\0' &&
           alias[len + 1 + strspn(alias + len + 1, "0123456789")] == '\0';
}

bool rh_subquery_has_owner(const rh_plan_node *node)
{
    /* "*SELECT* 1" is the planner's own, around an arm of a set operation */
    return rh_plan_is_scan(node->kind) && node->alias != NULL &&
           !rh_str_starts_with(node->alias, "*SELECT*") &&
           node->kind != RH_PLAN_BITMAP_INDEX_SCAN && node->kind != RH_PLAN_VALUES_SCAN;
}

/* SQLite prints names as the user wrote them or as the schema has them. */
static bool name_fits(const rh_subquery_map *map, const rh_plan_node *node, const char *name,
                      bool *out_suffixed)
{
    if (rh_plan_engine_of(map->plan) == RH_PLAN_SQLITE) {
        *out_suffixed = false;
        return rh_str_ieq(node->alias, name);
    }
    return rh_subquery_alias_fits(node->alias, name, out_suffixed);
}

/* May this scan read that relation of a level? */
static bool may_read(const rh_subquery_map *map, const rh_plan_node *node,
                     const rh_sql_relation *relation)
{
    const char *name = relation->alias != NULL ? relation->alias : relation->name;
    bool suffixed;

    if (name == NULL || !name_fits(map, node, name, &suffixed))
        return false;
    switch (node->kind) {
    case RH_PLAN_CTE_SCAN:
    case RH_PLAN_WORK_TABLE_SCAN:
        return relation->level != RH_SQL_NONE && rh_str_eq(node->cte_name, relation->name);
    case RH_PLAN_SUBQUERY_SCAN:
        return !relation->function;
    case RH_PLAN_FUNCTION_SCAN:
        return relation->function || rh_plan_engine_of(map->plan) == RH_PLAN_SQLITE;
    default:
        break;
    }
    if (rh_plan_engine_of(map->plan) == RH_PLAN_SQLITE)
        return true;
    /* A partition has a name of its own and the parent's alias with a number. */
    return relation->level == RH_SQL_NONE && relation->name != NULL && !relation->function &&
           (suffixed || rh_str_eq(node->relation, relation->name));
}

static rh_status add_other(rh_subquery_map *map, subquery_owner *owner, size_t entry, rh_error *err)
{
    size_t *others;

    for (size_t i = 0; i < owner->other_count; i++) {
        if (owner->others[i] == entry)
            return RH_OK;
    }
    others = rh_arena_array(map->arena, owner->other_count + 1, sizeof *others);
    if (others == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < owner->other_count; i++)
        others[i] = owner->others[i];
    others[owner->other_count++] = entry;
    owner->others = others;
    return RH_OK;
}

/* One owner, or all candidates as others. */
static rh_status find_owner(rh_subquery_map *map, size_t first_entry, size_t n, rh_error *err)
{
    const rh_plan_node *node = rh_plan_at(map->plan, n);
    subquery_owner *owner = &map->owners[n];
    rh_status status = RH_OK;
    size_t found = 0;

    for (size_t e = first_entry; e < map->count && status == RH_OK; e++) {
        const rh_sql_level *level = map->entries[e].pub.level;

        for (size_t r = 0; r < level->relation_count && status == RH_OK; r++) {
            if (!may_read(map, node, &level->relations[r]))
                continue;
            if (found++ == 0) {
                owner->entry = e;
                owner->relation = r;
            } else {
                status = add_other(map, owner, owner->entry, err);
                if (status == RH_OK)
                    status = add_other(map, owner, e, err);
            }
        }
    }
    return status;
}

/* Two scans under different names cannot both be the one relation of one level, unless they read
 * partitions of it: one of them comes from elsewhere. */
static rh_status find_doubles(rh_subquery_map *map, size_t first_entry, rh_error *err)
{
    size_t nodes = rh_plan_count(map->plan);

    for (size_t a = 0; a < nodes; a++) {
        const rh_plan_node *one = rh_plan_at(map->plan, a);

        for (size_t b = a + 1; b < nodes; b++) {
            const rh_plan_node *two = rh_plan_at(map->plan, b);

            if (map->owners[a].entry == RH_SQL_NONE || map->owners[a].entry < first_entry ||
                map->owners[a].entry != map->owners[b].entry ||
                map->owners[a].relation != map->owners[b].relation ||
                rh_str_eq(one->alias, two->alias) || !rh_str_eq(one->relation, two->relation))
                continue;
            map->certain = map->certain && first_entry > 0;
            if (add_other(map, &map->owners[a], map->owners[a].entry, err) != RH_OK ||
                add_other(map, &map->owners[b], map->owners[b].entry, err) != RH_OK)
                return RH_ENOMEM;
        }
    }
    return RH_OK;
}

/* A relation that nothing reads may be a view whose tables pass for others. */
static void find_unread(rh_subquery_map *map, size_t first_entry)
{
    for (size_t e = first_entry; e < map->count; e++) {
        const rh_sql_level *level = map->entries[e].pub.level;

        for (size_t r = 0; r < level->relation_count; r++) {
            const rh_sql_relation *relation = &level->relations[r];
            bool read = relation->level != RH_SQL_NONE || relation->function || relation->target;

            for (size_t n = 0; n < rh_plan_count(map->plan) && !read; n++)
                read = map->owners[n].entry == e && map->owners[n].relation == r;
            if (!read)
                map->certain = false;
        }
    }
}

rh_status rh_subquery_own_by_alias(rh_subquery_map *map, size_t first_entry, rh_error *err)
{
    rh_status status = RH_OK;

    if (first_entry == 0)
        map->certain = true;
    for (size_t n = 0; n < rh_plan_count(map->plan) && status == RH_OK; n++) {
        if (!rh_subquery_has_owner(rh_plan_at(map->plan, n)))
            continue;
        if (map->owners[n].entry != RH_SQL_NONE)
            continue;
        status = find_owner(map, first_entry, n, err);
        if (first_entry == 0 &&
            (map->owners[n].entry == RH_SQL_NONE || map->owners[n].other_count > 0))
            map->certain = false;
    }
    if (status == RH_OK && rh_plan_engine_of(map->plan) == RH_PLAN_POSTGRES &&
        !(first_entry > 0 && map->certain))
        status = find_doubles(map, first_entry, err);
    if (first_entry == 0)
        find_unread(map, first_entry);
    return status;
}
