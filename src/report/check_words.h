/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_MMAP_REPORT_CHECK_WORDS_H
#define BENCH_MMAP_REPORT_CHECK_WORDS_H

#include "document.h"
#include "src/watch/check.h"

struct check_report {
    struct document *document;
    const struct check *check;
    const char *common; /* what the names of all cells have in common */
    int all;
};

/* The heading: a sentence without its full stop; for programs with its code and exit status. */
void check_show_verdict(const struct check_report *report);
/* What changed with the first finding, what drifts, and how to accept it. */
void check_show_first(const struct check_report *report);
/* How many runs a verdict takes where there are too few. */
void check_show_needs(const struct check_report *report);
/* What changed with each of the other findings. */
void check_show_events(const struct check_report *report);
/* How small a change would have been seen, and how often a check is a false alarm. */
void check_show_power(const struct check_report *report);
/* Cells that the newest run does not have. */
void check_show_absent(const struct check_report *report);
/* Runs whose dates and order of adding contradict each other. */
void check_show_clock(const struct check_report *report);

#endif
