/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_MMAP_REPORT_ACROSS_MACHINES_TEXT_H
#define BENCH_MMAP_REPORT_ACROSS_MACHINES_TEXT_H

#include "src/comparison/across_machines.h"
#include "view.h"

#include <stddef.h>
#include <stdio.h>

/* all: rows without a finding too. -EIO. */
int report_across_machines(FILE *out, const struct across_machines *fleet, const struct view *view,
                           int all);

/* Rows as a reader wants them: findings first. order[row_count]. */
void across_machines_order(const struct across_machines *fleet, size_t *order);

int across_machines_csv(FILE *out, const struct across_machines *fleet);
int across_machines_json(FILE *out, const struct across_machines *fleet);

#endif
