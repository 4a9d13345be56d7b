/* SPDX-License-Identifier: Apache-2.0
 *
 * The file of --benchmark_out: written beside the place, moved there whole. */
#ifndef BENCH_MMAP_BENCH_OUTPUT_H
#define BENCH_MMAP_BENCH_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

struct output {
    char *path;      /* where it shall be; NULL: there is no output */
    char *temporary; /* where it is written; the same string when it must be written in place */
    bool existed;
};

/* Makes the temporary file, so that a place that cannot be written is known before anything is
 * measured. A device or a pipe is written in place. Says what is wrong. Errors: -errno. */
int output_open(struct output *output, const char *path);

/* Writes the text into the temporary file. Says what is wrong. Errors: -errno. */
int output_write(const struct output *output, const char *text, size_t bytes);

/* Puts a complete report in its place. Says what is wrong. Errors: -errno. */
int output_commit(struct output *output);

/* Puts an incomplete report in its place, or, where there is a file already, beside it under the
 * name PATH.partial; says where. Errors: -errno. */
int output_commit_partial(struct output *output);

/* Removes the temporary file and frees; safe after a commit. */
void output_close(struct output *output);

#endif
