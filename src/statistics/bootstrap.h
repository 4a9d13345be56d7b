/* SPDX-License-Identifier: Apache-2.0 */
/* The bootstrap that every interval of one run rests on, and which cells may be the best. */
#ifndef BENCH_MMAP_STATISTICS_BOOTSTRAP_H
#define BENCH_MMAP_STATISTICS_BOOTSTRAP_H

#include "src/base/interval.h"
#include "src/run/run.h"

#include <stddef.h>
#include <stdint.h>

/*
 * For every cell of a run, replicates of the log of stats_location over resampled samples.
 * The percentile bootstrap is too narrow by sqrt((n-1)/n) and shifted by the estimator's bias; the
 * replicates are therefore stretched by sqrt(n/(n-1)) (Hesterberg, The American Statistician 69,
 * 2015) and centred on the estimate. With 20 samples a cell the 95 % intervals of crossovers and
 * model costs then cover the truth in 93 to 96 % (log-normal noise). Each cell's draws depend on
 * the seed and its name only, so the order of the file and the presence of other cells change
 * nothing.
 *
 * What such an interval covers is this process: repetitions inside one process share its memory
 * layout, its files' place on the disk and the machine's mood. In the project's A/A data other
 * processes of the same program differ by 2.2 to 2.5 times what these intervals say.
 */
struct bootstrap {
    const struct run *run;
    size_t replicates;
    struct cell_estimate *cells; /* [cell of the run] */
    double *draws;               /* owned: of all cells */
};

struct cell_estimate {
    double log;    /* of the location; -INFINITY for 0, NaN without samples */
    double *draws; /* [replicate]: of the same; NaN for cells with fewer than 2 samples */
    size_t samples;
};

/* replicates 0: 1,000, or fewer of a run with very many cells. */
int bootstrap_make(const struct run *run, enum metric metric, size_t replicates, uint64_t seed,
                   struct bootstrap *bootstrap);
void bootstrap_free(struct bootstrap *bootstrap);

/* What it says of a cell of its run; NULL for NULL. */
static inline const struct cell_estimate *bootstrap_of(const struct bootstrap *bootstrap,
                                                       const struct cell *cell)
{
    return cell == NULL ? NULL : &bootstrap->cells[cell - bootstrap->run->cells];
}

/* How far to both sides an interval reaches that covers the difference of two cells' logs (second
 * NULL: one cell's log) with that confidence: Student's quantile of the bootstrap's error. NaN:
 * there is no error, for single samples and for times of zero. */
double bootstrap_half_width(const struct bootstrap *bootstrap, const struct cell_estimate *first,
                            const struct cell_estimate *second, double confidence);

enum mark { MARK_NONE, MARK_TIED, MARK_BEST };

/*
 * Marks the cells of a set (NULLs are passed over; marks[count]): the one of the smallest location,
 * and those that cannot be told from the best. Multiple comparisons with the best: for each cell in
 * turn the hypothesis "this one is the best" is tested against all others at once, one-sided, at 5
 * %, the critical value from the joint bootstrap (Hsu, Annals of Statistics 12, 1984). The true
 * best is left unmarked in at most 5 % of rows, whatever their number of cells. Cells within
 * TIE_MARGIN of the best are ties too: so small a difference is no reason to choose, and other
 * processes of the same program differ by more. A cell with fewer than 2 samples can be the best,
 * but not tied with it beyond that margin.
 */
#define TIE_MARGIN 0.02
int best_set_mark(const struct cell_estimate *const *cells, size_t count, size_t replicates,
                  enum mark *marks);

#endif
