/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_MMAP_REPORT_COMPARISON_TEXT_H
#define BENCH_MMAP_REPORT_COMPARISON_TEXT_H

#include "document.h"
#include "format.h"
#include "src/comparison/comparison.h"

#include <stddef.h>
#include <stdio.h>

/* all: rows without a finding too. -EIO. */
int report_comparison(FILE *out, const struct comparison *comparison, const struct view *view,
                      int all);

/* The row's name less what all cells have in common; free() it. NULL: no memory. */
char *compare_row_name(const struct comparison *comparison, const struct comparison_row *row);

/* Rows as a reader wants them: slower ones first, then faster, then the least sure of being the
 * same. order[table.count]. */
void compare_order(const struct comparison *comparison, size_t *order);

const char *compare_gate_word(enum gate gate);

/* A ratio of a difference of logs. */
struct interval compare_exp(struct interval log_ratio);

/* All that stands below the headline. */
void compare_show_body(struct document *document, const struct comparison *comparison, int all);

/* For a table of several comparisons: before and behind stand around each row. */
void compare_csv_heading(FILE *out, const char *before, const char *behind);
int compare_csv_rows(FILE *out, const struct comparison *comparison, const char *before,
                     const char *behind);
void compare_csv_number(FILE *out, double value); /* with the comma behind it */
void compare_csv_interval(FILE *out, struct interval interval);
void compare_csv_name(FILE *out, const char *name);

/* The members of an object that is open. */
int compare_json_members(struct json_write *json, const struct comparison *comparison);

int compare_write_csv(FILE *out, const struct comparison *comparison);
int compare_write_json(FILE *out, const struct comparison *comparison);

#endif
