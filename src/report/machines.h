/* SPDX-License-Identifier: Apache-2.0 */
/* The machines of a store: what distinguishes them in columns, what all share in a sentence. */
#ifndef BENCH_MMAP_REPORT_MACHINES_H
#define BENCH_MMAP_REPORT_MACHINES_H

#include "src/history/history.h"
#include "view.h"

#include <stdio.h>

/* -EIO. */
int report_machines(FILE *out, const struct history_machines *machines, const struct view *view);

#endif
