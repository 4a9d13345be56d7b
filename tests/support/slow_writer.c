/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_mmap_slow is bench_mmap with a slow-down of known size, so that a comparison can be tried
 * on real runs: BENCH_MMAP_SLOW=Mmap:5 makes every sample of Mmap 5 % longer, Mmap:20:4096 those of
 * one chunk size, *:5 all of them. The linker puts this in front of bm_kernel_run (--wrap).
 */
#include "bench_mmap/kernel.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

int __real_bm_kernel_run(const struct bm_kernel *writer, const struct bm_job *job,
                         struct bm_result *result);
int __wrap_bm_kernel_run(const struct bm_kernel *writer, const struct bm_job *job,
                         struct bm_result *result);

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

/* The share by which this sample is to take longer. */
static double slow_down(const struct bm_kernel *writer, const struct bm_job *job)
{
    const char *text = getenv("BENCH_MMAP_SLOW"), *name = bm_kernel_name(writer);
    size_t length = text != NULL ? strcspn(text, ":") : 0;
    char *after;

    if (length == 0 || text[length] != ':' ||
        !(strncmp(text, "*", length) == 0 ||
          /* What a probe tries is in no table, and has no name. */
          (name != NULL && strlen(name) == length && strncmp(text, name, length) == 0)))
        return 0;
    double percent = strtod(text + length + 1, &after);
    if (*after == ':' && strtoull(after + 1, NULL, 10) != job->chunk_bytes)
        return 0;
    return percent / 100;
}

int __wrap_bm_kernel_run(const struct bm_kernel *writer, const struct bm_job *job,
                         struct bm_result *result)
{
    int error = __real_bm_kernel_run(writer, job, result);
    uint64_t begin_ns = now_ns(), spun_ns = 0;
    uint64_t extra_ns =
        error == 0 ? (uint64_t)(slow_down(writer, job) * (double)result->total_ns) : 0;

    while (spun_ns < extra_ns)
        spun_ns = now_ns() - begin_ns;
    if (extra_ns == 0)
        return error;
    result->phase_ns[BM_PHASE_FILL] += spun_ns;
    result->total_ns += spun_ns;
    return error;
}
