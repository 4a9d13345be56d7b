/* SPDX-License-Identifier: Apache-2.0
 * Whether Linux maps huge pages of files: only its page tables show it. */
#include "kernel.h"

#include <stdio.h>
#include <stdlib.h>

/* "ShmemPmdMapped: 2048 kB" and the like, in the part of smaps that is about this mapping: the part
 * starts with the one line that has two addresses. */
uint64_t bm_huge_kilobytes(const void *map)
{
    FILE *smaps = fopen("/proc/self/smaps", "re");
    unsigned long start, end, wanted = (unsigned long)(uintptr_t)map;
    unsigned long long kilobytes, total = 0;
    char *line = NULL;
    size_t room = 0;
    int here = 0;

    while (smaps != NULL && getline(&line, &room, smaps) > 0) {
        if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
            here = start == wanted;
        else if (here && (sscanf(line, "ShmemPmdMapped: %llu", &kilobytes) == 1 ||
                          sscanf(line, "FilePmdMapped: %llu", &kilobytes) == 1))
            total += kilobytes;
    }
    free(line);
    if (smaps != NULL)
        (void)fclose(smaps);
    return total;
}

/* The size of the huge page that one PMD entry maps; 0 where Linux has none. */
static uint64_t huge_page_bytes(void)
{
    FILE *stream = fopen("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "re");
    unsigned long long bytes = 0;

    if (stream != NULL) {
        if (fscanf(stream, "%llu", &bytes) != 1)
            bytes = 0;
        (void)fclose(stream);
    }
    return bytes;
}

/* Two huge pages, because the mapping need not start where one does. */
static int try_huge_page(const struct bm_kernel *trial, const struct bm_job *small_job,
                         uint64_t page_bytes, uint64_t *kilobytes)
{
    struct bm_job job = *small_job;
    struct bm_result result;
    int error, remove_error;

    job.file_size_bytes = 2 * page_bytes;
    job.user = kilobytes;
    error = bm_kernel_prepare(trial, &job);
    if (error == 0)
        error = bm_kernel_run(trial, &job, &result);
    remove_error = bm_job_remove(&job);
    return error != 0 ? error : remove_error;
}

#define HUGE_PAGE_MAX_BYTES ((uint64_t)32 << 20)

/* madvise() succeeds for every file; only the page tables show whether it had an effect. */
int bm_probe_huge(const struct bm_kernel *trial, const struct bm_job *job, struct bm_limits *limits,
                  char *reason)
{
    uint64_t page_bytes = huge_page_bytes(), kilobytes = 0;
    int error;

    if (page_bytes == 0)
        return bm_refuse(reason, "this Linux has no transparent huge pages");
    if (page_bytes > HUGE_PAGE_MAX_BYTES)
        return bm_refuse(reason, "a huge page of %llu MiB is too large to try",
                         (unsigned long long)page_bytes >> 20);
    error = try_huge_page(trial, job, page_bytes, &kilobytes);
    if (bm_is_refusal(error))
        return bm_refuse(reason, "madvise(MADV_HUGEPAGE): %s", strerror(-error));
    if (error == -ENOSPC || error == -EDQUOT || error == -EFBIG || error == -ENOMEM)
        return bm_refuse(reason, "a trial file of two huge pages, %llu MiB, has no room: %s",
                         (unsigned long long)page_bytes >> 19, strerror(-error));
    if (error == 0 && kilobytes == 0)
        return bm_refuse(reason,
                         "Linux maps no huge page of such a file here (smaps: no "
                         "ShmemPmdMapped, no FilePmdMapped)");
    limits->size_min_bytes = page_bytes;
    return error;
}
