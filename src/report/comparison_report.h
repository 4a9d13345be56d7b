/* SPDX-License-Identifier: Apache-2.0 */
/* Two builds compared, on one machine or on several. */
#ifndef BENCH_MMAP_REPORT_COMPARISON_REPORT_H
#define BENCH_MMAP_REPORT_COMPARISON_REPORT_H

#include "document.h"
#include "src/comparison/across_machines.h"
#include "src/comparison/machine_costs.h"

#include <stdio.h>

/* all: readers get the rows without a finding, too. -EIO, -ENOMEM. */
int report_comparison(FILE *out, const struct comparison *comparison, const struct view *view,
                      int all);
int report_across_machines(FILE *out, const struct across_machines *across, const struct view *view,
                           int all);

/* Workflow commands of GitHub: errors for what became slower, a warning for a missing verdict. */
void report_annotations(FILE *out, const struct comparison *comparison);
void report_annotations_across(FILE *out, const struct across_machines *across);

/* For the files of this folder. */

/* The row's name less what all cells have in common. */
const char *comparison_short_name(struct document *document, const struct comparison *comparison,
                                  const struct finding *row);
const char *comparison_gate_word(enum gate gate);
/* The row that comes first of those that became slower, or else faster, and how many more. */
const char *comparison_say_first(struct document *document, const struct comparison *comparison);

/* The first of the cells that failed on the new side, or that are missing, and how many more; NULL:
 * none. */
const char *comparison_say_left_out(struct document *document, const struct comparison *comparison,
                                    int failed);

enum { KEY_SHOWN = 8 }; /* letters of a machine's */
/* The machines' own comparisons, as the member "comparisons". */
void across_machines_put_each(struct document *document, const struct across_machines *across,
                              int all);

/* All that stands below the headline, and the members of an open object. machine: what CSV has in
 * a column of its own in front; NULL: no such column. */
void comparison_put(struct document *document, const struct comparison *comparison, int all,
                    const char *machine);
/* The same of the costs on two machines, as the member "machines". */
void machine_costs_put(struct document *document, const struct machine_costs *costs, int all,
                       const char *machine);
void machine_costs_explain(struct document *document, const struct machine_costs *costs);

/* The median over the rows of the change that would probably have been found; NaN: unknown.
 * values: room for one of each row; NULL: unknown. */
double comparison_median_visible(const struct comparison_table *table, int of_cells,
                                 double *values);

#endif
