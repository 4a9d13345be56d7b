/* SPDX-License-Identifier: Apache-2.0 */
#include "misfit.h"

#include "src/statistics/quantiles.h"

#include <math.h>

void misfit_draw(struct random *random, double deviation, struct model_data *points)
{
    double turn = 2 * acos(-1.0), phase = turn * random_unit(random);
    double period = 3 * pow(15.0 / 3, random_unit(random));

    for (size_t i = 0; i < points->count; i++)
        points->point[i].drawn_ns *=
            1 + sqrt(2.0) * deviation * sin(phase + turn * (double)i / period);
}

/* The sum of squares that a fit leaves of what was drawn, in relative terms. */
static double rest_of(const struct model_data *points, const double *costs)
{
    double sum = 0;

    for (size_t i = 0; i < points->count; i++) {
        const struct model_point *point = &points->point[i];
        double rest = (point->drawn_ns - cost_fit_time(costs, point->count)) / point->time_ns;
        sum += rest * rest;
    }
    return sum;
}

double misfit_deviation(struct model_data *points, const struct cost_fit *fit, size_t replicates,
                        struct random *random)
{
    enum { DRAWS = 200 };
    static const double small = 0.01;
    double n = (double)points->count, excess = 0, left = 0, costs[TERMS];

    for (size_t i = 0; i < points->count; i++) {
        const struct model_point *point = &points->point[i];
        excess += point->residual * point->residual -
                  stats_variance_about(point->cell->draws, replicates, point->cell->log) *
                      (n - (double)fit->terms) / n;
    }
    if (!(excess > 0))
        return isnan(excess) ? excess : 0;
    for (int d = 0; d < DRAWS; d++) {
        for (size_t i = 0; i < points->count; i++)
            points->point[i].drawn_ns = points->point[i].time_ns * (1 - points->point[i].residual);
        misfit_draw(random, small, points);
        if (cost_fit_solve(points, fit, costs) == 0)
            left += rest_of(points, costs) / (DRAWS * small * small);
    }
    double few = 4.5 / (n - (double)fit->terms);
    if (!(left > 0))
        return 0;
    return sqrt(excess / left) * (1 + few * few * few);
}
