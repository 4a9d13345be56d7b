/* SPDX-License-Identifier: Apache-2.0 */
/* Hodges and Lehmann's estimates with the intervals of Wilcoxon's tests. */
#include "rank_tests.h"

#include "quantiles.h"

enum { SIGNED_EXACT = 200, SUM_EXACT = 50 };

/* Rank r adds r or nothing, each with 1/2. */
double *signed_rank_table(struct arena *arena, size_t count)
{
    double *table = arena_array(arena, count * (count + 1) / 2 + 1, sizeof *table);

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
double *rank_sum_table(struct arena *arena, size_t first, size_t second, size_t most)
{
    double *table = arena_array(arena, most + 1, sizeof *table);

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
    double *value;         /* of pairs, or their differences */
    const double *table;   /* of the statistic; NULL: its normal approximation */
    double mean, variance; /* of the statistic */
};

/* The 0-based rank of the interval's lower end among the averages: P(statistic < it) is at most
 * `tail`. -1: even the outermost do not reach the confidence. */
static long rank_of(const struct averages *averages, double tail)
{
    double below = 0;
    long rank = 0;

    if (averages->table == NULL) {
        double deviation = sqrt(averages->variance);
        double at = floor(averages->mean + stats_normal_quantile(tail) * deviation - 0.5);
        return at < 0 ? -1 : (long)at;
    }
    while ((size_t)rank <= averages->count && below + averages->table[rank] <= tail)
        below += averages->table[rank++];
    return rank - 1;
}

static struct interval interval_of(const struct averages *averages, double confidence)
{
    long rank = rank_of(averages, (1 - confidence) / 2);
    struct interval shift = {stats_median_of(averages->value, averages->count), (double)NAN,
                             (double)NAN};

    if (rank >= 0 && (size_t)rank < averages->count) {
        shift.low = averages->value[rank];
        shift.high = averages->value[averages->count - 1 - (size_t)rank];
    }
    return shift;
}

int signed_rank(const double *values, size_t count, double confidence, struct interval *shift)
{
    struct arena arena = {0};
    size_t most = count * (count + 1) / 2, at = 0;
    double n = (double)count;
    struct averages averages = {most, arena_take(&arena, most * sizeof(double)),
                                count < SIGNED_EXACT ? signed_rank_table(&arena, count) : NULL,
                                n * (n + 1) / 4, n * (n + 1) * (2 * n + 1) / 24};
    int error = arena.error;

    for (size_t i = 0; error == 0 && i < count; i++)
        for (size_t j = i; j < count; j++)
            averages.value[at++] = (values[i] + values[j]) / 2;
    if (error == 0)
        *shift = interval_of(&averages, confidence);
    arena_free(&arena);
    return error;
}

int rank_sum(const double *first, size_t first_count, const double *second, size_t second_count,
             double confidence, struct interval *shift)
{
    struct arena arena = {0};
    size_t most = first_count * second_count, at = 0;
    double m = (double)first_count, n = (double)second_count;
    int is_exact = first_count < SUM_EXACT && second_count < SUM_EXACT;
    struct averages averages = {most, arena_take(&arena, most * sizeof(double)),
                                is_exact ? rank_sum_table(&arena, first_count, second_count, most)
                                         : NULL,
                                m * n / 2, m * n * (m + n + 1) / 12};
    int error = arena.error;

    for (size_t i = 0; error == 0 && i < first_count; i++)
        for (size_t j = 0; j < second_count; j++)
            averages.value[at++] = second[j] - first[i];
    if (error == 0)
        *shift = interval_of(&averages, confidence);
    arena_free(&arena);
    return error;
}
