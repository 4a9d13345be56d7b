/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_MMAP_BASE_SPAN_H
#define BENCH_MMAP_BASE_SPAN_H

#include <stddef.h>
#include <string.h>

/* A part of a name: not NUL-terminated; text is NULL when the name has no such part. */
struct span {
    const char *text;
    size_t length;
};

static inline int span_equal(struct span a, struct span b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.text, b.text, a.length) == 0);
}

static inline int span_is(struct span span, const char *text)
{
    return span_equal(span, (struct span){text, strlen(text)});
}

#endif
