/* SPDX-License-Identifier: Apache-2.0
 * The options that take a list with commas: what an item may be, and what becomes of it. */
#ifndef BENCH_MMAP_BENCH_OPTION_LISTS_H
#define BENCH_MMAP_BENCH_OPTION_LISTS_H

#include "options.h"

struct list_item;

struct list_kind {
    struct option_kind kind;
    int (*add)(const struct list_item *item);
    size_t offset, size; /* of the members of struct options that a new list empties */
    /* Where the items are names: the n-th, and how many there are; number `none` cannot be asked
     * for. */
    const char *(*name)(int);
    int count, none;
};

extern const struct list_kind list_chunks, list_kinds, list_states, list_modes, list_orders,
    list_talks, list_latencies, list_cpus, list_depths, list_threads;

/* The chunk sizes where --chunks names none: 1K to 10M, each so many times the one before. */
void list_chunks_normally(struct options *options, uint64_t step);

/* What a kind's files are before a sample where --file names no state for it. */
extern const enum bm_file_state list_normal_state[BM_KINDS];

#endif
