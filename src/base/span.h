/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_MMAP_BASE_SPAN_H
#define BENCH_MMAP_BASE_SPAN_H

#include <stddef.h>

/* A part of a name: not NUL-terminated; text is NULL when the name has no such part. */
struct span {
    const char *text;
    size_t length;
};

int span_equal(struct span a, struct span b);
int span_is(struct span span, const char *text);

#endif
