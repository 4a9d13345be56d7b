/* SPDX-License-Identifier: Apache-2.0 */
/* What the ways to tell of a history have in common. */
#ifndef BENCH_MMAP_REPORT_WATCH_WORDS_H
#define BENCH_MMAP_REPORT_WATCH_WORDS_H

#include "document.h"
#include "format.h"
#include "src/base/date.h"
#include "src/watch/context_changes.h"

#include <stddef.h>

enum { RUN_TEXT = 120, RUN_SHOWN = 12, REVISION_SHOWN = 20 };

/* "2026-11-23 02:39" */
void run_put_date(const struct history_run *run, char text[DATE_TEXT]);
/* "2026-11-23 02:39 (run 0123456789ab, revision 4cf09a1b2c3d)" */
void run_put(const struct history_run *run, char text[RUN_TEXT]);

/* "Machine aa, one of 2 in the store: 50 of 60 runs from 2026-11-21 02:39 to 2026-11-23 02:39
 * (run 0123456789ab), 9 cells, all of file:new, and 2 controls." */
void past_show(struct document *document, const struct run_window *past, size_t cells,
               size_t controls, const char *common);

/* "+3.1 %", or "12.5x" where that says more. */
void watch_put_change(double ratio, char text[FORMAT_MAX]);

/* How the order of dates and that of adding differ. */
struct run_window_clock {
    size_t last_added; /* of the runs */
    size_t late;       /* runs that were added after one of a later date */
    size_t future;     /* runs dated a day or more after they were added */
};
struct run_window_clock run_window_clock(const struct run_window *past);

/* All texts below are the caller's; NULL: no memory. */

/* What the names of those cells that are no controls have in common, and a name less that; a
 * control's less its file state, too. */
char *watch_common(char *const *cells, size_t count);
char *watch_short_name(const char *cell, const char *common);

/* "kernel 6.1.0 -> 6.18.5, governor powersave -> performance (1 run later)" */
char *context_changes_text(const struct context_change *found, size_t count);

#endif
