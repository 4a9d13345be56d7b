/* SPDX-License-Identifier: Apache-2.0
 * Stores into a shared mapping of the whole file, and the ways to have its pages ready before. */
#include "loops.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static int fill_map(struct bm_sample *sample)
{
    if (sample->job->chunk_bytes == 1)
        copy_bytes(sample->map, sample->job);
    else
        store_chunks(sample->map, sample->job, store_chunk);
    return 0;
}

static int fill_map_each(struct bm_sample *sample)
{
    return store_and_sync_chunks(sample, store_chunk);
}

KERNEL(Mmap, "ftruncate() to size, then stores into a shared mapping of the whole file",
       MAPPING_WRITER(0, bm_size_by_ftruncate, bm_map_file, fill_map, fill_map_each));

KERNEL(MmapFalloc, "Mmap with fallocate() to size: a full disk is an error there, not a SIGBUS",
       MAPPING_WRITER(KERNEL_SIZES, bm_size_by_fallocate, bm_map_file, fill_map, fill_map_each));

/* For a shared mapping this reads the pages in, and leaves them clean and write-protected: each
 * first store still faults, to tell the file system. */
static int map_populated(struct bm_sample *sample)
{
    return bm_map(sample, sample->job->file_size_bytes, MAP_SHARED | MAP_POPULATE, 0);
}

KERNEL(MmapMapPopulate,
       "Mmap with MAP_POPULATE: pages are there, but clean; each first store still faults",
       MAPPING_WRITER(0, bm_size_by_ftruncate, map_populated, fill_map, fill_map_each));

static int map_writable(struct bm_sample *sample)
{
    int error = bm_map_file(sample);

    if (error != 0)
        return error;
    sample->calls++;
    if (madvise(sample->map, sample->map_bytes, MADV_POPULATE_WRITE) == 0)
        return 0;
    /* EFAULT where a page cannot be had: the driver then asks the file system why. */
    return -errno;
}

/* Linux before 5.14 answers EINVAL, and a file system that cannot do it EFAULT or the like, both
 * before any store. */
static int probe_populate_write(struct bm_sample *sample, struct bm_limits *limits, char *reason)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    void *memory = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int error = 0;

    (void)sample, (void)limits;
    if (memory == MAP_FAILED)
        return -errno;
    if (madvise(memory, page, MADV_POPULATE_WRITE) < 0)
        error =
            bm_refuse(reason, "madvise(MADV_POPULATE_WRITE) needs Linux 5.14: %s", strerror(errno));
    munmap(memory, page);
    return error;
}

KERNEL(MmapPopulateWrite,
       "Mmap with madvise(MADV_POPULATE_WRITE): pages are there and dirty, no store faults",
       MAPPING_WRITER(0, bm_size_by_ftruncate, map_writable, fill_map, fill_map_each),
       .probe = probe_populate_write);

static int map_huge(struct bm_sample *sample)
{
    int error = bm_map_file(sample);

    if (error != 0)
        return error;
    sample->calls++;
    return madvise(sample->map, sample->map_bytes, MADV_HUGEPAGE) < 0 ? -errno : 0;
}

/* "ShmemPmdMapped: 2048 kB" and the like, in the part of smaps that is about this mapping: the part
 * starts with the one line that has two addresses. */
static uint64_t huge_kilobytes(const void *map)
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

static int fill_and_look(struct bm_sample *sample)
{
    int error = fill_map(sample);

    *(uint64_t *)sample->job->user = huge_kilobytes(sample->map);
    return error;
}

/* Two huge pages, because the mapping need not start where one does. */
static int try_huge_page(const struct bm_job *small_job, uint64_t page_bytes, uint64_t *kilobytes)
{
    static const struct bm_kernel trial = {
        MAPPING_WRITER(0, bm_size_by_ftruncate, map_huge, fill_and_look, NULL),
    };
    struct bm_job job = *small_job;
    struct bm_result result;
    int error, remove_error;

    job.file_size_bytes = 2 * page_bytes;
    job.user = kilobytes;
    error = bm_kernel_run(&trial, &job, &result);
    remove_error = bm_job_remove(&job);
    return error != 0 ? error : remove_error;
}

#define HUGE_PAGE_MAX_BYTES ((uint64_t)32 << 20)

/* madvise() succeeds for every file; only the page tables show whether it had an effect. */
static int probe_huge(struct bm_sample *sample, struct bm_limits *limits, char *reason)
{
    uint64_t page_bytes = huge_page_bytes(), kilobytes = 0;
    int error;

    if (page_bytes == 0)
        return bm_refuse(reason, "this Linux has no transparent huge pages");
    if (page_bytes > HUGE_PAGE_MAX_BYTES)
        return bm_refuse(reason, "a huge page of %llu MiB is too large to try",
                         (unsigned long long)page_bytes >> 20);
    error = try_huge_page(sample->job, page_bytes, &kilobytes);
    if (bm_is_refusal(error))
        return bm_refuse(reason, "madvise(MADV_HUGEPAGE): %s", strerror(-error));
    if (error == -ENOSPC || error == -EDQUOT || error == -EFBIG || error == -ENOMEM)
        return bm_refuse(reason, "a trial file of two huge pages, %llu MiB, has no room: %s",
                         (unsigned long long)page_bytes >> 19, strerror(-error));
    if (error == 0 && kilobytes == 0)
        return bm_refuse(reason,
                         "Linux maps no huge page of a new file here (smaps: no "
                         "ShmemPmdMapped, no FilePmdMapped)");
    limits->size_min_bytes = page_bytes;
    return error;
}

KERNEL(MmapHuge, "Mmap with madvise(MADV_HUGEPAGE), where Linux then maps huge pages of files",
       MAPPING_WRITER(0, bm_size_by_ftruncate, map_huge, fill_map, fill_map_each),
       .probe = probe_huge);
