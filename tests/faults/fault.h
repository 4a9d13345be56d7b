/* SPDX-License-Identifier: Apache-2.0
 * The fault that the environment asks for. What asks is not static, nor is this: FORTIFY_SOURCE
 * declares some of the calls inline. */
#ifndef BENCH_MMAP_TESTS_FAULTS_FAULT_H
#define BENCH_MMAP_TESTS_FAULTS_FAULT_H

#include <dlfcn.h>
#include <stddef.h>

enum kind {
    NONE,
    EINTR_ONCE,
    SHORT,
    ZERO,
    FULL,
    CORRUPT,
    STALL,
    DISK,
    AGAIN,
    MEMORY,
    QUOTA,
    ONCE,
    KINDS
};

/* What is to happen to this call; counts those that are looked for. */
enum kind fault_of(const char *call, size_t bytes);

/* 0: it does not fail. */
int fault_error(enum kind kind);

/* In a function of that name: the one that it stands before. */
#define REAL(name)                                                                                 \
    static __typeof__(name) *real;                                                                 \
    if (real == NULL)                                                                              \
    *(void **)&real = dlsym(RTLD_NEXT, #name)

#endif
