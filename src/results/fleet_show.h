/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RESULTS_FLEET_SHOW_H
#define RESULTS_FLEET_SHOW_H

#include "bench_mmap/machines.h"

/* Rows as a reader wants them: findings first. order[row_count]. */
void fleet_order(const struct results_fleet *fleet, size_t *order);

int fleet_write_csv(FILE *out, const struct results_fleet *fleet);
int fleet_write_json(FILE *out, const struct results_fleet *fleet);

#endif
