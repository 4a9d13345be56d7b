/* SPDX-License-Identifier: Apache-2.0 */
#include "drift.h"

#include "level.h"
#include "src/statistics/quantiles.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum { LEAST = 10 };
#define LEVEL 0.005
/* Deviations of the trend in independent noise. */
#define STANDS_OUT 4

struct trend {
    size_t count;
    double run[STEP_WINDOW];
    double value[STEP_WINDOW];
    double remains[STEP_WINDOW]; /* about the line */
    double slope[STEP_WINDOW * (STEP_WINDOW - 1) / 2];
    double rises;     /* Kendall's: rises less falls, over all pairs */
    double deviation; /* of that, in independent noise */
};

static void find_trend(const double *value, size_t runs, struct trend *trend)
{
    size_t at = runs, kept = 0;

    while (at > 0 && kept < STEP_WINDOW)
        kept += isnan(value[--at]) ? 0 : 1;
    trend->count = 0;
    trend->rises = 0;
    for (; at < runs; at++) {
        if (isnan(value[at]))
            continue;
        for (size_t i = 0; i < trend->count; i++)
            trend->rises += (value[at] > trend->value[i]) - (value[at] < trend->value[i]);
        trend->run[trend->count] = (double)at;
        trend->value[trend->count++] = value[at];
    }
    double n = (double)trend->count;
    trend->deviation = sqrt(n * (n - 1) * (2 * n + 5) / 18);
}

static size_t find_slopes(struct trend *trend)
{
    size_t slopes = 0;

    for (size_t i = 0; i < trend->count; i++)
        for (size_t j = i + 1; j < trend->count; j++)
            trend->slope[slopes++] =
                (trend->value[j] - trend->value[i]) / (trend->run[j] - trend->run[i]);
    stats_sort(trend->slope, slopes);
    return slopes;
}

/* Sen, Journal of the American Statistical Association 63, 1968. */
static int fit_line(struct trend *trend, double confidence, struct drift *drift)
{
    size_t slopes = find_slopes(trend);
    double persistence = 0;

    drift->per_run.estimate = stats_median(trend->slope, slopes);
    for (size_t i = 0; i < trend->count; i++)
        trend->remains[i] = trend->value[i] - drift->per_run.estimate * trend->run[i];
    /* About levels a drift would look like persistence. */
    int error = level_persistence(trend->remains, trend->count, 1, &persistence);
    double deviation = trend->deviation * sqrt((1 + persistence) / (1 - persistence));
    double half = stats_normal_quantile((1 + confidence) / 2) * deviation;
    double low = floor(((double)slopes - half) / 2), high = ceil(((double)slopes + half) / 2);
    drift->per_run.low = trend->slope[low < 0 ? 0 : (size_t)low];
    drift->per_run.high = trend->slope[high >= (double)slopes ? slopes - 1 : (size_t)high];
    drift->p = erfc(fmax(fabs(trend->rises) - 1, 0) / deviation / sqrt(2.0));
    return error;
}

/* About their median; sorts. */
static double residuals(double *values, size_t count)
{
    double sum = 0, median = stats_median_of(values, count);

    for (size_t i = 0; i < count; i++)
        sum += fabs(values[i] - median);
    return sum;
}

static double about_levels(const struct trend *trend, const size_t *levels, size_t level_count,
                           double *room)
{
    double sum = 0;
    size_t held = 0, level = 0;

    for (size_t i = 0; i < trend->count; i++) {
        while (level < level_count && (double)levels[level] <= trend->run[i]) {
            sum += residuals(room, held);
            held = 0;
            level++;
        }
        room[held++] = trend->value[i];
    }
    return sum + residuals(room, held);
}

int drift_stands_out(const double *value, size_t runs, int *direction)
{
    struct trend *trend = malloc(sizeof *trend);

    if (trend == NULL)
        return -ENOMEM;
    find_trend(value, runs, trend);
    *direction = 0;
    if (trend->count >= DRIFT_LEAST && fabs(trend->rises) > STANDS_OUT * trend->deviation)
        *direction = trend->rises > 0 ? 1 : -1;
    free(trend);
    return 0;
}

int drift_test(const double *value, size_t runs, const size_t *levels, size_t level_count,
               const struct step_options *options, struct drift *drift)
{
    struct trend *trend = malloc(sizeof *trend);
    int error = 0;

    *drift = drift_none();
    if (trend == NULL)
        return -ENOMEM;
    find_trend(value, runs, trend);
    if (trend->count >= LEAST && (error = fit_line(trend, options->confidence, drift)) == 0) {
        double line = residuals(trend->remains, trend->count);
        drift->fit = line / about_levels(trend, levels, level_count, trend->slope);
        drift->in_all = drift->per_run.estimate * (trend->run[trend->count - 1] - trend->run[0]);
        drift->from = (size_t)trend->run[0];
        drift->is_drift =
            drift->p <= LEVEL && fabs(drift->in_all) >= log1p(options->margin) && drift->fit < 1;
    }
    free(trend);
    return error;
}
