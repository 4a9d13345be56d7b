/* SPDX-License-Identifier: Apache-2.0
 *
 * The private directory: all files that are measured live in it, and nothing else is touched. */
#ifndef BENCH_MMAP_BENCH_WORKDIR_H
#define BENCH_MMAP_BENCH_WORKDIR_H

#include "bench_mmap/kernel.h"

#include <stdbool.h>
#include <stdint.h>

#define WORKDIR_MAX_THREADS 64 /* OPTIONS_MAX_THREADS */

struct workdir {
    int parent_fd; /* the user's directory */
    int fd;        /* ours in it: created 0700, and locked as long as it is open, where locks are */
    char name[32];
};

/* Opens the user's directory, removes what earlier runs that were killed left there, and creates
 * ours. Says what is wrong on stderr. Errors: -errno. */
int workdir_open(struct workdir *workdir, const char *path);

/* Removes ours with the files in it. Safe on a closed one. Says what is wrong. Errors: -errno. */
int workdir_close(struct workdir *workdir);

/* The name of the file that a thread writes, and of the one that probes use. */
const char *workdir_sample_name(int thread);
/* Of a file that is read, which stays until the end. */
const char *workdir_read_name(enum bm_file_state state, int thread);
const char *workdir_probe_name(void);

/* Whether `files` files of `file_size_bytes` fit beside each other; says so when not. */
int workdir_check_space(const struct workdir *workdir, const char *path, uint64_t file_size_bytes,
                        unsigned files);

#endif
