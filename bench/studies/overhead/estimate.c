/* SPDX-License-Identifier: Apache-2.0 */
#include "estimate.h"

#include "src/statistics/quantiles.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NORMAL_975 1.959964

int estimate_ratio(const double *log_ratios, size_t count, struct estimate *estimate)
{
    size_t means = count * (count + 1) / 2, used = 0, cut;
    double *mean = malloc(means * sizeof *mean), n = (double)count, spread;

    if (mean == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = i; k < count; k++)
            mean[used++] = (log_ratios[i] + log_ratios[k]) / 2;
    }
    stats_sort(mean, means);
    spread = NORMAL_975 * sqrt(n * (n + 1) * (2 * n + 1) / 24);
    cut = (double)means / 2 > spread ? (size_t)((double)means / 2 - spread) : 0;
    estimate->ratio = exp(stats_quantile(mean, means, 0.5));
    estimate->low = exp(mean[cut]);
    estimate->high = exp(mean[means - 1 - cut]);
    free(mean);
    return 0;
}

int estimate_median(const double *values, size_t count, double *median)
{
    double *sorted = malloc(count * sizeof *sorted);

    if (sorted == NULL)
        return -ENOMEM;
    memcpy(sorted, values, count * sizeof *sorted);
    stats_sort(sorted, count);
    *median = stats_quantile(sorted, count, 0.5);
    free(sorted);
    return 0;
}
