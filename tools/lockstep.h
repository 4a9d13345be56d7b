/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two programs that take turns before every sample, so that whatever the machine does happens to
 * both. The protocol, and what speaks it: third_party/benchmark_c/lockstep.md.
 *
 * Both are started together, and neither measures before both have come to their first cell. Where
 * both want the same cell, each gets a turn, in an order that is drawn. Where they want different
 * ones, a cell that the other does not have is passed over: it is measured alone. Otherwise the
 * one goes on that is behind in the order of the cells, because it takes more calls for a cell.
 */
#ifndef BENCH_MMAP_TOOLS_LOCKSTEP_H
#define BENCH_MMAP_TOOLS_LOCKSTEP_H

#include "process.h"
#include "src/base/random.h"

#include <stddef.h>

/* The cells of a program, in the order in which it visits them. */
struct lockstep_list {
    size_t count;
    char **names;
};

/* Asks a program for its list: `plan` has --benchmark_list_tests among the arguments and a file for
 * stdout, and gets the rest here. -EPROTO: it does not take turns (the list is there all the same,
 * where it could be read); -ECANCELED, -ETIMEDOUT; -ENOENT: it cannot be run; -ENOMEM;
 * others from starting it. lockstep_list_free() in any case. */
int lockstep_ask(const struct process_plan *plan, double timeout_s, struct lockstep_list *list);
void lockstep_list_free(struct lockstep_list *list);

struct lockstep_pair {
    struct process_plan sides[2]; /* without turns and variable */
    const struct lockstep_list *lists;
    struct random *random;
    int cpu;           /* where both run; -1: anywhere */
    double timeout_s;  /* of each process */
    double patience_s; /* a turn of so long, and ten times as long as the slowest, hangs */
    double *slowest_s; /* the slowest turn so far; kept up to date */
};

/* Runs both to their end; -errno where one could not be started. Where one fails, hangs or takes
 * too long the other is PROCESS_LEFT. */
int lockstep_run(const struct lockstep_pair *pair, struct process_result results[2]);

#endif
