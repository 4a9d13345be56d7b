/* SPDX-License-Identifier: Apache-2.0 */
/* Two sides of samples of two writers with six cells each. */
#ifndef BENCH_MMAP_TESTS_SUPPORT_MAKE_SAMPLES_H
#define BENCH_MMAP_TESTS_SUPPORT_MAKE_SAMPLES_H

#include "src/comparison/comparison.h"

#include <stddef.h>
#include <stdint.h>

enum { CELLS = 12, SAMPLES = 5, MOST = 40 /* processes */ };

struct made_samples {
    double store[MOST * CELLS * SAMPLES];
    const double *value[MOST * CELLS];
    size_t count[MOST * CELLS];
    size_t group[CELLS];
    struct samples samples;
};

/* Log-normal samples with a deviation of 3 %, and as much that a process has in common; each cell
 * of the mask is slower on the new side. Even positions are old. free() it. */
struct made_samples *make_samples(size_t rounds, unsigned mask, double factor, double common,
                                  uint64_t seed);

/* draws: 0 as many as normally. comparison_table_free() it. */
struct comparison_table compare_made_by(const struct made_samples *made, size_t draws);
struct comparison_table compare_made(const struct made_samples *made);

/* Fails the test where there is none. */
const struct comparison_row *compared_row(const struct comparison_table *table, enum row_kind kind,
                                          size_t index);
size_t count_changes(const struct comparison_table *table, enum change change);

#endif
