/* SPDX-License-Identifier: Apache-2.0
 * Stores into a shared mapping of the whole file, and the ways to have its pages ready before. */
#include "loops.h"

#include <sys/mman.h>
#include <unistd.h>

/* Linux 5.14; musl does not have it. */
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

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

static int map_huge(struct bm_sample *sample) { return bm_map_advised(sample, MADV_HUGEPAGE); }

static int fill_and_look(struct bm_sample *sample)
{
    int error = fill_map(sample);

    *(uint64_t *)sample->job->user = bm_huge_kilobytes(sample->map);
    return error;
}

#define HUGE_WRITER(further_flags, size_phase, fill_phase)                                         \
    MAPPING_WRITER(KERNEL_HUGE | (further_flags), size_phase, map_huge, fill_phase, fill_map_each)

static int probe_huge(struct bm_sample *sample, struct bm_limits *limits, char *reason)
{
    static const struct bm_kernel trial = {HUGE_WRITER(0, bm_size_by_ftruncate, fill_and_look)};

    return bm_probe_huge(&trial, sample->job, limits, reason);
}

KERNEL(MmapHuge, "Mmap with madvise(MADV_HUGEPAGE), where Linux can map huge pages of files",
       HUGE_WRITER(0, bm_size_by_ftruncate, fill_map), .probe = probe_huge);

static int probe_huge_allocated(struct bm_sample *sample, struct bm_limits *limits, char *reason)
{
    static const struct bm_kernel trial = {
        HUGE_WRITER(KERNEL_SIZES, bm_size_by_fallocate, fill_and_look)};

    return bm_probe_huge(&trial, sample->job, limits, reason);
}

KERNEL(MmapHugeFalloc, "MmapHuge with fallocate() to size: what linkers ask for",
       HUGE_WRITER(KERNEL_SIZES, bm_size_by_fallocate, fill_map), .probe = probe_huge_allocated);
