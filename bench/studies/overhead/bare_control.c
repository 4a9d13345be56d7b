/* SPDX-License-Identifier: Apache-2.0
 * What has no file: memory, /dev/null, an empty call. */
#include "bare.h"

#include <sys/mman.h>

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
