/* SPDX-License-Identifier: Apache-2.0 */
/* The words for a finding, and the order of findings, the same in every verdict. */
#ifndef BENCH_MMAP_REPORT_FINDING_WORDS_H
#define BENCH_MMAP_REPORT_FINDING_WORDS_H

#include "src/statistics/finding.h"

#include <stddef.h>

const char *finding_change_word(enum change change);
const char *finding_kind_word(enum row_kind kind);

/* Something changed: slower, faster or diverged. */
int finding_is_change(const struct finding *finding);

/* The log of the change by which it was found, without its sign. */
double finding_size(const struct finding *finding);

struct findings {
    const void *rows; /* each begins with its struct finding */
    size_t row_size, count;
    /* What one writer does pulls the row over all cells along. That row comes before a writer that
     * changed alike only where it changed by this share of the writer's change. */
    double mean_share;
    const int *pulled; /* [row]: known to be pulled along by another, and shown later; NULL: none */
};

/* As a reader wants them: controls that moved, slower, diverged, faster, and then the others, the
 * largest of each kind first. order[count]. */
void findings_order(const struct findings *findings, size_t *order);

#endif
