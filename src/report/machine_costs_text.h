/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_MMAP_REPORT_MACHINE_COSTS_TEXT_H
#define BENCH_MMAP_REPORT_MACHINE_COSTS_TEXT_H

#include "document.h"
#include "src/comparison/machine_costs.h"

#include <stdio.h>

/* all: every term of every model. */
void machine_costs_show(struct document *document, const struct machine_costs *beside, int all);

/* Its last part: what moved, and what that differs can be the reason. */
void machine_costs_explain(struct document *document, const struct machine_costs *beside);

/* "1.40 [1.38, 1.42]". */
enum { COSTS_RATIO_MAX = 160 };
void format_ratio(struct interval ratio, char text[COSTS_RATIO_MAX]);

/* Rows of the kind "cost" below those of compare_csv_rows(). */
void machine_costs_csv(FILE *out, const struct machine_costs *beside, const char *before,
                       const char *behind);

/* The member "machines". */
void machine_costs_json(struct json_write *json, const struct machine_costs *beside);

#endif
