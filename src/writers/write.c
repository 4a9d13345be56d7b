/* SPDX-License-Identifier: Apache-2.0
 * One system call a chunk. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "kernel.h"

int fill_by_write(struct writer_sample *sample)
{
    int fd = sample->fd;

    FOR_EACH_CHUNK (chunk, sample->job)
        MOVE_CHUNK(chunk, write(fd, chunk.from + done, chunk.bytes - done));
    sample->calls += write_calls(sample->job);
    return 0;
}

const struct writer writer_Write = {
    .name = "Write",
    .summary = "write() of each chunk at the file offset",
    .open_flags = O_WRONLY,
    .phase = WRITE_PHASES(fill_by_write),
};

/* What a downloader or a log does that knows the size: the blocks are there before the first byte.
 */
const struct writer writer_WriteFalloc = {
    .name = "WriteFalloc",
    .summary = "Write with fallocate() to size before the first chunk",
    .flags = WRITER_SIZES,
    .open_flags = O_WRONLY,
    .phase = {[WRITER_CREATE] = open_file,
              [WRITER_SIZE] = size_by_fallocate,
              [WRITER_FILL] = fill_by_write,
              [WRITER_SYNC] = sync_file,
              [WRITER_CLOSE] = close_file},
};

const struct writer writer_Append = {
    .name = "Append",
    .summary = "write() of each chunk to a file opened with O_APPEND",
    .flags = WRITER_APPENDS,
    .open_flags = O_WRONLY | O_APPEND,
    .phase = WRITE_PHASES(fill_by_write),
};

static int fill_by_pwrite(struct writer_sample *sample)
{
    int fd = sample->fd;

    FOR_EACH_CHUNK (chunk, sample->job)
        MOVE_CHUNK(chunk,
                   pwrite(fd, chunk.from + done, chunk.bytes - done, (off_t)(chunk.at + done)));
    sample->calls += write_calls(sample->job);
    return 0;
}

const struct writer writer_Pwrite = {
    .name = "Pwrite",
    .summary = "pwrite() of each chunk at its own offset; the file offset stays at 0",
    .open_flags = O_WRONLY,
    .phase = WRITE_PHASES(fill_by_pwrite),
};
