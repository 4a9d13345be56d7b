/* SPDX-License-Identifier: Apache-2.0
 * What bench_overhead is told to do, and does: kernel against bare loop, or its list walk against
 * its plain one, pair after pair, until the ratio is known well enough. */
#ifndef BENCH_MMAP_BENCH_STUDIES_OVERHEAD_COMPARE_H
#define BENCH_MMAP_BENCH_STUDIES_OVERHEAD_COMPARE_H

#include "bare.h"
#include "bench_mmap/kernel.h"
#include "src/base/interval.h"

#include <regex.h>
#include <stdint.h>

enum side {
    SIDE_KERNEL,
    SIDE_BARE,
    SIDE_LIST,  /* the kernel with a list of the chunks, in the file's order */
    SIDE_BLIND, /* the bare loop of a reader that looks at no byte */
    SIDES
};

struct task {
    const struct bm_kernel *writer;
    const struct bare_writer *bare;
    int dir_fd;
    const void *source; /* of at least one chunk */
    uint64_t chunk_bytes, file_bytes;
    /* Of a channel, on both sides: where Linux puts two processes can be worth a fifth. NULL: any.
     */
    const int *cpus;
    struct bm_job listed; /* its chunks; none where SIDE_LIST does not run */
};

/* Makes the list. Errors: of bm_job_list(). bm_job_unlist(&task->listed) frees it. */
int task_list(struct task *task);

/* Writes the new file `name`, and leaves it there. *result is what bm_kernel_run() reports; for the
 * bare loop only total_ns is set, the time between two clock readings around it. Both sides run
 * between two getrusage() calls, so that strace shows where they begin and end. Errors: of
 * bm_kernel_run(), and of what a bare loop calls. */
int side_write(enum side side, const struct task *task, const char *name, struct bm_result *result);

#define COMPARE_MARGIN 0.02 /* a ratio this near to 1 counts as the same */
#define COMPARE_CHANNEL_MARGIN 0.05
#define COMPARE_HALF_WIDTH 0.01 /* of the interval: enough then */
#define COMPARE_MIN_PAIRS 12
#define COMPARE_MAX_PAIRS 4000 /* the estimate looks at the square of it */

struct compare_limits {
    double pairs, seconds;
    int self; /* the bare loop on both sides: what is seen where there is no difference */
    int list; /* the list walk against the plain one */
};

enum verdict { VERDICT_INSIDE, VERDICT_OUTSIDE, VERDICT_UNKNOWN, VERDICTS };

struct comparison {
    double median_ns[2];   /* of what is looked at, and of what it is compared with */
    struct interval ratio; /* the one to the other, with its 95 % interval */
    unsigned long pairs;
    enum verdict verdict;
};

/* Errors: of side_write(), bm_kernel_verify() and unlinkat(); -ENOMEM; -ECANCELED after a signal.
 */
int compare(const struct task *task, const char *name, const struct compare_limits *limits,
            struct comparison *comparison);

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
