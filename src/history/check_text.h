/* SPDX-License-Identifier: Apache-2.0 */
/* What the ways to tell of a check have in common. */
#ifndef HISTORY_CHECK_TEXT_H
#define HISTORY_CHECK_TEXT_H

#include "bench_mmap/watch.h"

#include "format.h"

/* ---- runs ---- */

enum { RUN_TEXT = 120, RUN_SHOWN = 12, REVISION_SHOWN = 20 };

/* "2026-11-23 02:39" */
void run_put_date(const struct history_run *run, char text[HISTORY_DATE]);
/* "2026-11-23 02:39 (run 0123456789ab, revision 4cf09a1b2c3d)" */
void run_put(const struct history_run *run, char text[RUN_TEXT]);

/* How the order of dates and that of adding differ. */
struct past_clock {
    size_t last_added; /* of the runs */
    size_t late;       /* runs that were added after one of a later date */
    size_t future;     /* runs dated a day or more after they were added */
};
struct past_clock past_clock(const struct history_past *past);

/* ---- rows ---- */

/* The whole name; valid as long as the check. */
const char *check_row_name(const struct history_check *check, const struct results_watch_row *row);

/* What the names of the cells that are no controls have in common; the caller's, NULL: no memory.
 */
char *check_common(const struct history_check *check);

const char *check_kind_word(enum results_watch_kind kind);
int check_is_found(const struct results_watch_row *row);

/* Medians of its cell's times in ns before the step and since, NaN where there are none. */
int check_row_times(const struct history_check *check, const struct results_watch_row *row,
                    double *before_ns, double *now_ns);

/* A cell, or writer, that went with a mean over it tells nothing new. */
int check_follows(const struct history_check *check, const struct results_watch_row *row);

/* Rows as a reader wants them: findings first, the largest of a kind first. order[rows]. -ENOMEM.
 */
int check_order(const struct history_check *check, size_t *order);

size_t check_coincidences(const struct history_check *check, const struct results_watch_row *row,
                          struct history_coincidence found[HISTORY_COINCIDENCES]);

/* "kernel 6.1.0 -> 6.18.5, governor powersave -> performance (1 run later)"; the caller's, NULL: no
 * memory. */
char *coincidences_text(const struct history_coincidence *found, size_t count);

/* ---- cells without a time ---- */

enum check_absence {
    CHECK_FAILED,  /* in the newest run */
    CHECK_MISSING, /* from the newest run, although most of the runs before it have it */
    CHECK_RETIRED, /* from all of the newest runs: not judged */
    CHECK_ABSENCES
};

/* Their columns of past.series into column[cell_count]; how many. */
size_t check_absent(const struct history_check *check, enum check_absence absence, size_t *column);

/* ---- the verdict ---- */

/* A sentence without its full stop; the caller's, NULL: no memory. order: that of check_order(). */
char *check_verdict(const struct history_check *check, const size_t *order);

int check_write_csv(FILE *out, const struct history_check *check);
int check_write_json(FILE *out, const struct history_check *check);

#endif
