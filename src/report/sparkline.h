/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_MMAP_REPORT_SPARKLINE_H
#define BENCH_MMAP_REPORT_SPARKLINE_H

#include <stddef.h>

enum { SPARKLINE_MOST = 64, SPARKLINE_TEXT = 3 * SPARKLINE_MOST + 1 };

/*
 * A line of `width` signs at most for times in order: low is fast, on a log scale from the least to
 * the greatest, which are 10 % apart at least, so that noise stays flat. Where there are more
 * values than signs, a sign is the median of its share of them; a share without a value (NaN, 0 or
 * less) is a gap. room[count].
 */
void sparkline(const double *time, size_t count, size_t width, int unicode, double *room,
               char text[SPARKLINE_TEXT]);

#endif
