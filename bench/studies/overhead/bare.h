/* SPDX-License-Identifier: Apache-2.0
 *
 * What the kernels of libbench_mmap are measured against: for each writer the system calls that it
 * makes, written down by hand in the plainest loop that does them, on a new file and without a
 * sync. Nothing of libbench_mmap is in them. */
#ifndef BENCH_MMAP_BENCH_STUDIES_OVERHEAD_BARE_H
#define BENCH_MMAP_BENCH_STUDIES_OVERHEAD_BARE_H

#include <stddef.h>

struct bare_job {
    int dir_fd;
    const char *name;   /* of the file, which must not exist */
    const char *source; /* each chunk is its first chunk_bytes */
    size_t chunk_bytes, file_bytes;

    /* What bare_writer.prepare() makes. */
    int source_fd; /* a file that holds the source; -1: none */
    char *memory;  /* of file_bytes; NULL: none */
};

/* All return 0 or -errno, and leave nothing open or mapped. */
struct bare_writer {
    const char *name; /* as in writers.def */
    int (*write)(const struct bare_job *job);

    /* Not timed; NULL: not needed. */
    int (*prepare)(struct bare_job *job);
    void (*release)(struct bare_job *job);
};

/* NULL when there is none. */
const struct bare_writer *bare_find(const char *name);

/* The families: tables that end with a NULL name. */
extern const struct bare_writer bare_write_family[], bare_mmap_family[], bare_copy_family[],
    bare_uring_family[], bare_control_family[];

/* Creates the file; a descriptor or -errno. */
int bare_create(const struct bare_job *job, int flags);

/* Closes it, and hands `error` on; what close() says where there was none. */
int bare_close(int fd, int error);

static inline size_t bare_least(size_t a, size_t b) { return a < b ? a : b; }

#endif
