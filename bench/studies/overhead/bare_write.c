/* SPDX-License-Identifier: Apache-2.0
 * write() and its relatives, and the C library's streams over it. */
#include "bare.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

static int short_or_failed(ssize_t wrote) { return wrote < 0 ? -errno : -EIO; }

static int write_chunks(int fd, const struct bare_job *job)
{
    for (size_t left = job->file_bytes; left > 0;) {
        size_t bytes = bare_least(left, job->chunk_bytes);
        ssize_t wrote = write(fd, job->source, bytes);
        if (wrote != (ssize_t)bytes)
            return short_or_failed(wrote);
        left -= bytes;
    }
    return 0;
}

static int write_file(const struct bare_job *job, int flags)
{
    int fd = bare_create(job, flags);

    return fd < 0 ? fd : bare_close(fd, write_chunks(fd, job));
}

static int bare_write(const struct bare_job *job) { return write_file(job, O_WRONLY); }
static int bare_append(const struct bare_job *job) { return write_file(job, O_WRONLY | O_APPEND); }
static int bare_direct(const struct bare_job *job) { return write_file(job, O_RDWR | O_DIRECT); }

static int bare_write_falloc(const struct bare_job *job)
{
    int fd = bare_create(job, O_WRONLY);

    if (fd < 0)
        return fd;
    if (fallocate(fd, 0, 0, (off_t)job->file_bytes) < 0)
        return bare_close(fd, -errno);
    return bare_close(fd, write_chunks(fd, job));
}

static int bare_pwrite(const struct bare_job *job)
{
    size_t size = job->file_bytes, bytes;
    int fd = bare_create(job, O_WRONLY);

    if (fd < 0)
        return fd;
    for (size_t at = 0; at < size; at += bytes) {
        bytes = bare_least(size - at, job->chunk_bytes);
        ssize_t wrote = pwrite(fd, job->source, bytes, (off_t)at);
        if (wrote != (ssize_t)bytes)
            return bare_close(fd, short_or_failed(wrote));
    }
    return bare_close(fd, 0);
}

#ifndef RWF_DONTCACHE
#define RWF_DONTCACHE 0x00000080
#endif

static int bare_dontcache(const struct bare_job *job)
{
    struct iovec vector = {.iov_base = (void *)(size_t)job->source};
    size_t size = job->file_bytes;
    int fd = bare_create(job, O_WRONLY);

    if (fd < 0)
        return fd;
    for (size_t at = 0; at < size; at += vector.iov_len) {
        vector.iov_len = bare_least(size - at, job->chunk_bytes);
        ssize_t wrote = pwritev2(fd, &vector, 1, (off_t)at, RWF_DONTCACHE);
        if (wrote != (ssize_t)vector.iov_len)
            return bare_close(fd, short_or_failed(wrote));
    }
    return bare_close(fd, 0);
}

/* As many chunks a call as fit into 1 MiB, at least one, at most IOV_MAX. */
static int writev_chunks(int fd, const struct bare_job *job)
{
    struct iovec vector[IOV_MAX];
    size_t most = bare_least((1 << 20) / job->chunk_bytes, IOV_MAX);

    for (size_t left = job->file_bytes; left > 0;) {
        size_t bytes = 0;
        int count = 0;
        do {
            size_t part = bare_least(left - bytes, job->chunk_bytes);
            vector[count++] =
                (struct iovec){.iov_base = (void *)(size_t)job->source, .iov_len = part};
            bytes += part;
        } while ((size_t)count < most && bytes < left);
        ssize_t wrote = writev(fd, vector, count);
        if (wrote != (ssize_t)bytes)
            return short_or_failed(wrote);
        left -= bytes;
    }
    return 0;
}

static int bare_writev(const struct bare_job *job)
{
    int fd = bare_create(job, O_WRONLY);

    return fd < 0 ? fd : bare_close(fd, writev_chunks(fd, job));
}

static int fwrite_chunks(FILE *stream, const struct bare_job *job)
{
    for (size_t left = job->file_bytes; left > 0;) {
        size_t bytes = bare_least(left, job->chunk_bytes);
        if (fwrite(job->source, 1, bytes, stream) != bytes)
            return -errno;
        left -= bytes;
    }
    return 0;
}

static int fwrite_file(const struct bare_job *job, char *buffer, size_t buffer_bytes)
{
    int error, fd = bare_create(job, O_WRONLY);
    FILE *stream;

    if (fd < 0)
        return fd;
    stream = fdopen(fd, "w");
    if (stream == NULL)
        return bare_close(fd, -errno);
    if (buffer != NULL)
        (void)setvbuf(stream, buffer, _IOFBF, buffer_bytes);
    error = fwrite_chunks(stream, job);
    if (fclose(stream) != 0 && error == 0)
        error = -errno;
    return error;
}

static int bare_stdio(const struct bare_job *job) { return fwrite_file(job, NULL, 0); }

static int bare_stdio_large(const struct bare_job *job)
{
    size_t bytes = 1 << 20;
    char *buffer = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int error;

    if (buffer == MAP_FAILED)
        return -errno;
    error = fwrite_file(job, buffer, bytes);
    munmap(buffer, bytes);
    return error;
}

const struct bare_writer bare_write_family[] = {
    {.name = "Write", .write = bare_write},
    {.name = "WriteFalloc", .write = bare_write_falloc},
    {.name = "Append", .write = bare_append},
    {.name = "Direct", .write = bare_direct},
    {.name = "Pwrite", .write = bare_pwrite},
    {.name = "Dontcache", .write = bare_dontcache},
    {.name = "Writev", .write = bare_writev},
    {.name = "Stdio", .write = bare_stdio},
    {.name = "StdioLarge", .write = bare_stdio_large},
    {.name = NULL},
};
