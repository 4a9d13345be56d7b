/* SPDX-License-Identifier: Apache-2.0 */
/* One estimate from the log ratios of several machines. */
#include "random_effects.h"

#include "quantiles.h"

/* A variance of zero would give a machine all the weight: no ratio is known to better than that. */
#define VARIANCE_LEAST 1e-10

struct studies {
    const double *value;
    const double *variance;
    size_t count;
};

static double weight(const struct studies *studies, size_t i, double between)
{
    return 1 / (fmax(studies->variance[i], VARIANCE_LEAST) + between);
}

static double weighted_mean(const struct studies *studies, double between, double *weights)
{
    double sum = 0;

    *weights = 0;
    for (size_t i = 0; i < studies->count; i++) {
        sum += weight(studies, i, between) * studies->value[i];
        *weights += weight(studies, i, between);
    }
    return sum / *weights;
}

/* Cochran's Q: what the values differ by, in terms of what they should. */
static double disagreement(const struct studies *studies, double between)
{
    double weights, mean = weighted_mean(studies, between, &weights), sum = 0;

    for (size_t i = 0; i < studies->count; i++) {
        double away = studies->value[i] - mean;
        sum += weight(studies, i, between) * away * away;
    }
    return sum;
}

/* Paule and Mandel: the variance between machines at which they differ by what they should. */
static double between_variance(const struct studies *studies)
{
    double low = 0, high = VARIANCE_LEAST, expected = (double)studies->count - 1;

    if (disagreement(studies, 0) <= expected)
        return 0;
    while (disagreement(studies, high) > expected && high < 1e6)
        high *= 4;
    for (int step = 0; step < 100; step++) {
        double middle = (low + high) / 2;
        if (disagreement(studies, middle) > expected)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

struct random_effects random_effects(const double *log_ratio, const double *variance, size_t count,
                                     double confidence)
{
    const struct studies studies = {log_ratio, variance, count};
    double n = (double)count, mean = 0, error, between = (double)NAN, none = (double)NAN;
    int weighted = 1;

    for (size_t i = 0; i < count; i++)
        weighted &= isfinite(variance[i]) != 0;
    if (count == 1)
        return (struct random_effects){{log_ratio[0], none, none}, none, none};
    if (weighted) {
        double weights;
        between = between_variance(&studies);
        mean = weighted_mean(&studies, between, &weights);
        error = sqrt(fmax(1, disagreement(&studies, between) / (n - 1)) / weights);
    } else {
        /* All machines weigh the same. */
        for (size_t i = 0; i < count; i++)
            mean += log_ratio[i] / n;
        double square = 0;
        for (size_t i = 0; i < count; i++)
            square += (log_ratio[i] - mean) * (log_ratio[i] - mean);
        error = sqrt(square / (n - 1) / n);
    }
    double reach = error * stats_student_quantile((1 + confidence) / 2, n - 1);
    return (struct random_effects){{mean, mean - reach, mean + reach}, sqrt(between), mean / error};
}
