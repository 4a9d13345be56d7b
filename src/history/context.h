/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run's context as it lies in the store: what stays the same from run to run (the environment) is
 * kept once, what belongs to the one run (its date, the load) with the run. Both are JSON objects
 * of strings, by key ascending, so that a database can look into them.
 */
#ifndef HISTORY_CONTEXT_H
#define HISTORY_CONTEXT_H

#include "bench_mmap/history.h"

#include "arena.h"

struct context_texts {
    char *environment;
    char *own;
};

int context_write(const struct results_run *run, struct context_texts *texts);
void context_texts_free(struct context_texts *texts);

struct context_list {
    size_t count;
    struct results_context *items; /* by key ascending */
};

/* -EUCLEAN: not what context_write() wrote. */
int context_read(struct arena *arena, const char *json, size_t length, struct context_list *list);

/* Both, by key ascending. */
int context_merge(struct arena *arena, const struct context_list *a, const struct context_list *b,
                  struct context_list *merged);

#endif
