/* SPDX-License-Identifier: Apache-2.0 */
/* What this program was built from, and how. */
#include "readers.h"
#include "revision.h" /* written by revision.h.sh when this is built */

#include <stdio.h>

#ifndef BENCH_MMAP_VERSION
#define BENCH_MMAP_VERSION "unknown"
#endif
#ifndef BENCH_MMAP_COMPILER_FLAGS
#define BENCH_MMAP_COMPILER_FLAGS "unknown"
#endif
#ifndef BENCH_MMAP_BUILD_TYPE
#define BENCH_MMAP_BUILD_TYPE "unknown"
#endif

#define TEXT_OF(macro) #macro
#define VALUE_OF(macro) TEXT_OF(macro)
/* clang's own version text may hold the path of the tree that it was built from. */
#ifdef __clang__
#define COMPILER                                                                                   \
    "clang " VALUE_OF(__clang_major__) "." VALUE_OF(__clang_minor__) "." VALUE_OF(                 \
        __clang_patchlevel__)
#elif defined(__GNUC__)
#define COMPILER "gcc " __VERSION__
#else
#define COMPILER "unknown"
#endif

#define TEXT(key, text)                                                                            \
    void environment_##key(const struct environment_source *source, environment_value value)       \
    {                                                                                              \
        (void)source;                                                                              \
        environment_set(value, text);                                                              \
    }
TEXT(schema, "bench_mmap/1")
TEXT(bench_mmap_version, BENCH_MMAP_VERSION)
TEXT(git_revision, BENCH_MMAP_REVISION)
TEXT(compiler, COMPILER)
TEXT(build_type, BENCH_MMAP_BUILD_TYPE)

/* Flags such as -ffile-prefix-map=/home/... tell where somebody's tree lies: paths are cut off. */
void environment_compiler_flags(const struct environment_source *source, environment_value value)
{
    size_t used = 0;
    bool in_path = false;

    (void)source;
    for (const char *c = BENCH_MMAP_COMPILER_FLAGS;
         *c && used + sizeof "<path>" < sizeof(environment_value); c++) {
        if (*c == ' ')
            in_path = false;
        if (in_path)
            continue;
        if (*c == '/') {
            used += (size_t)sprintf(value + used, "<path>");
            in_path = true;
        } else {
            value[used++] = *c;
        }
    }
    value[used] = '\0';
}
