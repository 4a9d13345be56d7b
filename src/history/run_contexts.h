/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run's context as it lies in the store: what stays the same from run to run (the environment) is
 * kept once, what belongs to the one run (its date, the load) with the run. Both are JSON objects
 * of strings, by key ascending, so that a database can look into them.
 */
#ifndef BENCH_MMAP_HISTORY_RUN_CONTEXTS_H
#define BENCH_MMAP_HISTORY_RUN_CONTEXTS_H

#include "src/base/arena.h"
#include "src/run/run.h"

#include <stddef.h>

struct context_texts {
    char *environment;
    char *own;
};

int run_contexts_write(const struct run *run, struct context_texts *texts);
void run_contexts_free(struct context_texts *texts);

struct context_list {
    size_t count;
    struct context_entry *items; /* by key ascending */
};

/* -EUCLEAN: not what run_contexts_write() wrote. */
int run_contexts_read(struct arena *arena, const char *json, size_t length,
                      struct context_list *list);

/* Both, by key ascending. */
int run_contexts_merge(struct arena *arena, const struct context_list *a,
                       const struct context_list *b, struct context_list *merged);

#endif
