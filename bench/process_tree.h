/*
 * What /proc tells about a process with its descendants, and about the machine. Linux only. Figures
 * are read while processes come and go: one that has just gone counts as nothing.
 */
#ifndef BENCH_PROCESS_TREE_H
#define BENCH_PROCESS_TREE_H

#include <stdint.h>
#include <sys/types.h>

/** Resident memory of the process and its descendants, shared pages counted in each, in KiB. */
int64_t process_tree_resident_kib(pid_t pid);

/** CPU time of the process, its descendants, and those of them that it has waited for. */
int64_t process_tree_cpu_us(pid_t pid);

/** CPU time that the machine has spent on anything, also on other guests of its host (steal). */
int64_t machine_busy_us(void);

#endif
