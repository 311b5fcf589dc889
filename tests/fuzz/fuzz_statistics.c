/*
 * Planner statistics as text. The first byte says what the rest is: PostgreSQL's section (JSON
 * lines), array texts of common values and bounds, or, cut at a line of "---", SQLite's schema and
 * rows of sqlite_stat1. Figures come out, or a refusal.
 */
#include <assert.h>
#include <string.h>

#include "core/mem.h"
#include "fid_statistics.h"
#include "fuzz.h"

/* Cuts text at a line of "---"; the part behind it, or NULL. */
static char *cut(char *text)
{
    char *line = strstr(text, "\n---\n");

    if (line == NULL)
        return NULL;
    *line = '\0';
    return line + 5;
}

static void look_at(const rh_fid_statistics *statistics)
{
    for (size_t i = 0; i < statistics->relation_count; i++)
        assert(statistics->relations[i].key != NULL && statistics->relations[i].name != NULL);
    for (size_t i = 0; i < statistics->column_count; i++) {
        const rh_fid_column *column = &statistics->columns[i];

        assert(column->key != NULL && column->table != NULL);
        for (size_t n = 1; n < RH_FID_PREFIX_CHARS; n++)
            assert(column->prefixes.distinct[n - 1] <= column->prefixes.distinct[n]);
    }
}

static void count_arrays(char *text)
{
    const char *second = cut(text);
    const char *const arrays[2] = {text, second};
    rh_fid_prefixes found = {0};

    if (rh_fid_prefixes_count(arrays, &found, NULL) == RH_OK)
        assert(found.distinct[RH_FID_PREFIX_CHARS - 1] <= found.values);
}

static void read_lite(char *text)
{
    const char *stat1 = cut(text);
    rh_fid_statistics *statistics = NULL;
    json_t *rows = NULL;

    if (rh_fid_statistics_parse_lite(text, stat1, &statistics, NULL) == RH_OK)
        look_at(statistics);
    rh_fid_statistics_free(statistics);
    if (rh_fid_stat1_rows(stat1, &rows, NULL) == RH_OK)
        assert(json_is_array(rows));
    json_decref(rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text;
    rh_fid_statistics *statistics = NULL;

    if (size == 0)
        return 0;
    text = rh_mem_strndup((const char *)data + 1, size - 1);
    if (text == NULL)
        return 0;
    switch (data[0]) {
    case 'a':
        count_arrays(text);
        break;
    case 'l':
        read_lite(text);
        break;
    default:
        if (rh_fid_statistics_parse(text, &statistics, NULL) == RH_OK)
            look_at(statistics);
        rh_fid_statistics_free(statistics);
        break;
    }
    rh_mem_free(text);
    return 0;
}
