/* SPDX-License-Identifier: Apache-2.0 */
/* What the ways to tell of a check have in common. */
#ifndef BENCH_MMAP_REPORT_CHECK_WORDS_H
#define BENCH_MMAP_REPORT_CHECK_WORDS_H

#include "src/watch/check.h"
#include "src/watch/context_changes.h"
#include "view.h"

#include <stddef.h>
#include <stdio.h>

/* all: rows without a finding too. -EIO. */
int report_check(FILE *out, const struct check *check, const struct view *view, int all);

/* The whole name; valid as long as the check. */
const char *check_row_name(const struct check *check, const struct watch_row *row);

/* watch_common() of its cells, and the row's name less that; the caller's, NULL: no memory. */
char *check_common(const struct check *check);
char *check_short_name(const struct check *check, const struct watch_row *row, const char *common);

const char *check_kind_word(enum watch_kind kind);
int check_is_found(const struct watch_row *row);

/* Medians of its cell's times in ns before the step and since, NaN where there are none. */
int check_row_times(const struct check *check, const struct watch_row *row, double *before_ns,
                    double *now_ns);

/* The step tells something new: the row is no part of a mean that went as far, and no mean that one
 * of its parts pulled along. */
int check_is_new(const struct check *check, const struct watch_row *row);

/* Rows as a reader wants them: findings first, the largest of a kind first. order[rows]. -ENOMEM.
 */
int check_order(const struct check *check, size_t *order);

size_t check_context_changes(const struct check *check, const struct watch_row *row,
                             struct context_change found[CONTEXT_CHANGES_MOST]);

enum check_absence {
    CHECK_FAILED,  /* in the newest run */
    CHECK_MISSING, /* from the newest run, although most of the runs before it have it */
    CHECK_RETIRED, /* from all of the newest runs: not judged */
    CHECK_ABSENCES
};

/* Their columns of past.series into column[cell_count]; how many. */
size_t check_absent(const struct check *check, enum check_absence absence, size_t *column);

/* A sentence without its full stop; the caller's, NULL: no memory. order: that of check_order(). */
char *check_verdict(const struct check *check, const size_t *order);

int check_write_csv(FILE *out, const struct check *check);
int check_write_json(FILE *out, const struct check *check);

#endif
