/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "bench_mmap/results.h"

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

void results_sort(double *values, size_t count) { qsort(values, count, sizeof *values, by_value); }

double results_quantile(const double *sorted, size_t count, double p)
{
    double place = p * (double)(count - 1);
    size_t low = (size_t)place;
    double part = place - (double)low;

    return low + 1 < count ? sorted[low] + part * (sorted[low + 1] - sorted[low]) : sorted[low];
}
