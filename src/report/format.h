/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers, units and sizes as a reader wants them. Texts are UTF-8; document.c makes ASCII of them
 * where asked. Between a number and its unit stands FORMAT_GLUE, which document.c writes as a blank
 * at which no line is broken.
 */
#ifndef BENCH_MMAP_REPORT_FORMAT_H
#define BENCH_MMAP_REPORT_FORMAT_H

#include "src/base/interval.h"
#include "src/run/metric.h"

enum { FORMAT_MAX = 40 };

#define FORMAT_GLUE "\x1f"

struct unit {
    const char *name;
    double divisor;
};

/* The unit in which values from lowest to highest (both positive, or NaN) are read best: the
 * largest in which the lowest is still 0.1 or more, larger when the highest would pass a million.
 */
const struct unit *format_unit(enum metric_kind kind, double lowest, double highest);

/* Three significant digits and no exponent; from 10,000 with separators. "-" for NaN. */
void format_number(double value, char text[FORMAT_MAX]);

/* "1 KiB", "10 MiB", "100 B"; a size that is no round multiple in three digits: "1.67 KiB". */
void format_bytes(double bytes, char text[FORMAT_MAX]);

/* A time with its own unit, for sentences: "2.31 ms". */
void format_time(double ns, char text[FORMAT_MAX]);

/* A count: whole where it is whole. */
void format_count(double value, char text[FORMAT_MAX]);

/* "3 %", below 1 "0.4 %". */
void format_percent(double share, char text[FORMAT_MAX]);

/* The wider side of an interval as a share of its estimate; NaN without one. */
double format_half_width(double estimate, double low, double high);

/* Per cent of change: "+3.1", or "12.5x" where that says more; with its interval
 * "+3.1 [+2.0, +4.2]". */
enum { FORMAT_INTERVAL_MAX = 160 };
void format_change(double ratio, char text[FORMAT_MAX]);
void format_change_interval(struct interval ratio, char text[FORMAT_INTERVAL_MAX]);
/* "1.40 [1.38, 1.42]". */
void format_ratio(struct interval ratio, char text[FORMAT_INTERVAL_MAX]);
void format_p(double p, char text[FORMAT_MAX]);

#endif
