/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of the runs in a store. all: readers get all rows, those without a finding, too. The
 * errors: -EIO, -ENOMEM. */
#ifndef BENCH_MMAP_REPORT_HISTORY_REPORTS_H
#define BENCH_MMAP_REPORT_HISTORY_REPORTS_H

#include "document.h"
#include "src/base/number.h"
#include "src/watch/cell_history.h"
#include "src/watch/check.h"

/* The verdict on the newest runs of a machine. */
int report_check(FILE *out, const struct check *check, const struct view *view, int all);

/* How each cell of a machine went. */
int report_cell_histories(FILE *out, const struct cell_histories *histories,
                          const struct view *view, int all);

enum { SPARKLINE_MOST = 64, SPARKLINE_TEXT = 3 * SPARKLINE_MOST + 1 };
/* A line of `width` signs at most for times in order: low is fast, on a log scale from the least to
 * the greatest, which are 10 % apart at least, so that noise stays flat. Where there are more
 * values than signs, a sign is the median of its share of them; a share without a value (NaN, 0 or
 * less) is a gap. room[count]. */
void sparkline(const double *time, size_t count, size_t width, int unicode, double *room,
               char text[SPARKLINE_TEXT]);

/* The machines of a store: what distinguishes them in columns, what all share in a sentence. */
int report_machines(FILE *out, const struct history_machines *machines, const struct view *view);

/* What in a store is not what was added: a line; and that all is. */
void report_damage(FILE *out, struct history *history, const struct history_damage *damage);
void report_whole(FILE *out, size_t runs);

/* For the files of this folder: how runs, cells and accepted changes are told, and the sentences of
 * `check`. */
enum { RUN_SHOWN = 12 };

/* "2026-11-23 02:39:49"; "2026-11-23 02:39"; the same with "(run 0123456789ab, revision
 * 4cf09a1b2c3d)". What is said lives as long as its document. */
const char *date_say(struct document *document, int64_t date_s);
const char *run_say_date(struct document *document, const struct history_run *run);
const char *run_say(struct document *document, const struct history_run *run);
/* The members of a run's object: its id, date and revision. */
void run_members(struct document *document, const void *run);

/* "Machine aa, one of 2 in the store: 50 of 60 runs from 2026-11-21 02:39 to 2026-11-23 02:39
 * (run 0123456789ab), 9 cells, all of file:new, and 2 controls."; for programs the machine. */
void window_show(struct document *document, const struct run_window *window, size_t cells,
                 size_t controls, const char *common);

/* The accepted changes; readers get the newest `most` of them. */
void window_show_accepted(struct document *document, const struct run_window *window, size_t most);

/* What the names of those cells have in common that are no controls, of `count` columns of the
 * window, one (a size_t) every `stride` bytes; a name without that; a control's name without its
 * file state, too. */
const char *watch_common(struct document *document, const struct run_window *window,
                         const void *columns, size_t stride, size_t count);
const char *watch_short_name(struct document *document, const char *cell, const char *common);

/* "kernel 6.1.0 -> 6.18.5, governor powersave -> performance (1 run later)" */
const char *context_changes_say(struct document *document, const struct context_change *changes,
                                size_t count);

struct check_report {
    struct document *document;
    const struct check *check;
    const char *common; /* what the names of all cells have in common */
    int all;
};

static inline const struct history_run *run_at(const struct check_report *report, size_t i)
{
    return &report->check->window.series.runs.runs[i];
}

/* The heading, a sentence without its full stop, for programs with its code and exit status; what
 * changed with the first finding, what drifts, and how to accept it. */
unsigned check_kinds(const struct check *check); /* of kinds_add() */
void check_show_verdict(const struct check_report *report);
/* How many runs a verdict takes where there are too few. */
void check_show_needs(const struct check_report *report);
/* Cells that failed, or that the newest run does not have. */
void check_show_absent(const struct check_report *report);
/* How small a change would have been seen, and how often a check is a false alarm; what changed
 * with each of the other findings. */
void check_show_below(const struct check_report *report);
/* Runs whose dates and order of adding contradict each other. */
void check_show_clock(const struct check_report *report);

#endif
