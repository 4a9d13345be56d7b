/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RESULTS_CHANGE_DRIFT_H
#define RESULTS_CHANGE_DRIFT_H

#include "bench_mmap/changes.h"

enum { DRIFT_LEAST = 20 }; /* values of a drift that was not found as a step */

/* 1 up, -1 down, where the trend would be one for certain if the noise were independent; else 0. A
 * look at the order only, before a line is fitted. -ENOMEM. */
int drift_stands_out(const double *value, size_t runs, int *direction);

#endif
