/* SPDX-License-Identifier: Apache-2.0 */
#include "noise.h"

#include "src/statistics/quantiles.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum { LEAST_VALUES = 8, POOLED_LEAST = 5 };
#define PERSISTENCE_MAX 0.9
/* The variance of one row's estimate is about this over its runs, in independent noise. */
#define ROW_VARIANCE 3.0

static double capped_mean(const double *difference, size_t count, double cap)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += fmin(difference[i], cap);
    return sum / (double)count;
}

/* E|x[t+2]-x[t]|^2 / E|x[t+1]-x[t]|^2 = (1 - r^2) / (1 - r) = 1 + r. Outliers, and the differences
 * that lie over a step, count as four typical ones at most. NaN: too few values. */
static double of_row(const double *present, size_t count, double *room)
{
    size_t all = 0;

    if (count < LEAST_VALUES)
        return (double)NAN;
    for (size_t lag = 1; lag <= 2; lag++)
        for (size_t i = 0; i + lag < count; i++)
            room[all++] = fabs(present[i + lag] - present[i]);
    stats_sort(room, all);
    double cap = 4 * stats_median(room, all), near_by, apart;
    for (size_t i = 0; i + 1 < count; i++)
        room[i] = fabs(present[i + 1] - present[i]);
    near_by = capped_mean(room, count - 1, cap);
    for (size_t i = 0; i + 2 < count; i++)
        room[i] = fabs(present[i + 2] - present[i]);
    apart = capped_mean(room, count - 2, cap);
    if (!(near_by > 0))
        return 0;
    return apart * apart / (near_by * near_by) - 1;
}

/* The rows' estimates towards their median: as much of their differences is kept as chance does not
 * explain, and they are taken one standard error higher: too low a one makes steps of noise. */
static void draw_together(double *estimate, size_t rows, double runs, double *room)
{
    size_t count = 0;
    double median = 0, between = 0, chance = ROW_VARIANCE / runs;

    for (size_t r = 0; r < rows; r++)
        if (!isnan(estimate[r]))
            room[count++] = estimate[r];
    if (count > 0) {
        stats_sort(room, count);
        median = stats_median(room, count);
        double quartiles = stats_quantile(room, count, 0.75) - stats_quantile(room, count, 0.25);
        between = fmax(0, quartiles * quartiles / (1.349 * 1.349) - chance);
    }
    double kept = count < POOLED_LEAST ? 1 : between / (between + chance);
    for (size_t r = 0; r < rows; r++) {
        double own = isnan(estimate[r]) ? median : median + kept * (estimate[r] - median);
        estimate[r] = fmin(fmax(own + sqrt(kept * chance), 0), PERSISTENCE_MAX);
    }
}

int noise_rough(const double *value, size_t runs, size_t rows, double *persistence)
{
    double *present = calloc(runs + 1, sizeof *present);
    double *room = calloc(2 * runs + rows + 1, sizeof *room), values = 0;
    int error = present == NULL || room == NULL ? -ENOMEM : 0;

    for (size_t r = 0; error == 0 && r < rows; r++) {
        size_t count = 0;
        for (size_t i = 0; i < runs; i++)
            if (!isnan(value[r * runs + i]))
                present[count++] = value[r * runs + i];
        values += (double)count / (double)rows;
        persistence[r] = of_row(present, count, room);
    }
    if (error == 0)
        draw_together(persistence, rows, fmax(values, 1), room);
    free(present);
    free(room);
    return error;
}

int noise_innovations(const double *value, size_t count, double persistence, double *out)
{
    if (count == 0)
        return 0;
    for (size_t i = 0; i < count; i++)
        out[i] = value[i];
    stats_sort(out, count);
    double median = stats_median(out, count);
    out[0] = (value[0] - median) * sqrt(1 - persistence * persistence);
    for (size_t i = 1; i < count; i++)
        out[i] = value[i] - median - persistence * (value[i - 1] - median);
    return 0;
}
