/* SPDX-License-Identifier: Apache-2.0
 * Linux copies: from a pipe that holds the source's pages, or from a file. */
#include "bare.h"

#include <stdio.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

static int splice_chunk(const int pipe[2], int fd, const char *from, size_t bytes)
{
    while (bytes > 0) {
        struct iovec vector = {.iov_base = (void *)(size_t)from, .iov_len = bytes};
        ssize_t taken = vmsplice(pipe[1], &vector, 1, 0);
        if (taken <= 0)
            return taken < 0 ? -errno : -EIO;
        from += taken;
        bytes -= (size_t)taken;
        while (taken > 0) {
            ssize_t moved = splice(pipe[0], NULL, fd, NULL, (size_t)taken, SPLICE_F_MOVE);
            if (moved <= 0)
                return moved < 0 ? -errno : -EIO;
            taken -= moved;
        }
    }
    return 0;
}

static int splice_chunks(const struct bare_job *job, const int pipe[2], int fd)
{
    int error = fcntl(pipe[1], F_SETPIPE_SZ, 1 << 20) < 0 ? -errno : 0;

    for (size_t left = job->file_bytes; left > 0 && error == 0;) {
        size_t bytes = bare_least(left, job->chunk_bytes);
        error = splice_chunk(pipe, fd, job->source, bytes);
        left -= bytes;
    }
    return error;
}

static int bare_splice(const struct bare_job *job, int fd)
{
    int error, pipe[2];

    if (pipe2(pipe, O_CLOEXEC) < 0)
        return -errno;
    error = splice_chunks(job, pipe, fd);
    close(pipe[0]);
    close(pipe[1]);
    return error;
}

static int write_source(struct bare_job *job)
{
    size_t bytes = bare_least(job->chunk_bytes, job->file_bytes);

    if (job->source_fd < 0)
        return -errno;
    return write(job->source_fd, job->source, bytes) == (ssize_t)bytes ? 0 : -EIO;
}

static int prepare_memfd(struct bare_job *job)
{
    job->source_fd = memfd_create("bench_overhead-source", MFD_CLOEXEC);
    return write_source(job);
}

/* Without a name, and on the disk. */
static int prepare_file(struct bare_job *job)
{
    char name[64];
    int error;

    snprintf(name, sizeof name, "%.48s.source", job->name);
    job->source_fd = openat(job->dir_fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    error = write_source(job);
    if (job->source_fd >= 0)
        unlinkat(job->dir_fd, name, 0);
    if (error == 0 && fsync(job->source_fd) < 0)
        error = -errno;
    return error;
}

static void release_source(struct bare_job *job)
{
    if (job->source_fd >= 0)
        close(job->source_fd);
    job->source_fd = -1;
}

static ssize_t call_sendfile(const struct bare_job *job, int fd, size_t at, size_t bytes)
{
    off_t from = 0;

    (void)at;
    return sendfile(fd, job->source_fd, &from, bytes);
}

BARE_CALLS(bare_sendfile, call_sendfile)

static ssize_t call_copy_file_range(const struct bare_job *job, int fd, size_t at, size_t bytes)
{
    off_t from = 0;

    (void)at;
    return copy_file_range(job->source_fd, &from, fd, NULL, bytes, 0);
}

BARE_CALLS(bare_copy_file_range, call_copy_file_range)

const struct bare_writer bare_copy_family[] = {
    {.name = "Splice", .open_flags = O_WRONLY, .write = bare_splice},
    {.name = "Sendfile",
     .open_flags = O_WRONLY,
     .write = bare_sendfile,
     .prepare = prepare_memfd,
     .release = release_source},
    {.name = "CopyFileRange",
     .open_flags = O_WRONLY,
     .write = bare_copy_file_range,
     .prepare = prepare_file,
     .release = release_source},
    {.name = NULL},
};
