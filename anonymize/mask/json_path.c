#include "json_path.h"

#include <string.h>

static bool read_name(rh_arena *arena, const char **at, json_step *step, bool *out_oom)
{
    const char *start = *at;
    size_t len = strcspn(start, ".[");

    if (len == 0)
        return false;
    *at = start + len;
    if (len == 1 && *start == '*') {
        step->any = true;
        return true;
    }
    step->name = rh_arena_strndup(arena, start, len);
    *out_oom = step->name == NULL;
    return step->name != NULL;
}

/* [*], [12], ['name'], ["name"] */
static bool read_bracket(rh_arena *arena, const char **at, json_step *step, bool *out_oom)
{
    const char *p = *at + 1;

    if (*p == '*') {
        step->any = true;
        p++;
    } else if (*p == '\'' || *p == '"') {
        const char *end = strchr(p + 1, *p);

        if (end == NULL)
            return false;
        step->name = rh_arena_strndup(arena, p + 1, (size_t)(end - p) - 1);
        *out_oom = step->name == NULL;
        if (step->name == NULL)
            return false;
        p = end + 1;
    } else {
        step->index = 0;
        if (*p < '0' || *p > '9')
            return false;
        while (*p >= '0' && *p <= '9' && step->index < 100000000)
            step->index = step->index * 10 + (*p++ - '0');
    }
    if (*p != ']')
        return false;
    *at = p + 1;
    return true;
}

bool json_path_parse(rh_arena *arena, const char *text, json_path *out, bool *out_oom)
{
    json_step steps[JSON_PATH_STEPS];
    size_t count = 0;
    json_step *copy;

    *out_oom = false;
    if (*text++ != '$')
        return false;
    while (*text != '\0') {
        json_step step = {.index = -1};

        if (count == JSON_PATH_STEPS)
            return false;
        if (text[0] == '.' && text[1] == '.') {
            step.descend = true;
            text += 2;
        } else if (text[0] == '.') {
            text++;
        } else if (text[0] != '[') {
            return false;
        }
        if (text[0] == '[' ? !read_bracket(arena, &text, &step, out_oom)
                           : !read_name(arena, &text, &step, out_oom))
            return false;
        steps[count++] = step;
    }
    copy = rh_arena_alloc(arena, (count + 1) * sizeof *copy);
    if (copy == NULL) {
        *out_oom = true;
        return false;
    }
    if (count > 0)
        memcpy(copy, steps, count * sizeof *copy);
    out->steps = copy;
    out->count = count;
    return true;
}

static bool matches(const json_step *step, const json_child *child)
{
    if (step->any)
        return true;
    if (child->name == NULL)
        return step->name == NULL && step->index == child->index;
    return step->name != NULL && strlen(step->name) == child->len &&
           memcmp(step->name, child->name, child->len) == 0;
}

uint64_t json_path_enter(const json_path *path, uint64_t reached, const json_child *child)
{
    uint64_t inside = 0;

    for (size_t i = 0; i < path->count; i++) {
        if ((reached >> i & 1) == 0)
            continue;
        if (matches(&path->steps[i], child))
            inside |= UINT64_C(1) << (i + 1);
        if (path->steps[i].descend)
            inside |= UINT64_C(1) << i;
    }
    return inside;
}
