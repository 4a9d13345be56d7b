/* SPDX-License-Identifier: Apache-2.0 */
#include "scan.h"

#include "src/statistics/quantiles.h"
#include "src/statistics/rank_tests.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* -quantile(P(U <= u)) for u = 0 ... half of the largest U. */
static double *exact_scores(size_t part, size_t rest)
{
    size_t end = part * rest / 2 + 1;
    double *table = rank_sum_table(part, rest, end), below = 0;

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

static void scan_free(struct scan *scan)
{
    for (size_t part = 0; scan != NULL && part <= SCAN_EXACT; part++)
        free(scan->exact[part]);
    if (scan != NULL) {
        free(scan->scale);
        free(scan->bend);
    }
    free(scan);
}

static struct scan *scan_make(size_t count)
{
    struct scan *scan = calloc(1, sizeof *scan);

    if (scan == NULL)
        return NULL;
    scan->count = count;
    scan->scale = calloc(count / 2 + 1, sizeof *scan->scale);
    scan->bend = calloc(count / 2 + 1, sizeof *scan->bend);
    int failed = scan->scale == NULL || scan->bend == NULL;
    for (size_t part = 1; !failed && part <= count / 2; part++) {
        set_normal(scan, part);
        if (part <= SCAN_EXACT)
            failed = (scan->exact[part] = exact_scores(part, count - part)) == NULL;
    }
    if (!failed)
        return scan;
    scan_free(scan);
    return NULL;
}

const struct scan *scan_get(struct scan_cache *cache, size_t count)
{
    if (cache->of[count] == NULL)
        cache->of[count] = scan_make(count);
    return cache->of[count];
}

void scan_cache_free(struct scan_cache *cache)
{
    for (size_t i = 0; i <= SCAN_MAX; i++) {
        scan_free(cache->of[i]);
        cache->of[i] = NULL;
    }
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

size_t scan_block(double persistence) { return 1 + (size_t)(4 * persistence); }
