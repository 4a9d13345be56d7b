/* SPDX-License-Identifier: Apache-2.0 */
/* What a run says. */
#ifndef BENCH_MMAP_REPORT_SHOW_H
#define BENCH_MMAP_REPORT_SHOW_H

#include "src/analysis/advice.h"
#include "view.h"

#include <stdio.h>

/* All zero: what a user gets who asks for nothing. */
struct show_options {
    enum metric metric;
    uint64_t chunk_bytes;     /* at which the phases are shown; 0: the size nearest to 4 KiB */
    const char *const *pairs; /* "Mmap:Write", NULL-terminated; NULL: the default pairs */
    const uint64_t *predict;  /* chunk sizes to predict */
    size_t predict_count;
    size_t replicates; /* of the bootstrap; 0: 1000 (fewer from 20,000 cells up, to save memory) */
    uint64_t seed;
};

/* All there is: tables, crossovers, where the time goes, the cost model, the verdict.
 * -ENOENT: a pair names a writer that no table has; -EIO: out could not be written;
 * -ENODATA: no cell has the metric. */
int report_run(FILE *out, const struct run *run, const struct view *view,
               const struct show_options *options);

/* The short form for the end of a run, for readers: tables, crossovers, verdict. The same errors.
 */
int report_summary(FILE *out, const struct run *run, const struct view *view);

/* The two tables of the textbook exercise and its conclusion, always as text. Of the options only
 * the bootstrap's count. -ENODATA: the run has no table with both Mmap and Write. */
int report_lesson(FILE *out, const struct run *run, const struct view *view,
                  const struct show_options *options);

struct advice_options {
    struct question question;
    size_t replicates;
    uint64_t seed;
};

/* Which writer is fastest, with the verdict on the run; 1 where the run cannot rank them. The
 * errors of advice_make and -EIO. */
int report_advice(FILE *out, const struct run *run, const struct view *view,
                  const struct advice_options *options);

#endif
