/* SPDX-License-Identifier: Apache-2.0 */
/* The costs that fit a writer's times best. */
#ifndef BENCH_MMAP_ANALYSIS_COST_FIT_H
#define BENCH_MMAP_ANALYSIS_COST_FIT_H

#include "model.h"

/* The least-squares problem in relative errors: columns count/T, right side T_replicate/T. */
struct cost_fit {
    size_t terms;
    enum cost_term term[TERMS];
    double gram[TERMS * TERMS];
    double scale[TERMS]; /* columns have length 1, so that the solver sees like numbers */
};

/* Which terms the counts of the points can tell apart; with the one per folio, or without it. */
void cost_fit_choose(const struct model_data *points, int folios, struct cost_fit *fit);

/* The costs, none negative, of what was drawn; out[TERMS], 0 for terms not used. -EDOM: the points
 * cannot tell the terms apart. */
int cost_fit_solve(const struct model_data *points, const struct cost_fit *fit, double *out);

/* What these costs make of a point's counts, both [TERMS], in nanoseconds. */
double cost_fit_time(const double *costs, const double *count);

#endif
