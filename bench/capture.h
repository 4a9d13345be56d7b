/* SPDX-License-Identifier: Apache-2.0
 * The run as Google Benchmark writes it, kept in memory: for the file and for the summary. */
#ifndef BENCH_MMAP_BENCH_CAPTURE_H
#define BENCH_MMAP_BENCH_CAPTURE_H

#include <stddef.h>
#include <stdio.h>

struct capture {
    int fd;        /* a file in memory; -1 when there is none */
    char path[32]; /* under which it can be opened */
    char *text;    /* what was written, after capture_read() */
    size_t bytes;
};

/* Errors: -errno of memfd_create. */
int capture_open(struct capture *capture);

/* Reads what was written to the path. Errors: -errno, -ENOMEM. */
int capture_read(struct capture *capture);

/* Prints the tables, the crossovers and the verdict of the captured run on `out`, nothing when no
 * sample was taken. Errors: of run_load_text and report_summary. */
int capture_summarise(const struct capture *capture, FILE *out);

/* Safe on a zeroed one with fd -1. */
void capture_close(struct capture *capture);

#endif
