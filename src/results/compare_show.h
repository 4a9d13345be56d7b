/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RESULTS_COMPARE_SHOW_H
#define RESULTS_COMPARE_SHOW_H

#include "bench_mmap/compare.h"

/* The row's name less what all cells have in common; free() it. NULL: no memory. */
char *compare_row_name(const struct results_comparison *comparison,
                       const struct results_compare_row *row);

/* Rows as a reader wants them: slower ones first, then faster, then the least sure of being the
 * same. order[table.count]. */
void compare_order(const struct results_comparison *comparison, size_t *order);

const char *compare_change_word(enum results_change change);
const char *compare_gate_word(enum results_gate gate);

int compare_write_csv(FILE *out, const struct results_comparison *comparison);
int compare_write_json(FILE *out, const struct results_comparison *comparison);

#endif
