/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of a check: names, times, what changed with them, and which of them come first. */
#ifndef BENCH_MMAP_WATCH_CHECK_ROWS_H
#define BENCH_MMAP_WATCH_CHECK_ROWS_H

#include "check.h"

/* Sets check->rows from check->watched. -ENOMEM. */
int check_rows_make(struct check *check);

#endif
