/* SPDX-License-Identifier: Apache-2.0
 * O_DIRECT: from the source to the device, without the page cache. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel.h"

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

/* The smallest power of two from 512 on that a write of so much is taken at. */
static int try_alignment(int fd, const char *source, uint64_t *offset_bytes)
{
    for (uint64_t bytes = 512; bytes <= SOURCE_ALIGNMENT_BYTES; bytes *= 2) {
        if (pwrite(fd, source, bytes, (off_t)bytes) == (ssize_t)bytes) {
            *offset_bytes = bytes;
            return 0;
        }
        if (errno != EINVAL)
            return -errno;
    }
    return -EINVAL;
}

/* A file system may take the flag and use the page cache all the same: tmpfs does. */
static int probe_path(struct writer_sample *sample, uint64_t *offset_bytes, char *reason)
{
    uint64_t memory_bytes;
    int cached, error = ask_alignment(sample->fd, offset_bytes, &memory_bytes);

    if (error != 0)
        return refuse(reason, "the file system does no direct I/O");
    if (memory_bytes > SOURCE_ALIGNMENT_BYTES)
        return refuse(reason, "needs memory aligned to %llu bytes",
                      (unsigned long long)memory_bytes);
    if (*offset_bytes == 0)
        error = try_alignment(sample->fd, sample->job->source, offset_bytes);
    else if (pwrite(sample->fd, sample->job->source, *offset_bytes, 0) < 0)
        error = -errno;
    if (error == -EINVAL)
        return refuse(reason, "no write of up to %d bytes with O_DIRECT is taken",
                      SOURCE_ALIGNMENT_BYTES);
    if (error != 0)
        return error;
    cached = file_is_cached(sample->fd, SOURCE_ALIGNMENT_BYTES);
    if (cached > 0)
        return refuse(reason, "O_DIRECT is taken, but goes through the page cache");
    return cached;
}

static int probe_direct(struct writer_sample *sample, struct writer_limits *limits, char *reason)
{
    uint64_t offset_bytes = 0;
    int error = open_file(sample);

    if (error == -EINVAL)
        error = refuse(reason, "the file system takes no O_DIRECT");
    else if (error == 0)
        error = probe_path(sample, &offset_bytes, reason);
    close_file(sample);
    writer_remove(sample->job);
    if (error == 0)
        limits->chunk_multiple_bytes = limits->size_multiple_bytes = offset_bytes;
    return error;
}

const struct writer writer_Direct = {
    .name = "Direct",
    .summary = "write() of each chunk to a file opened with O_DIRECT",
    .open_flags = O_RDWR | O_DIRECT,
    .phase = WRITE_PHASES(fill_by_write),
    .probe = probe_direct,
};
