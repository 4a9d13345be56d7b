/* SPDX-License-Identifier: Apache-2.0
 * What bench_overhead is told to do. */
#ifndef BENCH_MMAP_BENCH_STUDIES_OVERHEAD_ARGUMENTS_H
#define BENCH_MMAP_BENCH_STUDIES_OVERHEAD_ARGUMENTS_H

#include "compare.h"

#include <regex.h>
#include <stdbool.h>
#include <stdint.h>

#define ARGUMENTS_MAX_CHUNKS 16
#define ARGUMENTS_MAX_FILES 64 /* WORKDIR_MAX_THREADS: so many names a directory has */

enum mode {
    MODE_COMPARE, /* all writers against their bare loops */
    MODE_COUNT,   /* one file, for callgrind and strace */
    MODE_FILES,   /* so many files beside each other, and the time of one */
    MODE_HELP,
};

struct arguments {
    enum mode mode;
    const char *dir;
    regex_t writers;
    uint64_t chunks[ARGUMENTS_MAX_CHUNKS];
    int chunk_count;
    uint64_t file_bytes;
    struct compare_limits limits;

    /* The file or the files. */
    const struct bm_kernel *writer;
    enum side side;
    uint64_t chunk_bytes;
    int files;
};

/* Says what is wrong. Errors: -EINVAL, -ENOMEM. */
int arguments_parse(struct arguments *arguments, int argc, char **argv);
void arguments_free(struct arguments *arguments);

void arguments_print_help(void);

#endif
