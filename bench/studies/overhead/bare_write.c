/* SPDX-License-Identifier: Apache-2.0
 * write() and its relatives, the C library's streams over it, and what has no file: memory,
 * /dev/null, an empty call. */
#include "bare.h"

#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/uio.h>

static ssize_t call_write(const struct bare_job *job, int fd, size_t at, size_t bytes)
{
    (void)at;
    return write(fd, job->source, bytes);
}

int bare_write_chunks(const struct bare_job *job, int fd)
{
    return bare_calls(job, fd, call_write);
}

static int write_allocated(const struct bare_job *job, int fd)
{
    if (fallocate(fd, 0, 0, (off_t)job->file_bytes) < 0)
        return -errno;
    return bare_write_chunks(job, fd);
}

static ssize_t call_pwrite(const struct bare_job *job, int fd, size_t at, size_t bytes)
{
    return pwrite(fd, job->source, bytes, (off_t)at);
}

BARE_CALLS(pwrite_chunks, call_pwrite)

#ifndef RWF_DONTCACHE
#define RWF_DONTCACHE 0x00000080
#endif

static ssize_t call_dontcache(const struct bare_job *job, int fd, size_t at, size_t bytes)
{
    struct iovec vector = {.iov_base = (void *)(size_t)job->source, .iov_len = bytes};

    return pwritev2(fd, &vector, 1, (off_t)at, RWF_DONTCACHE);
}

BARE_CALLS(dontcache_chunks, call_dontcache)

/* As many chunks a call as fit into 1 MiB, at least one, at most IOV_MAX. */
static int writev_chunks(const struct bare_job *job, int fd)
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
            return wrote < 0 ? -errno : -EIO;
        left -= bytes;
    }
    return 0;
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

static int bare_stdio(const struct bare_job *job, int fd)
{
    (void)fd;
    return fwrite_file(job, NULL, 0);
}

static int bare_stdio_large(const struct bare_job *job, int fd)
{
    (void)fd;
    return bare_in_large_buffer(job, fwrite_file);
}

static int bare_replace(const struct bare_job *job, int fd)
{
    struct bare_job beside = *job;
    char name[64];
    int error;

    snprintf(name, sizeof name, "%s.new", job->name);
    beside.name = name;
    fd = bare_create(&beside, O_WRONLY);
    if (fd < 0)
        return fd;
    error = bare_write_chunks(&beside, fd);
    if (error == 0 && (fsync(fd) < 0 || renameat(job->dir_fd, name, job->dir_fd, job->name) < 0))
        error = -errno;
    return bare_close(fd, error);
}

/* A stream closes its file itself, and so creates it itself. */
const struct bare_writer bare_write_family[] = {
    {.name = "Write", .open_flags = O_WRONLY, .write = bare_write_chunks},
    {.name = "WriteFalloc", .open_flags = O_WRONLY, .write = write_allocated},
    {.name = "Append", .open_flags = O_WRONLY | O_APPEND, .write = bare_write_chunks},
    {.name = "Direct", .open_flags = O_RDWR | O_DIRECT, .write = bare_write_chunks},
    {.name = "Pwrite", .open_flags = O_WRONLY, .write = pwrite_chunks},
    {.name = "Dontcache", .open_flags = O_WRONLY, .write = dontcache_chunks},
    {.name = "Writev", .open_flags = O_WRONLY, .write = writev_chunks},
    {.name = "Stdio", .write = bare_stdio},
    {.name = "StdioLarge", .write = bare_stdio_large},
    {.name = "Replace", .write = bare_replace},
    {.name = NULL},
};

static int map_memory(const struct bare_job *job, int flags, char **memory)
{
    *memory = mmap(NULL, job->file_bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
    return *memory == MAP_FAILED ? -errno : 0;
}

static int prepare_memory(struct bare_job *job)
{
    int error = map_memory(job, MAP_POPULATE, &job->memory);

    if (error != 0)
        job->memory = NULL;
    for (size_t at = 0; error == 0 && at < job->file_bytes; at += 4096)
        ((volatile char *)job->memory)[at] = 0;
    return error;
}

static void release_memory(struct bare_job *job)
{
    if (job->memory != NULL)
        munmap(job->memory, job->file_bytes);
    job->memory = NULL;
}

static int bare_memcpy(const struct bare_job *job, int fd)
{
    (void)fd;
    bare_stores(job->memory, job, bare_copy);
    return 0;
}

static int bare_memcpy_fresh(const struct bare_job *job, int fd)
{
    char *memory;
    int error = map_memory(job, 0, &memory);

    (void)fd;
    if (error != 0)
        return error;
    bare_stores(memory, job, bare_copy);
    return munmap(memory, job->file_bytes) < 0 ? -errno : 0;
}

static int bare_null_write(const struct bare_job *job, int fd)
{
    fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    return fd < 0 ? -errno : bare_close(fd, bare_write_chunks(job, fd));
}

static int bare_empty_call(const struct bare_job *job, int fd)
{
    (void)fd;
    for (size_t at = 0; at < job->file_bytes; at += job->chunk_bytes)
        getppid();
    return 0;
}

const struct bare_writer bare_control_family[] = {
    {.name = "Memcpy", .write = bare_memcpy, .prepare = prepare_memory, .release = release_memory},
    {.name = "MemcpyFresh", .write = bare_memcpy_fresh},
    {.name = "NullWrite", .write = bare_null_write},
    {.name = "EmptyCall", .write = bare_empty_call},
    {.name = NULL},
};
