/* SPDX-License-Identifier: Apache-2.0
 * What has no file: memory, /dev/null, an empty call. */
#include "bare.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int map_memory(const struct bare_job *job, int flags, char **memory)
{
    *memory = mmap(NULL, job->file_bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
    return *memory == MAP_FAILED ? -errno : 0;
}

static void copy_chunks(char *memory, const struct bare_job *job)
{
    size_t size = job->file_bytes, chunk = job->chunk_bytes;

    for (size_t at = 0; at < size; at += chunk)
        memcpy(memory + at, job->source, bare_least(size - at, chunk));
}

static int prepare_memory(struct bare_job *job)
{
    int error = map_memory(job, MAP_POPULATE, &job->memory);

    if (error != 0)
        job->memory = NULL;
    return error;
}

static void release_memory(struct bare_job *job)
{
    if (job->memory != NULL)
        munmap(job->memory, job->file_bytes);
    job->memory = NULL;
}

static int bare_memcpy(const struct bare_job *job)
{
    copy_chunks(job->memory, job);
    return 0;
}

static int bare_memcpy_fresh(const struct bare_job *job)
{
    char *memory;
    int error = map_memory(job, 0, &memory);

    if (error != 0)
        return error;
    copy_chunks(memory, job);
    return munmap(memory, job->file_bytes) < 0 ? -errno : 0;
}

static int bare_null_write(const struct bare_job *job)
{
    int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return -errno;
    for (size_t left = job->file_bytes; left > 0;) {
        size_t bytes = bare_least(left, job->chunk_bytes);
        if (write(fd, job->source, bytes) != (ssize_t)bytes)
            return bare_close(fd, -EIO);
        left -= bytes;
    }
    return bare_close(fd, 0);
}

static int bare_empty_call(const struct bare_job *job)
{
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
