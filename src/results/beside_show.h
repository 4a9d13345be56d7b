/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RESULTS_BESIDE_SHOW_H
#define RESULTS_BESIDE_SHOW_H

#include "bench_mmap/machines.h"

#include "json_write.h"
#include "page.h"

/* all: every term of every model. */
void beside_show(struct page *page, const struct results_beside *beside, int all);

/* Its last part: what moved, and what that differs can be the reason. */
void beside_explain(struct page *page, const struct results_beside *beside);

/* "1.40 [1.38, 1.42]". */
enum { BESIDE_RATIO_MAX = 160 };
void beside_put_ratio(struct results_interval ratio, char text[BESIDE_RATIO_MAX]);

/* Rows of the kind "cost" below those of compare_csv_rows(). */
void beside_write_csv(FILE *out, const struct results_beside *beside, const char *before,
                      const char *behind);

/* The member "machines". */
void beside_write_json(struct json_write *json, const struct results_beside *beside);

#endif
