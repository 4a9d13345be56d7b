/* SPDX-License-Identifier: Apache-2.0 */
/* What an A/B comparison is asked where something seems to have become slower. */
#ifndef BENCH_MMAP_WATCH_CONFIRM_H
#define BENCH_MMAP_WATCH_CONFIRM_H

#include "check.h"

/* Sets check->confirmation for the rows that became slower; its texts are the window's arena's,
 * which remembers whether memory was short. */
void check_confirm(struct check *check);

#endif
