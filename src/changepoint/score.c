/* SPDX-License-Identifier: Apache-2.0 */
#include "score.h"

#include "src/statistics/quantiles.h"

#include <math.h>
#include <stdlib.h>

static double deviation(const double *value, size_t count, double centre)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (value[i] - centre) * (value[i] - centre);
    return sqrt(sum / (double)count);
}

double score_bounded(const double *innovation, size_t count, double *out, double *room)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        room[i] = innovation[i];
    stats_sort(room, count);
    double median = stats_median(room, count);
    for (size_t i = 0; i < count; i++)
        room[i] = fabs(innovation[i] - median);
    stats_sort(room, count);
    double scale = 1.4826 * stats_median(room, count);
    if (!(scale > 0))
        scale = deviation(innovation, count, median);
    for (size_t i = 0; i < count; i++) {
        double score = scale > 0 ? (innovation[i] - median) / scale : 0;
        out[i] = fmin(fmax(score, -SCORE_BOUND), SCORE_BOUND);
        sum += out[i];
    }
    for (size_t i = 0; i < count; i++)
        out[i] -= sum / (double)count;
    return scale;
}

void score_set_units(struct score_series *series, size_t most)
{
    double n = (double)series->count, w = series->carried;

    series->unit[0] = 0;
    for (size_t part = 1; part <= most; part++) {
        double m = (double)part - 1, sum = 1 + m * w, sum_squares = 1 + m * w * w;
        double variance =
            series->spread * series->spread * n / (n - 1) * (sum_squares - sum * sum / n);
        series->unit[part] = variance > 0 ? 1 / sqrt(variance) : 0;
    }
}

double score_of_shift(const struct score_series *series, size_t part)
{
    double n = (double)series->count, w = series->carried, m = (double)part - 1, sum = 1 + m * w;

    return series->unit[part] * (1 + m * w * w - sum * sum / n);
}

void score_scan(const struct score_series *series, const size_t *order, size_t least, size_t most,
                struct score_peak peak[2])
{
    double newer = 0;
    size_t part = 0;

    peak[0] = peak[1] = (struct score_peak){-INFINITY, 0, 0};
    for (size_t i = series->runs; i-- > 0 && part < most;) {
        double score = series->score[order[i]];
        if (isnan(score))
            continue;
        double sum = (score + series->carried * newer) * series->unit[++part];
        newer += score;
        if (part < least)
            continue;
        if (sum > peak[0].score)
            peak[0] = (struct score_peak){sum, part, order[i]};
        if (-sum > peak[1].score)
            peak[1] = (struct score_peak){-sum, part, order[i]};
    }
}

void score_extremes(const struct score_series *series, const size_t *order, size_t least,
                    size_t most, double extreme[2])
{
    double newer = 0, high = -INFINITY, low = INFINITY;
    size_t part = 0;

    for (size_t i = series->runs; i-- > 0 && part < most;) {
        double score = series->score[order[i]];
        if (isnan(score))
            continue;
        double sum = (score + series->carried * newer) * series->unit[++part];
        newer += score;
        if (part < least)
            continue;
        high = sum > high ? sum : high;
        low = sum < low ? sum : low;
    }
    extreme[0] = high;
    extreme[1] = -low;
}
