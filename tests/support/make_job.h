/* SPDX-License-Identifier: Apache-2.0
 * A directory and a source, made once for all tests of a program, and jobs with them. */
#ifndef BENCH_MMAP_TESTS_SUPPORT_MAKE_JOB_H
#define BENCH_MMAP_TESTS_SUPPORT_MAKE_JOB_H

#include "bench_mmap/kernel.h"
#include "support.h"

#define JOB_SOURCE_BYTES ((size_t)4 << 20)

extern struct test_directory job_directory;
extern void *job_source;

/* For cmocka; after the tests the directory must be empty. */
int job_set_up(void **state);
int job_tear_down(void **state);

/* The file "file", which is new, with the bytes of the source. */
struct bm_job make_job(uint64_t size, uint64_t chunk);

#endif
