/* SPDX-License-Identifier: Apache-2.0 */
/* How runs, cells and accepted changes are told: what `check` and `history` have in common. */
#ifndef BENCH_MMAP_REPORT_WATCH_WORDS_H
#define BENCH_MMAP_REPORT_WATCH_WORDS_H

#include "format.h"
#include "src/base/date.h"
#include "src/watch/context_changes.h"
#include "table.h"

#include <stddef.h>

enum { RUN_TEXT = 120, RUN_SHOWN = 12 };

/* "2026-11-23 02:39" */
void run_put_date(const struct history_run *run, char text[DATE_TEXT]);
/* "2026-11-23 02:39 (run 0123456789ab, revision 4cf09a1b2c3d)" */
void run_put(const struct history_run *run, char text[RUN_TEXT]);
/* The members of a run's object: its id, date and revision. */
void run_members(struct document *document, const void *run);
void run_object(struct document *document, const char *key, const struct history_run *run);

/* "Machine aa, one of 2 in the store: 50 of 60 runs from 2026-11-21 02:39 to 2026-11-23 02:39
 * (run 0123456789ab), 9 cells, all of file:new, and 2 controls."; for programs the machine. */
void window_show(struct document *document, const struct run_window *window, size_t cells,
                 size_t controls, const char *common);

/* The accepted changes; readers get the newest `most` of them. */
void window_show_accepted(struct document *document, const struct run_window *window, size_t most);

/* "+3.1 %", or "12.5x" where that says more. */
void watch_put_change(double ratio, char text[FORMAT_MAX]);

/* All texts below are the caller's; NULL: no memory. */

/* What the names of those cells have in common that are no controls; a name without that; a
 * control's name without its file state, too. */
char *watch_common(char *const *cells, size_t count);
char *watch_short_name(const char *cell, const char *common);

/* The next cell of a table: the whole name, for readers the short one. */
void watch_put_name(struct table *table, const char *name, const char *common);

/* "kernel 6.1.0 -> 6.18.5, governor powersave -> performance (1 run later)" */
char *context_changes_text(const struct context_change *changes, size_t count);

#endif
