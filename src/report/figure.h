/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers, units and sizes as a reader wants them. Texts are UTF-8; document.c makes ASCII of them
 * where asked. Between a number and its unit stands FIGURE_GLUE, which document.c writes as a blank
 * at which no line is broken.
 */
#ifndef BENCH_MMAP_REPORT_FIGURE_H
#define BENCH_MMAP_REPORT_FIGURE_H

#include "src/base/interval.h"
#include "src/run/run.h"

#define FIGURE_GLUE "\x1f"

struct unit {
    const char *name;
    double divisor;
};

/* The unit in which values from lowest to highest (both positive, or NaN) are read best: the
 * largest in which the lowest is still 0.1 or more, larger when the highest would pass a million.
 */
const struct unit *figure_unit(enum metric_kind kind, double lowest, double highest);

/* A figure in words; within one expression: document_note(..., figure_time(ns).text). */
enum { FIGURE_MAX = 160 };
struct figure {
    char text[FIGURE_MAX];
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
struct figure figure_change_of(double ratio); /* with its unit: "+3.1 %" */
struct figure figure_change_interval(struct interval ratio);

/* "1.40 [1.38, 1.42]". */
struct figure figure_ratio(struct interval ratio);
struct figure figure_p(double p);

/* The wider side of an interval as a share of its estimate; NaN without one. */
double figure_half_width(struct interval interval);

#endif
