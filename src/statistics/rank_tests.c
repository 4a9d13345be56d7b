/* SPDX-License-Identifier: Apache-2.0 */
/* Hodges and Lehmann's estimates with the intervals of Wilcoxon's tests. */
#include "rank_tests.h"

#include "quantiles.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum { SIGNED_EXACT = 200, SUM_EXACT = 50 };

/* Rank r adds r or nothing, each with 1/2. */
double *signed_rank_table(size_t count)
{
    double *table = calloc(count * (count + 1) / 2 + 1, sizeof *table);

    if (table == NULL)
        return NULL;
    table[0] = 1;
    for (size_t rank = 1; rank <= count; rank++)
        for (size_t at = rank * (rank + 1) / 2 + 1; at-- > 0;)
            table[at] = (table[at] + (at >= rank ? table[at - rank] : 0)) / 2;
    return table;
}

/* The Gaussian binomial coefficients, by multiplying with (1 - q^(n+i)) and dividing by (1 - q^i),
 * scaled by i / (n+i) so that they stay probabilities. */
double *rank_sum_table(size_t first, size_t second, size_t most)
{
    double *table = calloc(most + 1, sizeof *table);

    if (table == NULL)
        return NULL;
    table[0] = 1;
    for (size_t i = 1; i <= first; i++) {
        double scale = (double)i / (double)(second + i);
        for (size_t at = most + 1; at-- > second + i;)
            table[at] -= table[at - second - i];
        for (size_t at = i; at <= most; at++)
            table[at] += table[at - i];
        for (size_t at = 0; at <= most; at++)
            table[at] *= scale;
    }
    return table;
}

/* What an interval is made of. */
struct averages {
    size_t count;
    double *values; /* of pairs, or their differences */
    int is_exact;
    double *table;         /* of the statistic, where it is exact */
    double mean, variance; /* of the statistic */
};

/* The 0-based rank of the interval's lower end among the averages: P(statistic < it) is at most
 * `tail`. -1: even the outermost do not reach the confidence. */
static long rank_of(const struct averages *averages, double tail)
{
    double below = 0;
    long rank = 0;

    if (!averages->is_exact) {
        double deviation = sqrt(averages->variance);
        double at = floor(averages->mean + stats_normal_quantile(tail) * deviation - 0.5);
        return at < 0 ? -1 : (long)at;
    }
    while ((size_t)rank <= averages->count && below + averages->table[rank] <= tail)
        below += averages->table[rank++];
    return rank - 1;
}

/* Frees the arrays. */
static int take_interval(struct averages *averages, double confidence, struct interval *shift)
{
    size_t count = averages->count;
    double *values = averages->values;
    int error = values == NULL || (averages->is_exact && averages->table == NULL) ? -ENOMEM : 0;

    if (error == 0) {
        long rank = rank_of(averages, (1 - confidence) / 2);
        *shift = (struct interval){stats_median_of(values, count), (double)NAN, (double)NAN};
        if (rank >= 0 && (size_t)rank < count) {
            shift->low = values[rank];
            shift->high = values[count - 1 - (size_t)rank];
        }
    }
    free(values);
    free(averages->table);
    return error;
}

int signed_rank(const double *values, size_t count, double confidence, struct interval *shift)
{
    size_t most = count * (count + 1) / 2, at = 0;
    double n = (double)count;
    int is_exact = count < SIGNED_EXACT;
    struct averages averages = {most,
                                malloc(most * sizeof(double)),
                                is_exact,
                                is_exact ? signed_rank_table(count) : NULL,
                                n * (n + 1) / 4,
                                n * (n + 1) * (2 * n + 1) / 24};

    for (size_t i = 0; averages.values != NULL && i < count; i++)
        for (size_t j = i; j < count; j++)
            averages.values[at++] = (values[i] + values[j]) / 2;
    return take_interval(&averages, confidence, shift);
}

int rank_sum(const double *first, size_t first_count, const double *second, size_t second_count,
             double confidence, struct interval *shift)
{
    size_t most = first_count * second_count, at = 0;
    double m = (double)first_count, n = (double)second_count;
    int is_exact = first_count < SUM_EXACT && second_count < SUM_EXACT;
    struct averages averages = {
        most,      malloc(most * sizeof(double)),
        is_exact,  is_exact ? rank_sum_table(first_count, second_count, most) : NULL,
        m * n / 2, m * n * (m + n + 1) / 12};

    for (size_t i = 0; averages.values != NULL && i < first_count; i++)
        for (size_t j = 0; j < second_count; j++)
            averages.values[at++] = second[j] - first[i];
    return take_interval(&averages, confidence, shift);
}
