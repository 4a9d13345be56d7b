/* SPDX-License-Identifier: Apache-2.0 */
/* One estimate from the log ratios of several machines. */
#include "random_effects.h"

#include "quantiles.h"

#include <errno.h>
#include <math.h>

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

/* All machines weigh the same: the mean and its standard error. */
static double plain_mean(const double *value, size_t count, double *error)
{
    double n = (double)count, mean = 0, square = 0;

    for (size_t i = 0; i < count; i++)
        mean += value[i] / n;
    for (size_t i = 0; i < count; i++)
        square += (value[i] - mean) * (value[i] - mean);
    *error = sqrt(square / (n - 1) / n);
    return mean;
}

int random_effects(const double *log_ratio, const double *variance, size_t count, double confidence,
                   struct interval *combined, double *heterogeneity, double *t)
{
    const struct studies studies = {log_ratio, variance, count};
    double mean, error, between = (double)NAN, none = (double)NAN;
    int weighted = 1;

    if (count == 0)
        return -EINVAL;
    for (size_t i = 0; i < count; i++)
        weighted &= isfinite(variance[i]) != 0;
    *combined = (struct interval){log_ratio[0], none, none};
    *heterogeneity = *t = none;
    if (count == 1)
        return 0;
    if (weighted) {
        double weights;
        between = between_variance(&studies);
        mean = weighted_mean(&studies, between, &weights);
        double scale = disagreement(&studies, between) / ((double)count - 1);
        error = sqrt(fmax(1, scale) / weights);
    } else {
        mean = plain_mean(log_ratio, count, &error);
    }
    double reach = error * stats_student_quantile((1 + confidence) / 2, (double)count - 1);
    *combined = (struct interval){mean, mean - reach, mean + reach};
    *heterogeneity = sqrt(between);
    *t = mean / error;
    return 0;
}
