/* SPDX-License-Identifier: Apache-2.0 */
#include "score.h"

#include "src/statistics/quantiles.h"

#include <math.h>
#include <stdlib.h>

void score_innovations(const double *value, size_t count, double persistence, double *out)
{
    double median = stats_median_present(value, count, out), before = 0;

    for (size_t i = 0; i < count; i++) {
        double away = value[i] - median;
        out[i] = i > 0 ? away - persistence * before : away * sqrt(1 - persistence * persistence);
        before = away;
    }
}

double score_bounded(const double *innovation, size_t count, double *out, double *room)
{
    double sum = 0, median = stats_median_present(innovation, count, room);

    for (size_t i = 0; i < count; i++)
        room[i] = fabs(innovation[i] - median);
    double scale = 1.4826 * stats_median_of(room, count);
    if (!(scale > 0))
        scale = sqrt(stats_variance_about(innovation, count, median));
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

/* The sums of the newest runs: the highest in peak[0], the lowest in peak[1]. Inlined twice, so
 * that what only the scores are asked of keeps no places. */
static inline void find_peaks(const struct score_series *series, const size_t *order, size_t least,
                              size_t most, int with_places, struct score_peak peak[2])
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
        if (with_places && sum > high)
            peak[0] = (struct score_peak){sum, part, order[i]};
        if (with_places && sum < low)
            peak[1] = (struct score_peak){-sum, part, order[i]};
        high = sum > high ? sum : high;
        low = sum < low ? sum : low;
    }
    peak[0].score = high;
    peak[1].score = -low;
}

void score_scan(const struct score_series *series, const size_t *order, size_t least, size_t most,
                struct score_peak peak[2])
{
    peak[0] = peak[1] = (struct score_peak){0};
    find_peaks(series, order, least, most, 1, peak);
}

void score_extremes(const struct score_series *series, const size_t *order, size_t least,
                    size_t most, double extreme[2])
{
    struct score_peak peak[2];

    find_peaks(series, order, least, most, 0, peak);
    extreme[0] = peak[0].score;
    extreme[1] = peak[1].score;
}
