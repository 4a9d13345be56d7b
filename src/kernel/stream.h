/* SPDX-License-Identifier: Apache-2.0 */
/* A stream of the C library over the file: sample->handle. */
#ifndef BENCH_MMAP_KERNEL_STREAM_H
#define BENCH_MMAP_KERNEL_STREAM_H

#include "kernel.h"

/* bm_open_file() and fdopen(). */
int bm_stream_open(struct bm_sample *sample, const char *mode);

/* A buffer of 1 MiB instead of the library's own: sample->map. */
bm_phase_function bm_stream_set_large_buffer;

/* The calls that the library makes with a buffer of that size, which it has made itself, or
 * (is_large) was given. */
typedef uint64_t bm_stream_calls_function(const struct bm_job *job, uint64_t buffer_bytes,
                                          bool is_large);

/* Takes the buffer away, too, which must live until the stream is closed. */
int bm_stream_close(struct bm_sample *sample, bm_stream_calls_function *calls);

#endif
