/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict on the newest runs of a machine. */
#ifndef BENCH_MMAP_REPORT_CHECK_H
#define BENCH_MMAP_REPORT_CHECK_H

#include "src/watch/check.h"
#include "view.h"

#include <stdio.h>

/* all: readers get the rows without a finding, too. -EIO. */
int report_check(FILE *out, const struct check *check, const struct view *view, int all);

#endif
