/* SPDX-License-Identifier: Apache-2.0 */
/* What a cost model's lines miss beyond noise, as waves along the sizes. */
#ifndef BENCH_MMAP_ANALYSIS_MISFIT_H
#define BENCH_MMAP_ANALYSIS_MISFIT_H

#include "cost_fit.h"
#include "src/base/random.h"

/* Misses of that deviation: a wave along the sizes, that goes up and down within three to fifteen
 * of them. */
void misfit_draw(struct random *random, double deviation, struct model_data *points);

/*
 * The deviation of what the model's lines miss beyond noise: from the sum of squares of the
 * residuals less what the locations' errors make of it, by how much of drawn misses the fit leaves
 * over (it takes most of those that are like a line). Of few sizes that is a poor estimate, and
 * more is taken: so that the costs' intervals cover the truth in nine of ten even of six sizes
 * (bench/studies/interval_coverage.c). 0: they show nothing; NaN: single samples.
 */
double misfit_deviation(struct model_data *points, const struct cost_fit *fit, size_t replicates,
                        struct random *random);

#endif
