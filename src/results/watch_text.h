/* SPDX-License-Identifier: Apache-2.0 */
/* What the ways to tell a history have in common. */
#ifndef RESULTS_WATCH_TEXT_H
#define RESULTS_WATCH_TEXT_H

#include "bench_mmap/watch.h"

#include "format.h"

enum { WATCH_RUN_TEXT = 80, WATCH_CONTEXT_TEXT = 400 };

/* "2026-11-23 02:39, revision 0123abcd" */
void watch_run_text(const struct results_past_run *run, char text[WATCH_RUN_TEXT]);
void watch_date_text(int64_t date_s, char text[FORMAT_MAX]);

/* The row's name; valid as long as the story. */
const char *watch_row_name(const struct results_story *story, const struct results_watch_row *row);
const char *watch_kind_word(enum results_watch_kind kind);

/* What the context says otherwise at that run than at the one before it: "kernel 6.1 -> 6.18,
 * governor ...", "" when nothing that matters does. */
void watch_context_text(const struct results_story *story, size_t run,
                        char text[WATCH_CONTEXT_TEXT]);

/* "+5.2", "−3.0" per cent; "12.5x" where that says more. */
void watch_change_text(double ratio, char text[FORMAT_MAX]);

/* Rows as a reader wants them: findings first, the largest of a kind first. order[count]. */
void watch_order(const struct results_watched *watched, size_t *order);

int watch_write_csv(FILE *out, const struct results_story *story,
                    const struct results_watched *watched);
int watch_write_json(FILE *out, const struct results_past *past,
                     const struct results_story *story, const struct results_watched *watched,
                     const struct results_watch_options *options);

#endif
