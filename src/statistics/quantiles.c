/* SPDX-License-Identifier: Apache-2.0 */
#include "quantiles.h"

#include <errno.h>
#include <stdlib.h>

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void stats_sort(double *values, size_t count)
{
    if (count > 1)
        qsort(values, count, sizeof *values, compare_doubles);
}

double stats_quantile(const double *sorted, size_t count, double p)
{
    double at = p * (double)(count - 1);
    size_t below = (size_t)at;
    if (below + 1 >= count)
        return sorted[count - 1];
    return sorted[below] + (at - (double)below) * (sorted[below + 1] - sorted[below]);
}

double stats_median(const double *sorted, size_t count)
{
    return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
}

double stats_median_of(double *values, size_t count)
{
    stats_sort(values, count);
    return count > 0 ? stats_median(values, count) : (double)NAN;
}

size_t stats_present(const double *values, size_t count, double *present)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i]))
            present[kept++] = values[i];
    return kept;
}

/* Hoare's: afterwards no value before `at` is larger than the one there, and none behind smaller.
 */
static double select_value(double *values, size_t count, size_t at)
{
    size_t low = 0, high = count - 1;

    while (low < high) {
        double pivot = values[low + (high - low) / 2];
        size_t i = low, j = high;
        for (;; i++, j--) {
            while (values[i] < pivot)
                i++;
            while (values[j] > pivot)
                j--;
            if (i >= j)
                break;
            double value = values[i];
            values[i] = values[j];
            values[j] = value;
        }
        if (at <= j)
            high = j;
        else
            low = j + 1;
    }
    return values[at];
}

double stats_median_present(const double *values, size_t count, double *room)
{
    count = stats_present(values, count, room);
    if (count == 0)
        return (double)NAN;
    double upper = select_value(room, count, count / 2), lower = upper;
    if (count % 2 == 0) {
        lower = room[0];
        for (size_t i = 1; i < count / 2; i++)
            lower = fmax(lower, room[i]);
    }
    return (lower + upper) / 2;
}

void stats_centre(const double *values, size_t count, double *out, double *room)
{
    double median = stats_median_present(values, count, room);

    for (size_t i = 0; i < count; i++)
        out[i] = values[i] - median;
}

double stats_variance_about(const double *values, size_t count, double centre)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (values[i] - centre) * (values[i] - centre);
    return sum / (double)count;
}

struct interval stats_percentiles(double estimate, double *replicates, size_t count)
{
    stats_sort(replicates, count);
    return (struct interval){estimate, stats_quantile(replicates, count, 0.025),
                             stats_quantile(replicates, count, 0.975)};
}

/* Of the least ones. */
static double mean_of(const double *sorted, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += sorted[i];
    return sum / (double)count;
}

double stats_location(const double *sorted, size_t count)
{
    return mean_of(sorted, (count + 1) / 2);
}

double stats_pace(const double *sorted, size_t count) { return mean_of(sorted, (count + 3) / 4); }

/* P(fewer than rank+1 of count samples lie below the median) is a binomial tail with p = 1/2; its
 * terms are summed from the smallest, in logarithms, so that thousands of samples do not underflow.
 */
int stats_median_ranks(size_t count, double confidence, size_t *low, size_t *high)
{
    double n = (double)count, tail = 0, allowed = (1 - confidence) / 2;
    size_t rank = 0;

    while (rank < count / 2) {
        double k = (double)rank;
        double log_term = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) - n * log(2.0);
        if (tail + exp(log_term) > allowed)
            break;
        tail += exp(log_term);
        rank++;
    }
    if (rank == 0)
        return -ENODATA;
    *low = rank - 1;
    *high = count - rank;
    return 0;
}

/* Acklam's rational approximation (relative error 1.2e-9), made exact to double precision by one
 * step of Halley's method on erfc. */
double stats_normal_quantile(double p)
{
    static const double a[] = {-3.969683028665376e+01, 2.209460984245205e+02,
                               -2.759285104469687e+02, 1.383577518672690e+02,
                               -3.066479806614716e+01, 2.506628277459239e+00};
    static const double b[] = {-5.447609879822406e+01, 1.615858368580409e+02,
                               -1.556989798598866e+02, 6.680131188771972e+01,
                               -1.328068155288572e+01};
    static const double c[] = {-7.784894002430293e-03, -3.223964580411365e-01,
                               -2.400758277161838e+00, -2.549732539343734e+00,
                               4.374664141464968e+00,  2.938163982698783e+00};
    static const double d[] = {7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00,
                               3.754408661907416e+00};
    double x;

    if (p < 0.02425 || p > 1 - 0.02425) {
        double q = sqrt(-2 * log(p < 0.5 ? p : 1 - p));
        x = (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) /
            ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1);
        if (p > 0.5)
            x = -x;
    } else {
        double q = p - 0.5, r = q * q;
        x = (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q /
            (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1);
    }
    double error = 0.5 * erfc(-x / sqrt(2.0)) - p;
    double step = error * sqrt(2 * acos(-1.0)) * exp(x * x / 2);
    return x - step / (1 + x * step / 2);
}

/* Hill, Algorithm 396 (Communications of the ACM 13, 1970): six digits from 2 degrees of freedom
 * up; exact for 1 and 2. */
double stats_student_quantile(double p, double degrees)
{
    double pi = acos(-1.0);
    double two_sided = 2 * (p < 0.5 ? p : 1 - p);
    double sign = p < 0.5 ? -1 : 1;

    if (degrees <= 1)
        return sign / tan(two_sided * pi / 2);
    if (degrees <= 2)
        return sign * sqrt(2 / (two_sided * (2 - two_sided)) - 2);
    double a = 1 / (degrees - 0.5);
    double b = 48 / (a * a);
    double c = ((20700 * a / b - 98) * a - 16) * a + 96.36;
    double d = ((94.5 / (b + c) - 3) / b + 1) * sqrt(a * pi / 2) * degrees;
    double x = d * two_sided;
    double y = pow(x, 2 / degrees);

    if (y > 0.05 + a) {
        x = stats_normal_quantile(two_sided / 2);
        y = x * x;
        if (degrees < 5)
            c += 0.3 * (degrees - 4.5) * (x + 0.6);
        c = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + c;
        y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x;
        y = expm1(a * y * y);
    } else {
        y = ((1 / (((degrees + 6) / (degrees * y) - 0.089 * d - 0.822) * (degrees + 2) * 3) +
              0.5 / (degrees + 4)) *
                 y -
             1) *
                (degrees + 1) / (degrees + 2) +
            1 / y;
    }
    return sign * sqrt(degrees * y);
}
