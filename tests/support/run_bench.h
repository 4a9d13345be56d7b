/* SPDX-License-Identifier: Apache-2.0 */
/* bench_mmap as a user starts it, in a directory of the test's own. */
#ifndef BENCH_MMAP_TESTS_SUPPORT_RUN_BENCH_H
#define BENCH_MMAP_TESTS_SUPPORT_RUN_BENCH_H

#include "support.h"

#include <jansson.h>

/* Made by bench_set_up(); out_path is run.json there, the flags name both. */
extern struct test_directory directory;
extern char dir_flag[96], out_flag[128], out_path[96];

/* Set-up and tear-down of a group of tests. A directory that is not empty at the end is a failure.
 */
int bench_set_up(void **state);
int bench_tear_down(void **state);

/* bench_mmap --dir=... with the further arguments, NULL-terminated; the rest as in test_run(). */
struct test_process run_with(const char *const *environment, const char *signal_at,
                             const char *const *more);

#define RUN(...) run_with(NULL, NULL, (const char *const[]){__VA_ARGS__, NULL})

/* How many lines begin with `start`. */
size_t count_lines(const char *text, const char *start);

json_t *load(const char *path);

/* The number of a row; a failure when there is none. */
double number(const json_t *row, const char *key);

/* The row of that name among a run's; borrowed. There is one, or the test fails. */
const json_t *bench_row(const json_t *rows, const char *name);

#endif
