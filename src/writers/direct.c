/* SPDX-License-Identifier: Apache-2.0
 * O_DIRECT: from the source to the device, without the page cache. */
#include "loops.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef LIST_WALK
#define SOURCE_ALIGNMENT_BYTES 4096

/* What the file system says it needs (Linux 6.1); 0 when it says nothing, -ENOTSUP when it says
 * that it cannot. */
static int ask_alignment(int fd, uint64_t *offset_bytes, uint64_t *memory_bytes)
{
    *offset_bytes = *memory_bytes = 0;
#ifdef STATX_DIOALIGN
    struct statx status;

    if (statx(fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &status) < 0 ||
        !(status.stx_mask & STATX_DIOALIGN))
        return 0;
    *offset_bytes = status.stx_dio_offset_align;
    *memory_bytes = status.stx_dio_mem_align;
    return *offset_bytes == 0 ? -ENOTSUP : 0;
#else
    (void)fd;
    return 0;
#endif
}

/* Keeps a page of the file mapped, clean and in the page cache. A write past the cache drops it. A
 * write through the cache leaves it there, even where the file system drops afterwards what is not
 * in use (btrfs for files with checksums, since Linux 6.15; any for a write that is not aligned).
 */
static int hold_page(const struct bm_sample *sample, void **page)
{
    const struct bm_job *job = sample->job;
    int fd = openat(job->dir_fd, job->name, O_RDWR | O_CLOEXEC | O_NOFOLLOW), error = 0;

    *page = MAP_FAILED;
    if (fd < 0)
        return -errno;
    if (pwrite(fd, job->source, job->chunk_bytes, 0) != (ssize_t)job->chunk_bytes || fsync(fd) < 0)
        error = errno != 0 ? -errno : -EIO;
    if (error == 0)
        *page = mmap(NULL, job->chunk_bytes, PROT_READ, MAP_SHARED, fd, 0);
    if (*page != MAP_FAILED)
        (void)*(volatile char *)*page;
    close(fd);
    return error;
}

enum path { PAST_THE_CACHE, THROUGH_THE_CACHE };

/* Which path a write of so much takes, or -errno. A file that cannot be mapped has no page cache.
 */
static int path_of_write(const struct bm_sample *sample, uint64_t bytes)
{
    const struct bm_job *job = sample->job;
    void *page;
    int path = hold_page(sample, &page);
    ssize_t wrote;

    if (path != 0)
        return path;
    wrote = pwrite(sample->fd, job->source, bytes, 0);
    if (wrote != (ssize_t)bytes)
        path = wrote < 0 ? -errno : -EINVAL;
    else if (page != MAP_FAILED)
        path = bm_file_is_cached(sample->fd, job->chunk_bytes);
    if (page != MAP_FAILED)
        munmap(page, job->chunk_bytes);
    return path;
}

/* The smallest power of two, from what the file system says or 512 on, that is written past the
 * page cache. */
static int find_alignment(const struct bm_sample *sample, uint64_t *offset_bytes, char *reason)
{
    uint64_t bytes = *offset_bytes != 0 ? *offset_bytes : 512;
    int path = -EINVAL;
    bool through_the_cache = false;

    for (; bytes <= SOURCE_ALIGNMENT_BYTES; bytes *= 2) {
        path = path_of_write(sample, bytes);
        *offset_bytes = bytes;
        if (path == PAST_THE_CACHE)
            return 0;
        if (path != THROUGH_THE_CACHE && path != -EINVAL)
            return path;
        through_the_cache |= path == THROUGH_THE_CACHE;
    }
    if (through_the_cache)
        return bm_refuse(reason, "O_DIRECT is taken, but goes through the page cache");
    return bm_refuse(reason, "no write of up to %d bytes with O_DIRECT is taken",
                     SOURCE_ALIGNMENT_BYTES);
}

static int probe_path(const struct bm_sample *sample, uint64_t *offset_bytes, char *reason)
{
    uint64_t memory_bytes;

    if (ask_alignment(sample->fd, offset_bytes, &memory_bytes) != 0)
        return bm_refuse(reason, "the file system does no direct I/O");
    if (memory_bytes > SOURCE_ALIGNMENT_BYTES)
        return bm_refuse(reason, "needs memory aligned to %llu bytes",
                         (unsigned long long)memory_bytes);
    return find_alignment(sample, offset_bytes, reason);
}

int bm_probe_direct_write(struct bm_sample *sample, struct bm_limits *limits, char *reason)
{
    uint64_t offset_bytes = 0;
    int error = bm_open_file(sample);

    if (error == -EINVAL)
        error = bm_refuse(reason, "the file system takes no O_DIRECT");
    else if (error == 0)
        error = probe_path(sample, &offset_bytes, reason);
    bm_close_file(sample);
    bm_job_remove(sample->job);
    if (error == 0)
        limits->chunk_multiple_bytes = limits->size_multiple_bytes = offset_bytes;
    return error;
}
#endif

KERNEL(Direct, "write() of each chunk to a file opened with O_DIRECT",
       .open_flags = O_RDWR | O_DIRECT, .phase = WRITE_PHASES(fill_by_write),
       .probe = bm_probe_direct_write);
