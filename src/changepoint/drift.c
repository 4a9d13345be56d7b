/* SPDX-License-Identifier: Apache-2.0 */
/* A level that moves a little with every run. */
#include "drift.h"

#include "noise.h"
#include "src/statistics/quantiles.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum { LEAST = 10 };
#define LEVEL 0.005
/* Deviations of the trend in independent noise. */
#define STANDS_OUT 4

struct model_data {
    size_t count;
    double run[STEP_WINDOW];
    double value[STEP_WINDOW];
    double slope[STEP_WINDOW * (STEP_WINDOW - 1) / 2];
    double trend;     /* Kendall's: rises less falls, over all pairs */
    double deviation; /* of that, in independent noise */
};

static void take_newest(const double *value, size_t runs, struct model_data *points)
{
    size_t at = runs, kept = 0;

    while (at > 0 && kept < STEP_WINDOW)
        kept += isnan(value[--at]) ? 0 : 1;
    for (points->count = 0; at < runs; at++) {
        if (isnan(value[at]))
            continue;
        points->run[points->count] = (double)at;
        points->value[points->count++] = value[at];
    }
}

static void find_trend(struct model_data *points)
{
    double n = (double)points->count;

    points->trend = 0;
    for (size_t i = 0; i < points->count; i++)
        for (size_t j = i + 1; j < points->count; j++)
            points->trend +=
                (points->value[j] > points->value[i]) - (points->value[j] < points->value[i]);
    points->deviation = sqrt(n * (n - 1) * (2 * n + 5) / 18);
}

static size_t find_slopes(struct model_data *points)
{
    size_t slopes = 0;

    for (size_t i = 0; i < points->count; i++)
        for (size_t j = i + 1; j < points->count; j++)
            points->slope[slopes++] =
                (points->value[j] - points->value[i]) / (points->run[j] - points->run[i]);
    stats_sort(points->slope, slopes);
    return slopes;
}

/* Of what remains about the line: about levels a drift would look like persistence. */
static int residual_persistence(const struct model_data *points, double slope, double *persistence)
{
    double remains[STEP_WINDOW];

    for (size_t i = 0; i < points->count; i++)
        remains[i] = points->value[i] - slope * points->run[i];
    return noise_persistence(remains, points->count, 1, persistence);
}

/* Sen, Journal of the American Statistical Association 63, 1968. */
static int fit_line(struct model_data *points, double confidence, struct drift *drift)
{
    size_t slopes = find_slopes(points);
    double persistence = 0;

    drift->per_run.estimate = stats_median(points->slope, slopes);
    int error = residual_persistence(points, drift->per_run.estimate, &persistence);
    double deviation = points->deviation * sqrt((1 + persistence) / (1 - persistence));
    double half = stats_normal_quantile((1 + confidence) / 2) * deviation;
    double low = floor(((double)slopes - half) / 2), high = ceil(((double)slopes + half) / 2);
    drift->per_run.low = points->slope[low < 0 ? 0 : (size_t)low];
    drift->per_run.high = points->slope[high >= (double)slopes ? slopes - 1 : (size_t)high];
    drift->p = erfc(fmax(fabs(points->trend) - 1, 0) / deviation / sqrt(2.0));
    return error;
}

/* About their median; sorts. */
static double residuals(double *values, size_t count)
{
    double sum = 0;

    stats_sort(values, count);
    for (size_t i = 0; i < count; i++)
        sum += fabs(values[i] - stats_median(values, count));
    return sum;
}

static double about_line(const struct model_data *points, double slope, double *room)
{
    for (size_t i = 0; i < points->count; i++)
        room[i] = points->value[i] - slope * points->run[i];
    return residuals(room, points->count);
}

static double about_levels(const struct model_data *points, const size_t *levels,
                           size_t level_count, double *room)
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

int drift_stands_out(const double *value, size_t runs, int *direction)
{
    struct model_data *points = malloc(sizeof *points);

    if (points == NULL)
        return -ENOMEM;
    take_newest(value, runs, points);
    find_trend(points);
    *direction = 0;
    if (points->count >= DRIFT_LEAST && fabs(points->trend) > STANDS_OUT * points->deviation)
        *direction = points->trend > 0 ? 1 : -1;
    free(points);
    return 0;
}

int drift_test(const double *value, size_t runs, const size_t *levels, size_t level_count,
               const struct step_options *options, struct drift *drift)
{
    double none = (double)NAN;
    struct model_data *points = malloc(sizeof *points);

    *drift = (struct drift){{none, none, none}, none, none, 0, none};
    if (points == NULL)
        return -ENOMEM;
    take_newest(value, runs, points);
    find_trend(points);
    int error = points->count < LEAST ? -ENODATA : fit_line(points, options->confidence, drift);
    if (error != 0) {
        free(points);
        return error;
    }
    double line = about_line(points, drift->per_run.estimate, points->slope);
    drift->fit = line / about_levels(points, levels, level_count, points->slope);
    drift->in_all = drift->per_run.estimate * (points->run[points->count - 1] - points->run[0]);
    drift->is_drift =
        drift->p <= LEVEL && fabs(drift->in_all) >= log1p(options->margin) && drift->fit < 1;
    free(points);
    return 0;
}
