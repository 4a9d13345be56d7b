/* SPDX-License-Identifier: Apache-2.0 */

#include "score.h"
#include "src/statistics/quantiles.h"
#include "src/statistics/rank_tests.h"

#include <errno.h>
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
    double scale = 1.4826 * stats_median_present(room, count, room);
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

/* -quantile(P(U <= u)) for u = 0 ... half of the largest U. */
static double *exact_scores(struct arena *arena, size_t part, size_t rest)
{
    size_t end = part * rest / 2 + 1;
    double *table = rank_sum_table(arena, part, rest, end), below = 0;

    for (size_t at = 0; table != NULL && at <= end; at++) {
        below += fmax(table[at], 0);
        table[at] = below < 0.5 ? -stats_normal_quantile(fmax(below, 1e-300)) : 0;
    }
    return table;
}

/* The fourth cumulant bends the normal deviate (Fisher and Cornish, Technometrics 2, 1960). */
static void set_normal(struct scan *scan, size_t part)
{
    double m = (double)part, k = (double)(scan->count - part);

    scan->scale[part] = 1 / sqrt(m * k * (m + k + 1) / 12);
    scan->bend[part] = 0.05 * (m * m + k * k + m * k + m + k) / (m * k * (m + k + 1));
}

const struct scan *scan_get(struct scan_cache *cache, size_t count)
{
    struct arena *arena = &cache->arena;
    struct scan *scan = cache->of[count];

    if (scan != NULL || (scan = arena_array(arena, 1, sizeof *scan)) == NULL)
        return scan;
    *scan = (struct scan){.count = count,
                          .scale = arena_array(arena, count / 2 + 1, sizeof(double)),
                          .bend = arena_array(arena, count / 2 + 1, sizeof(double))};
    for (size_t part = 1; arena->error == 0 && part <= count / 2; part++) {
        set_normal(scan, part);
        if (part <= SCAN_EXACT)
            scan->exact[part] = exact_scores(arena, part, count - part);
    }
    return arena->error != 0 ? NULL : (cache->of[count] = scan);
}

double scan_score(const struct scan *scan, size_t part, double rank_sum)
{
    size_t rest = scan->count - part, side = part < rest ? part : rest;
    double most = (double)(part * rest), u = rank_sum - (double)(part * (part + 1)) / 2;

    if (side <= SCAN_EXACT) {
        size_t below = (size_t)((u < most - u ? u : most - u) + (1 - 1e-9));
        return u > most / 2 ? scan->exact[side][below] : -scan->exact[side][below];
    }
    double z = (u - most / 2) * scan->scale[side];
    return z + scan->bend[side] * (z * z * z - 3 * z);
}

struct ranked {
    double value;
    size_t at;
};

static int by_value(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

int scan_ranks(const double *value, size_t count, double *rank)
{
    struct ranked *sorted = calloc(count + 1, sizeof *sorted);

    if (sorted == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        sorted[i] = (struct ranked){value[i], i};
    qsort(sorted, count, sizeof *sorted, by_value);
    for (size_t i = 0, next; i < count; i = next) {
        for (next = i + 1; next < count && sorted[next].value <= sorted[i].value;)
            next++;
        for (size_t tie = i; tie < next; tie++)
            rank[sorted[tie].at] = (double)(i + next + 1) / 2;
    }
    free(sorted);
    return 0;
}

void scan_permute(size_t *order, size_t count, size_t block, size_t *room, struct random *random)
{
    size_t first = 0, blocks = 0, at = 0;

    /* room: where the blocks begin. */
    if (block > 1)
        first = random_below(random, block);
    for (size_t begin = 0; begin < count; blocks++) {
        room[blocks] = begin;
        begin += begin == 0 && first > 0 ? first : block;
    }
    for (size_t left = blocks; left > 0; left--) {
        size_t pick = random_below(random, left), begin = room[pick];
        size_t length = begin == 0 && first > 0 ? first : block;
        for (size_t i = begin; i < begin + length && i < count; i++)
            order[at++] = i;
        room[pick] = room[left - 1];
    }
}
