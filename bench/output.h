/* SPDX-License-Identifier: Apache-2.0
 *
 * The file of --benchmark_out: it gets its name when it is whole. Where it has another one until
 * then, a signal that ends the program at once removes it. */
#ifndef BENCH_MMAP_BENCH_OUTPUT_H
#define BENCH_MMAP_BENCH_OUTPUT_H

#include "src/base/replace.h"

/* Makes the new file, so that a place that cannot be written is known before anything is
 * measured. Says what is wrong. Errors: -errno. */
int output_open(struct replacement *output, const char *path);

/* Writes the text into it. Says what is wrong. Errors: -errno. */
int output_write(const struct replacement *output, const char *text, size_t bytes);

/* Puts a complete report in its place. Says what is wrong. Errors: -errno. */
int output_commit(struct replacement *output);

/* Puts an incomplete report in its place, or, where there is a file already, beside it under the
 * name PATH.partial; says where. Errors: -errno. */
int output_commit_partial(struct replacement *output);

/* Removes what has not got its place, and frees; safe after a commit. */
void output_close(struct replacement *output);

#endif
