/* SPDX-License-Identifier: Apache-2.0 */
/* Quantiles, and what is made of them. */
#ifndef BENCH_MMAP_STATISTICS_QUANTILES_H
#define BENCH_MMAP_STATISTICS_QUANTILES_H

#include "src/base/interval.h"

#include <stddef.h>

/* Sorts in place, ascending. */
void stats_sort(double *values, size_t count);

/* Of values sorted ascending, count >= 1. Quantile p in [0,1] by linear interpolation (type 7 of
 * Hyndman and Fan, The American Statistician 50, 1996). */
double stats_quantile(const double *sorted, size_t count, double p);
double stats_median(const double *sorted, size_t count);

/* The same of values in any order, which it sorts; NaN of none. */
double stats_median_of(double *values, size_t count);

/* Copies the values that are not NaN, and returns how many they are. */
size_t stats_present(const double *values, size_t count, double *present);

/* The median of those that are not NaN; NaN of none. room[count]. */
double stats_median_present(const double *values, size_t count, double *room);

/* out[i]: value[i] less that median; NaN where there is no value. room[count]. */
void stats_centre(const double *values, size_t count, double *out, double *room);

/* The mean square of the distances from the centre. */
double stats_variance_about(const double *values, size_t count, double centre);

/* The estimate between the 2.5 % and the 97.5 % quantile of its replicates, which it sorts. */
struct interval stats_percentiles(double estimate, double *replicates, size_t count);

/*
 * The location by which cells are compared: the mean of the fastest half of the samples,
 * (count+1)/2 of them. What else runs on a machine only ever adds time, and on a shared one it
 * often doubles it; then the median jumps between two levels while the faster half stays. Over the
 * 40 processes of one program in the project's A/A data the between-process standard deviation of
 * the log is 0.091 for it, 0.155 for the median and 0.158 for the mean; the crossover's is 0.13
 * octaves against 0.34 with medians. The fastest quarter (0.068) and the minimum (0.047) vary less
 * still on that machine, but rest on one or two samples where a run has five or fewer repetitions.
 */
double stats_location(const double *sorted, size_t count);

/* A distribution-free interval of the median from order statistics: the 0-based ranks of the
 * narrowest symmetric pair whose binomial coverage is at least `confidence` (Conover, Practical
 * Nonparametric Statistics, section 3.2; 20 samples: the 6th and the 15th, 95.9 %). -ENODATA when
 * no pair has it (fewer than 6 samples at 0.95). */
int stats_median_ranks(size_t count, double confidence, size_t *low, size_t *high);

/* Quantiles of the normal and of Student's distribution, p in (0,1). */
double stats_normal_quantile(double p);
double stats_student_quantile(double p, double degrees);

/*
 * The pace, by which runs are compared: the mean of the fastest quarter of the samples, (count + 3)
 * / 4 of them; sorted ascending. It differs less between processes of one program than
 * stats_location() does, and that is what a comparison needs. The table of a single run uses
 * stats_location(), which rests on more samples.
 */
double stats_pace(const double *sorted, size_t count);

#endif
