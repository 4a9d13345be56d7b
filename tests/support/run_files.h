/* SPDX-License-Identifier: Apache-2.0 */
/* Files of runs in the test's directory, and bench_results add on them. */
#ifndef BENCH_MMAP_TESTS_SUPPORT_RUN_FILES_H
#define BENCH_MMAP_TESTS_SUPPORT_RUN_FILES_H

#include "make_sides.h"
#include "make_store.h"

#include <stddef.h>

/* a.json and b.json of two machines, late.json before b.json, anonymous.json without a machine, and
 * broken.json. */
int run_files_set_up(void **state);

void write_bytes(const char *name, const char *text, size_t length);
char *read_bytes(const char *name); /* the caller's */
void write_run(const char *name, const struct test_run_spec *spec);

/* As says() with status 1, and nothing but that one sentence on stderr. */
void refuses(const char *words, const char *start, const char *part);
/* The id that `add` prints; the caller's. */
char *add(const char *words);

#endif
