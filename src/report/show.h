/* SPDX-License-Identifier: Apache-2.0 */
/* What a run says. */
#ifndef BENCH_MMAP_REPORT_SHOW_H
#define BENCH_MMAP_REPORT_SHOW_H

#include "src/analysis/advice.h"
#include "view.h"

#include <stdio.h>

/* All there is: tables, crossovers, where the time goes, the cost model, the verdict.
 * -ENOENT: a pair names a writer that no table has; -EIO: out could not be written;
 * -ENODATA: no cell has the view's metric. */
int report_run(FILE *out, const struct run *run, const struct view *view);

/* The short form for the end of a run: tables, crossovers, verdict; text only. The same errors. */
int report_summary(FILE *out, const struct run *run, const struct view *view);

/* The two tables of the textbook exercise and its conclusion. -ENODATA: the run has no table with
 * both Mmap and Write. */
int report_lesson(FILE *out, const struct run *run, const struct view *view);

/* Renders it with the cautions; *cannot_tell as in the advice. The errors of advice_make and
 * -EIO. */
int report_advice(FILE *out, const struct run *run, const struct view *view,
                  const struct question *question, int *cannot_tell);

#endif
