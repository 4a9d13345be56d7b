/* SPDX-License-Identifier: Apache-2.0
 * Pages of the source go into a pipe by reference, and from there into the file. */
#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "kernel.h"

/* What an unprivileged process may ask for: /proc/sys/fs/pipe-max-size. */
#define PIPE_BYTES 1048576

static int open_pipe(struct writer_sample *sample)
{
    sample->calls += 2;
    if (pipe2(sample->pipe, O_CLOEXEC) < 0) {
        sample->pipe[0] = sample->pipe[1] = -1;
        return -errno;
    }
    return fcntl(sample->pipe[1], F_SETPIPE_SZ, PIPE_BYTES) < 0 ? -errno : 0;
}

static int close_pipe(struct writer_sample *sample)
{
    for (int i = 0; i < 2; i++) {
        if (sample->pipe[i] >= 0) {
            close(sample->pipe[i]);
            sample->calls++;
        }
        sample->pipe[i] = -1;
    }
    return 0;
}

/* All that is in the pipe. */
static int drain(int pipe_fd, int fd, size_t bytes)
{
    while (bytes > 0) {
        ssize_t moved = splice(pipe_fd, NULL, fd, NULL, bytes, SPLICE_F_MOVE);
        if (moved <= 0) {
            if (moved < 0 && errno == EINTR)
                continue;
            return moved < 0 ? -errno : -EIO;
        }
        bytes -= (size_t)moved;
    }
    return 0;
}

/* A pipe holds so many pages, or parts of pages: a piece that starts within a page has less room.
 */
static uint64_t rounds(const char *from, uint64_t bytes)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t slots_bytes = PIPE_BYTES / 4096 * page;

    return ((uintptr_t)from % page + bytes + slots_bytes - 1) / slots_bytes;
}

static int fill_by_splice(struct writer_sample *sample)
{
    int in = sample->pipe[1], out = sample->pipe[0], fd = sample->fd;
    uint64_t pieces = 0;

    FOR_EACH_CHUNK (chunk, sample->job) {
        for (uint64_t done = 0; done < chunk.bytes;) {
            struct iovec piece = {.iov_base = (void *)(uintptr_t)(chunk.from + done),
                                  .iov_len = chunk.bytes - done};
            ssize_t taken = vmsplice(in, &piece, 1, 0);
            int error;
            if (taken <= 0) {
                if (taken < 0 && errno == EINTR)
                    continue;
                return taken < 0 ? -errno : -EIO;
            }
            error = drain(out, fd, (size_t)taken);
            if (error != 0)
                return error;
            done += (uint64_t)taken;
        }
        pieces += rounds(chunk.from, chunk.bytes);
    }
    sample->calls += 2 * pieces;
    return 0;
}

const struct writer writer_Splice = {
    .name = "Splice",
    .summary = "vmsplice() of each chunk into a 1 MiB pipe, splice() from there into the file",
    .open_flags = O_WRONLY,
    .phase = {[WRITER_CREATE] = open_file,
              [WRITER_MAP] = open_pipe,
              [WRITER_FILL] = fill_by_splice,
              [WRITER_SYNC] = sync_file,
              [WRITER_UNMAP] = close_pipe,
              [WRITER_CLOSE] = close_file},
};
