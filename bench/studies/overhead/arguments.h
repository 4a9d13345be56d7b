/* SPDX-License-Identifier: Apache-2.0
 * What bench_overhead is told to do. */
#ifndef BENCH_MMAP_BENCH_STUDIES_OVERHEAD_ARGUMENTS_H
#define BENCH_MMAP_BENCH_STUDIES_OVERHEAD_ARGUMENTS_H

#include "compare.h"

#include <regex.h>
#include <stdint.h>

#define ARGUMENTS_MAX_CHUNKS 16
#define ARGUMENTS_MAX_FILES 64 /* WORKDIR_MAX_THREADS: so many names a directory has */

struct arguments {
    const char *dir;
    regex_t writers;
    uint64_t chunks[ARGUMENTS_MAX_CHUNKS];
    int chunk_count;
    uint64_t file_bytes;
    struct compare_limits limits;
    int help;

    double files; /* 0: all writers are compared with their bare loops; else so many files ... */
    int count;    /* ... or one, whose time is not printed */
    const struct bm_kernel *writer;
    int side; /* enum side */
};

/* Says what is wrong. Errors: -EINVAL, -ENOMEM. regfree() `writers` in any case. */
int arguments_parse(struct arguments *arguments, int argc, char **argv);

void arguments_print_help(void);

#endif
