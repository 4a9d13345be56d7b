/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_overhead_skeleton is bench_overhead with one writer more: the skeleton, which has no bare
 * loop, as a new writer has none. The linker puts these functions in front of those of the registry
 * (--wrap). */
#include "src/kernel/kernel.h"

#include <string.h>

size_t __real_bm_kernel_count(void);
size_t __wrap_bm_kernel_count(void);
const struct bm_kernel *__real_bm_kernel_at(size_t index);
const struct bm_kernel *__wrap_bm_kernel_at(size_t index);
const struct bm_kernel *__real_bm_kernel_find(const char *name);
const struct bm_kernel *__wrap_bm_kernel_find(const char *name);

size_t __wrap_bm_kernel_count(void) { return __real_bm_kernel_count() + 1; }

const struct bm_kernel *__wrap_bm_kernel_at(size_t index)
{
    return index == __real_bm_kernel_count() ? &bm_kernel_skeleton : __real_bm_kernel_at(index);
}

const struct bm_kernel *__wrap_bm_kernel_find(const char *name)
{
    return strcmp(name, bm_kernel_skeleton.name) == 0 ? &bm_kernel_skeleton
                                                      : __real_bm_kernel_find(name);
}
