/*
 * Walks /proc/PID/task/TID/children. See process_tree.h.
 */
#include "process_tree.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MAX_DEPTH = 32 };

typedef int64_t (*process_figure)(pid_t pid);

static FILE *open_proc(pid_t pid, const char *name)
{
    char path[512];

    snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, name);
    return fopen(path, "r");
}

static int64_t resident_kib(pid_t pid)
{
    FILE *file = open_proc(pid, "statm");
    int64_t pages = 0;

    if (file == NULL)
        return 0;
    if (fscanf(file, "%*s %" SCNd64, &pages) != 1)
        pages = 0;
    fclose(file);
    return pages * (int64_t)sysconf(_SC_PAGESIZE) / 1024;
}

static int64_t ticks_us(int64_t ticks)
{
    return ticks * 1000000 / (int64_t)sysconf(_SC_CLK_TCK);
}

/* utime, stime, cutime and cstime follow the name in parentheses, which may hold anything. */
static int64_t cpu_us(pid_t pid)
{
    FILE *file = open_proc(pid, "stat");
    char line[1024];
    const char *rest = NULL;
    int64_t ticks[4];

    if (file == NULL)
        return 0;
    if (fgets(line, sizeof line, file) != NULL)
        rest = strrchr(line, ')');
    fclose(file);
    if (rest == NULL || sscanf(rest,
                               ") %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
                               "%" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64,
                               &ticks[0], &ticks[1], &ticks[2], &ticks[3]) != 4)
        return 0;
    return ticks_us(ticks[0] + ticks[1] + ticks[2] + ticks[3]);
}

static int64_t sum_tree(pid_t pid, process_figure figure, int depth);

static int64_t sum_children(pid_t pid, const char *thread, process_figure figure, int depth)
{
    char name[300];
    int64_t sum = 0;
    long child;
    FILE *file;

    snprintf(name, sizeof name, "task/%s/children", thread);
    file = open_proc(pid, name);
    if (file == NULL)
        return 0;
    while (fscanf(file, "%ld", &child) == 1)
        sum += sum_tree((pid_t)child, figure, depth + 1);
    fclose(file);
    return sum;
}

static int64_t sum_tree(pid_t pid, process_figure figure, int depth)
{
    int64_t sum = figure(pid);
    const struct dirent *entry;
    char path[64];
    DIR *threads;

    snprintf(path, sizeof path, "/proc/%ld/task", (long)pid);
    threads = depth < MAX_DEPTH ? opendir(path) : NULL;
    if (threads == NULL)
        return sum;
    while ((entry = readdir(threads)) != NULL)
        if (entry->d_name[0] != '.')
            sum += sum_children(pid, entry->d_name, figure, depth);
    closedir(threads);
    return sum;
}

int64_t process_tree_resident_kib(pid_t pid)
{
    return sum_tree(pid, resident_kib, 0);
}

int64_t process_tree_cpu_us(pid_t pid)
{
    return sum_tree(pid, cpu_us, 0);
}

int64_t machine_busy_us(void)
{
    FILE *file = fopen("/proc/stat", "r");
    int64_t t[6] = {0};
    int got = 0;

    if (file == NULL)
        return 0;
    /* user nice system (idle iowait) irq softirq steal */
    got = fscanf(file,
                 "cpu %" SCNd64 " %" SCNd64 " %" SCNd64 " %*s %*s %" SCNd64 " %" SCNd64 " %" SCNd64,
                 &t[0], &t[1], &t[2], &t[3], &t[4], &t[5]);
    fclose(file);
    return got == 6 ? ticks_us(t[0] + t[1] + t[2] + t[3] + t[4] + t[5]) : 0;
}
