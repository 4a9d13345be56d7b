/* SPDX-License-Identifier: Apache-2.0
 * The source lies in a file already, and Linux copies it. */
#include "loops.h"

#include <stdio.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

static int close_from(struct bm_sample *sample)
{
    if (sample->from_fd >= 0)
        close(sample->from_fd);
    sample->from_fd = -1;
    return 0;
}

static int prepare_memory_file(struct bm_sample *sample)
{
    sample->from_fd = memfd_create("bench_mmap-source", MFD_CLOEXEC);
    if (sample->from_fd < 0)
        return -errno;
    return bm_write_fully(sample->from_fd, sample->job->source, source_bytes(sample->job));
}

static inline ssize_t call_sendfile(struct bm_ends ends, const char *from, uint64_t bytes,
                                    uint64_t at)
{
    off_t offset = from - ends.source;

    (void)at;
    return sendfile(ends.to, ends.from, &offset, bytes);
}

static int fill_by_sendfile(struct bm_sample *sample)
{
    return fill_by_calls(sample, AT_FILE_OFFSET, call_sendfile);
}

KERNEL(Sendfile, "sendfile() of each chunk from a memfd that holds the source",
       .open_flags = O_WRONLY, .prepare = prepare_memory_file,
       .phase = WRITE_PHASES(fill_by_sendfile), .release = close_from);

/* A file without a name beside the one to be written: the call wants both on one file system. It is
 * on the disk before the sample, because a file system that shares blocks would write it out then.
 */
static int prepare_source_file(struct bm_sample *sample)
{
    char name[64];
    int error;

    snprintf(name, sizeof name, "%.48s.source", sample->job->name);
    sample->from_fd =
        openat(sample->job->dir_fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (sample->from_fd < 0)
        return -errno;
    if (unlinkat(sample->job->dir_fd, name, 0) < 0)
        return -errno;
    error = bm_write_fully(sample->from_fd, sample->job->source, source_bytes(sample->job));
    if (error == 0 && fsync(sample->from_fd) < 0)
        error = -errno;
    return error;
}

static inline ssize_t call_copy_file_range(struct bm_ends ends, const char *from, uint64_t bytes,
                                           uint64_t at)
{
    off_t offset = from - ends.source;

    (void)at;
    return copy_file_range(ends.from, &offset, ends.to, NULL, bytes, 0);
}

static int fill_by_copy(struct bm_sample *sample)
{
    return fill_by_calls(sample, AT_FILE_OFFSET, call_copy_file_range);
}

KERNEL(CopyFileRange,
       "copy_file_range() of each chunk from a file beside it; some share blocks instead",
       .open_flags = O_WRONLY, .prepare = prepare_source_file, .phase = WRITE_PHASES(fill_by_copy),
       .release = close_from);
