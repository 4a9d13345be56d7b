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

#include <string.h>

enum { FORMAT_MAX = 40, FORMAT_INTERVAL_MAX = 160 };

#define FORMAT_GLUE "\x1f"

struct unit {
    const char *name;
    double divisor;
};

/* The unit in which values from lowest to highest (both positive, or NaN) are read best: the
 * largest in which the lowest is still 0.1 or more, larger when the highest would pass a million.
 */
const struct unit *format_unit(enum metric_kind kind, double lowest, double highest);

/* A figure in words; used within one expression: document_note(..., figure_time(ns).text). */
struct figure {
    char text[FORMAT_INTERVAL_MAX];
};

/* Three significant digits and no exponent; from 10,000 with separators. "-" for NaN. */
struct figure figure_number(double value);

/* The same in a unit; a count where the unit has no name. */
struct figure figure_in(double value, const struct unit *unit);

/* "1 KiB", "10 MiB", "100 B"; a size that is no round multiple in three digits: "1.67 KiB". */
struct figure figure_bytes(double bytes);

/* A time with its own unit, for sentences: "2.31 ms". */
struct figure figure_time(double ns);

/* A count: whole where it is whole. */
struct figure figure_count(double value);

/* "3 %", below 1 "0.4 %". */
struct figure figure_percent(double share);

/* Per cent of change: "+3.1", or "12.5x" where that says more; with its interval
 * "+3.1 [+2.0, +4.2]". */
struct figure figure_change(double ratio);
struct figure figure_change_interval(struct interval ratio);

/* "1.40 [1.38, 1.42]". */
struct figure figure_ratio(struct interval ratio);
struct figure figure_p(double p);

/* The wider side of an interval as a share of its estimate; NaN without one. */
double format_half_width(struct interval interval);

/* The same into an array, where a figure is used twice. */
#define FORMAT_INTO(name)                                                                          \
    static inline void format_##name(double value, char text[FORMAT_MAX])                          \
    {                                                                                              \
        memcpy(text, figure_##name(value).text, FORMAT_MAX);                                       \
    }
FORMAT_INTO(number)
FORMAT_INTO(bytes)
FORMAT_INTO(time)
FORMAT_INTO(count)
FORMAT_INTO(percent)
FORMAT_INTO(change)
FORMAT_INTO(p)

static inline void format_change_interval(struct interval ratio, char text[FORMAT_INTERVAL_MAX])
{
    memcpy(text, figure_change_interval(ratio).text, FORMAT_INTERVAL_MAX);
}

static inline void format_ratio(struct interval ratio, char text[FORMAT_INTERVAL_MAX])
{
    memcpy(text, figure_ratio(ratio).text, FORMAT_INTERVAL_MAX);
}

#endif
