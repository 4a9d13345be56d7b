/* SPDX-License-Identifier: Apache-2.0 */
/* Hodges and Lehmann's estimates with the intervals of Wilcoxon's tests. */
#include "rank_tests.h"

#include "quantiles.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum { SIGNED_EXACT = 200, SUM_EXACT = 50 };

/* The probabilities of the signed-rank statistic 0 ... n(n+1)/2: rank r adds r or nothing, each
 * with 1/2. */
static double *signed_rank_table(size_t count)
{
    size_t most = count * (count + 1) / 2;
    double *table = calloc(most + 1, sizeof *table);

    if (table == NULL)
        return NULL;
    table[0] = 1;
    for (size_t rank = 1; rank <= count; rank++)
        for (size_t at = rank * (rank + 1) / 2 + 1; at-- > 0;)
            table[at] = (table[at] + (at >= rank ? table[at - rank] : 0)) / 2;
    return table;
}

/* The probabilities of U = 0 ... mn: the Gaussian binomial coefficients, by multiplying with
 * (1 - q^(n+i)) and dividing by (1 - q^i), scaled by i / (n+i) so that they stay probabilities. */
static double *rank_sum_table(size_t first, size_t second)
{
    size_t most = first * second;
    double *table = calloc(most + 1, sizeof *table);

    if (table == NULL)
        return NULL;
    table[0] = 1;
    for (size_t i = 1; i <= first; i++) {
        size_t end = i * second;
        for (size_t at = end + 1; at-- > second + i;)
            table[at] -= table[at - second - i];
        for (size_t at = i; at <= end; at++)
            table[at] += table[at - i];
        double scale = (double)i / (double)(second + i);
        for (size_t at = 0; at <= end; at++)
            table[at] *= scale;
    }
    return table;
}

static double sum_to(const double *table, size_t most, size_t at)
{
    double sum = 0;
    for (size_t i = 0; i <= at && i <= most; i++)
        sum += table[i];
    return sum;
}

double signed_rank_below(size_t count, size_t at)
{
    double *table = signed_rank_table(count);
    double below = table == NULL ? -ENOMEM : sum_to(table, count * (count + 1) / 2, at);
    free(table);
    return below;
}

double rank_sum_below(size_t first_count, size_t second_count, size_t at)
{
    double *table = rank_sum_table(first_count, second_count);
    double below = table == NULL ? -ENOMEM : sum_to(table, first_count * second_count, at);
    free(table);
    return below;
}

/* The 0-based rank of the interval's lower end among most + 1 ordered averages: P(statistic < it)
 * is at most `tail`. -1: even the outermost do not reach the confidence. */
static long exact_rank(const double *table, size_t most, double tail)
{
    double below = 0;
    long rank = 0;

    while ((size_t)rank <= most && below + table[rank] <= tail)
        below += table[rank++];
    return rank - 1;
}

static long normal_rank(double mean, double variance, double tail)
{
    double at = floor(mean + stats_normal_quantile(tail) * sqrt(variance) - 0.5);
    return at < 0 ? -1 : (long)at;
}

static void take_interval(double *averages, size_t count, long rank, struct interval *shift)
{
    stats_sort(averages, count);
    *shift = (struct interval){stats_median(averages, count), (double)NAN, (double)NAN};
    if (rank < 0 || (size_t)rank >= count)
        return;
    shift->low = averages[rank];
    shift->high = averages[count - 1 - (size_t)rank];
}

int signed_rank(const double *values, size_t count, double confidence, struct interval *shift)
{
    size_t most = count * (count + 1) / 2, at = 0;
    double tail = (1 - confidence) / 2, n = (double)count;
    double *averages = malloc(most * sizeof *averages);
    double *table = count < SIGNED_EXACT ? signed_rank_table(count) : NULL;

    if (averages == NULL || (table == NULL && count < SIGNED_EXACT)) {
        free(averages);
        free(table);
        return -ENOMEM;
    }
    for (size_t i = 0; i < count; i++)
        for (size_t j = i; j < count; j++)
            averages[at++] = (values[i] + values[j]) / 2;
    long rank = table != NULL ? exact_rank(table, most, tail)
                              : normal_rank(n * (n + 1) / 4, n * (n + 1) * (2 * n + 1) / 24, tail);
    take_interval(averages, most, rank, shift);
    free(averages);
    free(table);
    return 0;
}

int rank_sum(const double *first, size_t first_count, const double *second, size_t second_count,
             double confidence, struct interval *shift)
{
    size_t most = first_count * second_count, at = 0;
    double tail = (1 - confidence) / 2, m = (double)first_count, n = (double)second_count;
    int exact = first_count < SUM_EXACT && second_count < SUM_EXACT;
    double *differences = malloc(most * sizeof *differences);
    double *table = exact ? rank_sum_table(first_count, second_count) : NULL;

    if (differences == NULL || (exact && table == NULL)) {
        free(differences);
        free(table);
        return -ENOMEM;
    }
    for (size_t i = 0; i < first_count; i++)
        for (size_t j = 0; j < second_count; j++)
            differences[at++] = second[j] - first[i];
    long rank = exact ? exact_rank(table, most, tail)
                      : normal_rank(m * n / 2, m * n * (m + n + 1) / 12, tail);
    take_interval(differences, most, rank, shift);
    free(differences);
    free(table);
    return 0;
}
