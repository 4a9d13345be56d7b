/* SPDX-License-Identifier: Apache-2.0
 * One file, written by a kernel of libbench_mmap or by the bare loop. */
#ifndef BENCH_MMAP_BENCH_STUDIES_OVERHEAD_SIDE_H
#define BENCH_MMAP_BENCH_STUDIES_OVERHEAD_SIDE_H

#include "bare.h"
#include "bench_mmap/kernel.h"

#include <stdbool.h>
#include <stdint.h>

enum side { SIDE_KERNEL, SIDE_BARE, SIDES };

struct task {
    const struct bm_kernel *writer;
    const struct bare_writer *bare;
    int dir_fd;
    const void *source; /* of at least one chunk */
    uint64_t chunk_bytes, file_bytes;
};

/* Writes the new file `name`, and leaves it there. *result is what bm_kernel_run() reports; for the
 * bare loop only total_ns is set, the time between two clock readings around it. Both sides run
 * between two getrusage() calls, so that strace shows where they begin and end. Errors: of
 * bm_kernel_run(), and of what a bare loop calls. */
int side_write(enum side side, const struct task *task, const char *name, struct bm_result *result);

/* Removes it, where there is one; where `verify` says so, it is compared before with what should be
 * in it. Errors: of bm_kernel_verify() and unlinkat. */
int side_remove(const struct task *task, const char *name, bool verify);

#endif
