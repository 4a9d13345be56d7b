/* SPDX-License-Identifier: Apache-2.0 */
/* What else changed at a step. */
#ifndef BENCH_MMAP_WATCH_CONTEXT_CHANGES_H
#define BENCH_MMAP_WATCH_CONTEXT_CHANGES_H

#include "run_window.h"

#include <stddef.h>

enum { STEP_NEAR = 2, CONTEXT_CHANGES_MOST = 12 };

struct context_change {
    const char *key;    /* of the context */
    const char *name;   /* "kernel"; the key where it has none */
    const char *before; /* NULL: unknown */
    const char *after;
    int runs_later; /* than the step; up to STEP_NEAR of them earlier: negative */
};

/*
 * What of the context differs between run `before` and run `since`, of what describes a machine or
 * a build; of other keys what stays the same on both sides, from the run `from` on. Also what
 * changed for good within STEP_NEAR runs: a step's place is not surer than that. How many; they
 * point into the window.
 */
size_t context_changes_near(const struct run_window *window, size_t from, size_t before,
                            size_t since, struct context_change found[CONTEXT_CHANGES_MOST]);

#endif
