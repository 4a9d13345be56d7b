/* SPDX-License-Identifier: Apache-2.0 */
/* What the targets share. Each is one function, for libFuzzer and for test_corpora.c. */
#ifndef BENCH_MMAP_TESTS_FUZZING_FUZZ_H
#define BENCH_MMAP_TESTS_FUZZING_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The usual name; test_corpora.c gives each target another. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void require(int condition)
{
    if (!condition)
        abort();
}

/* A text of its own, so that a read beyond it is found. */
static inline char *text_of(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    require(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

static inline FILE *nowhere(void)
{
    static FILE *out;

    if (out == NULL)
        out = fopen("/dev/null", "w");
    require(out != NULL);
    return out;
}

#endif
