/* SPDX-License-Identifier: Apache-2.0 */
/* A level that moves a little with every run. */
#include "bench_mmap/changes.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum { LEAST = 10 };
#define LEVEL 0.005

struct points {
    size_t count;
    double run[RESULTS_STEP_WINDOW];
    double value[RESULTS_STEP_WINDOW];
    double slope[RESULTS_STEP_WINDOW * (RESULTS_STEP_WINDOW - 1) / 2];
};

static void take_newest(const double *value, size_t runs, struct points *points)
{
    size_t at = runs, kept = 0;

    while (at > 0 && kept < RESULTS_STEP_WINDOW)
        kept += isnan(value[--at]) ? 0 : 1;
    for (points->count = 0; at < runs; at++) {
        if (isnan(value[at]))
            continue;
        points->run[points->count] = (double)at;
        points->value[points->count++] = value[at];
    }
}

/* Sen, Journal of the American Statistical Association 63, 1968. `wider`: how much larger the
 * deviation is than in independent noise. */
static void fit_line(struct points *points, double confidence, double wider,
                     struct results_drift *drift)
{
    size_t slopes = 0;
    double n = (double)points->count, trend = 0;

    for (size_t i = 0; i < points->count; i++) {
        for (size_t j = i + 1; j < points->count; j++) {
            double rise = points->value[j] - points->value[i];
            trend += (rise > 0) - (rise < 0);
            points->slope[slopes++] = rise / (points->run[j] - points->run[i]);
        }
    }
    results_sort(points->slope, slopes);
    double deviation = wider * sqrt(n * (n - 1) * (2 * n + 5) / 18);
    double half = results_normal_quantile((1 + confidence) / 2) * deviation;
    double low = floor(((double)slopes - half) / 2), high = ceil(((double)slopes + half) / 2);
    drift->per_run.estimate = results_median(points->slope, slopes);
    drift->per_run.low = points->slope[low < 0 ? 0 : (size_t)low];
    drift->per_run.high = points->slope[high >= (double)slopes ? slopes - 1 : (size_t)high];
    drift->p = erfc(fmax(fabs(trend) - 1, 0) / deviation / sqrt(2.0));
}

/* About their median; sorts. */
static double residuals(double *values, size_t count)
{
    double sum = 0;

    results_sort(values, count);
    for (size_t i = 0; i < count; i++)
        sum += fabs(values[i] - results_median(values, count));
    return sum;
}

static double about_line(const struct points *points, double slope, double *room)
{
    for (size_t i = 0; i < points->count; i++)
        room[i] = points->value[i] - slope * points->run[i];
    return residuals(room, points->count);
}

static double about_levels(const struct points *points, const size_t *levels, size_t level_count,
                           double *room)
{
    double sum = 0;
    size_t held = 0, level = 0;

    for (size_t i = 0; i < points->count; i++) {
        while (level < level_count && (double)levels[level] <= points->run[i]) {
            sum += held > 0 ? residuals(room, held) : 0;
            held = 0;
            level++;
        }
        room[held++] = points->value[i];
    }
    return sum + residuals(room, held);
}

int results_drift(const double *value, size_t runs, const size_t *levels, size_t level_count,
                  const struct results_step_options *options, struct results_drift *drift)
{
    double none = (double)NAN;
    struct points *points = malloc(sizeof *points);

    *drift = (struct results_drift){{none, none, none}, none, none, 0, none};
    if (points == NULL)
        return -ENOMEM;
    take_newest(value, runs, points);
    if (points->count < LEAST) {
        free(points);
        return -ENODATA;
    }
    double persistence = options->persistence;
    fit_line(points, options->confidence, sqrt((1 + persistence) / (1 - persistence)), drift);
    double line = about_line(points, drift->per_run.estimate, points->slope);
    drift->fit = line / about_levels(points, levels, level_count, points->slope);
    drift->in_all = drift->per_run.estimate * (points->run[points->count - 1] - points->run[0]);
    drift->is_drift =
        drift->p <= LEVEL && fabs(drift->in_all) >= log1p(options->margin) && drift->fit < 1;
    free(points);
    return 0;
}
