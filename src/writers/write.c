/* SPDX-License-Identifier: Apache-2.0
 * One system call a chunk. */
#include "src/kernel/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

OUT_OF_THE_WAY static int write_rest(int fd, const char *from, uint64_t bytes, ssize_t wrote)
{
    uint64_t done = 0;
    int error;

    while ((error = count_moved(wrote, &done)) == 0 && done < bytes)
        wrote = write(fd, from + done, bytes - done);
    return error;
}

int bm_fill_by_write(struct bm_sample *sample)
{
    int error, fd = sample->fd;

    FOR_EACH_CHUNK(chunk, sample->job) {
        ssize_t wrote = write(fd, chunk.from, chunk.bytes);
        if (wrote != (ssize_t)chunk.bytes &&
            (error = write_rest(fd, chunk.from, chunk.bytes, wrote)) != 0)
            return error;
    }
    sample->calls += bm_write_calls(sample->job);
    return 0;
}

const struct bm_kernel bm_kernel_Write = {
    .name = "Write",
    .summary = "write() of each chunk at the file offset",
    .open_flags = O_WRONLY,
    .phase = WRITE_PHASES(bm_fill_by_write),
};

/* What a downloader or a log does that knows the size: the blocks are there before the first byte.
 */
const struct bm_kernel bm_kernel_WriteFalloc = {
    .name = "WriteFalloc",
    .summary = "Write with fallocate() to size before the first chunk",
    .flags = KERNEL_SIZES,
    .open_flags = O_WRONLY,
    .phase = {[BM_PHASE_CREATE] = bm_open_file,
              [BM_PHASE_SIZE] = bm_size_by_fallocate,
              [BM_PHASE_FILL] = bm_fill_by_write,
              [BM_PHASE_SYNC] = bm_sync_file,
              [BM_PHASE_CLOSE] = bm_close_file},
};

const struct bm_kernel bm_kernel_Append = {
    .name = "Append",
    .summary = "write() of each chunk to a file opened with O_APPEND",
    .flags = KERNEL_APPENDS,
    .open_flags = O_WRONLY | O_APPEND,
    .phase = WRITE_PHASES(bm_fill_by_write),
};

OUT_OF_THE_WAY static int pwrite_rest(int fd, const char *from, uint64_t bytes, uint64_t at,
                                      ssize_t wrote)
{
    uint64_t done = 0;
    int error;

    while ((error = count_moved(wrote, &done)) == 0 && done < bytes)
        wrote = pwrite(fd, from + done, bytes - done, (off_t)(at + done));
    return error;
}

static int fill_by_pwrite(struct bm_sample *sample)
{
    int error, fd = sample->fd;

    FOR_EACH_CHUNK(chunk, sample->job) {
        ssize_t wrote = pwrite(fd, chunk.from, chunk.bytes, (off_t)chunk.at);
        if (wrote != (ssize_t)chunk.bytes &&
            (error = pwrite_rest(fd, chunk.from, chunk.bytes, chunk.at, wrote)) != 0)
            return error;
    }
    sample->calls += bm_write_calls(sample->job);
    return 0;
}

const struct bm_kernel bm_kernel_Pwrite = {
    .name = "Pwrite",
    .summary = "pwrite() of each chunk at its own offset; the file offset stays at 0",
    .open_flags = O_WRONLY,
    .phase = WRITE_PHASES(fill_by_pwrite),
};
