/* SPDX-License-Identifier: Apache-2.0 */
/* A machine's runs with known noise and known changes, and what the watch says of them. */
#ifndef BENCH_MMAP_TESTS_SUPPORT_WATCHED_HISTORY_H
#define BENCH_MMAP_TESTS_SUPPORT_WATCHED_HISTORY_H

#include "make_series.h"
#include "src/changepoint/newest.h"

#include <stddef.h>
#include <stdint.h>

enum { RUNS = 60, CELLS = 12, WRITERS = 3, STEP = RUNS - 8 };

struct history {
    double time_ns[CELLS * RUNS];
    size_t group[CELLS];
    int control[CELLS];
    struct watch_series series;
};

/* Noise of 2 %. The last cell is a control. */
void make_history(struct history *history, uint64_t seed);
void slow_down(struct history *history, size_t cell, size_t from, size_t to, double factor);

/* What watch_newest() says of it; look(): without limits. watch_result_free() it. */
struct watch_result look_at(const struct history *history, int without_limits);
struct watch_result look(const struct history *history);
const struct watch_row *row_of(const struct watch_result *watched, enum row_kind kind,
                               size_t index);
/* Frees it, too. */
void assert_nothing(struct watch_result watched);

#endif
