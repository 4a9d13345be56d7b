/* SPDX-License-Identifier: Apache-2.0 */
#include "changes_power.h"
#include "src/statistics/quantiles.h"

#include <math.h>
#include <stdio.h>

void share_add(struct share *share, size_t hits, size_t trials)
{
    if (trials == 0)
        return;
    double part = (double)hits / (double)trials;
    share->hits += (double)hits;
    share->trials += (double)trials;
    share->histories++;
    share->sum += part;
    share->squares += part * part;
}

struct interval share_interval(const struct share *share)
{
    double n = share->trials, p = share->hits / n, z = stats_normal_quantile(0.975);
    double centre = p + z * z / (2 * n), half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    double scale = 1 + z * z / n, k = share->histories;
    struct interval interval = {p, (centre - half) / scale, (centre + half) / scale};

    if (k > 1) {
        double mean = share->sum / k;
        double variance = fmax(0, share->squares / k - mean * mean) / (k - 1);
        double width = stats_student_quantile(0.975, k - 1) * sqrt(variance);
        interval.low = fmin(interval.low, mean - width);
        interval.high = fmax(interval.high, mean + width);
    }
    interval.low = fmax(interval.low, 0);
    interval.high = fmin(interval.high, 1);
    return interval;
}

void share_put(const struct share *share)
{
    if (share->trials == 0) {
        printf(" - |");
        return;
    }
    struct interval interval = share_interval(share);
    printf(" %.2f [%.2f, %.2f] |", 100 * interval.estimate, 100 * interval.low,
           100 * interval.high);
}
