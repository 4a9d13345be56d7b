/* SPDX-License-Identifier: Apache-2.0 */
/* One synthetic run, "@run.json" in the words of run(), as the set-up of a group of tests. */
#ifndef BENCH_MMAP_TESTS_SUPPORT_SHOWN_RUN_H
#define BENCH_MMAP_TESTS_SUPPORT_SHOWN_RUN_H

#include "make_sides.h"

int make_shown_run(void **state);

#endif
