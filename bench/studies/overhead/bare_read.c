/* SPDX-License-Identifier: Apache-2.0
 * Readers: each call must give the whole chunk, whose words are added up. */
#include "bare.h"

#include <limits.h>
#include <linux/futex.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>

volatile uint64_t bare_sink;

void bare_touch_by_calls(char *memory, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += 4096)
        (void)syscall(SYS_futex, memory + at, FUTEX_WAKE_OP_PRIVATE, 0, NULL, memory + at,
                      FUTEX_OP(FUTEX_OP_OR, 0, FUTEX_OP_CMP_EQ, 0));
}

static int prepare_memory(struct bare_job *job, size_t bytes)
{
    char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        return -ENOMEM;
    (void)madvise(memory, bytes, MADV_NOHUGEPAGE);
    job->memory = memset(memory, 0xa5, bytes);
    job->memory_bytes = bytes;
    return 0;
}

static int prepare_bytes(struct bare_job *job, size_t bytes)
{
    int error = prepare_memory(job, bytes);

    if (error == 0)
        bare_touch_by_calls(job->memory, bytes);
    return error;
}

int bare_in_large_buffer(const struct bare_job *job, bare_buffered *move)
{
    size_t bytes = 1 << 20;
    char *buffer = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (buffer == MAP_FAILED)
        return -errno;
    int error = move(job, buffer, bytes);
    munmap(buffer, bytes);
    return error;
}

/* Not more than needed: filling it takes what the processor's caches hold of the file. */
int bare_prepare_chunk(struct bare_job *job) { return prepare_bytes(job, job->chunk_bytes); }

static int prepare_chunks(struct bare_job *job, size_t most_bytes)
{
    size_t chunks = bare_least(most_bytes / job->chunk_bytes, IOV_MAX);
    size_t bytes = bare_least(chunks * job->chunk_bytes, job->file_bytes);

    return prepare_bytes(job, bytes > job->chunk_bytes ? bytes : job->chunk_bytes);
}

static const size_t gathered_bytes = (size_t)1 << 20;

static int prepare_gathered(struct bare_job *job) { return prepare_chunks(job, gathered_bytes); }

int bare_prepare_chunks(struct bare_job *job) { return prepare_chunks(job, (size_t)32 << 20); }

void bare_release_buffer(struct bare_job *job)
{
    if (job->memory != NULL)
        munmap(job->memory, job->memory_bytes);
    job->memory = NULL;
}

static BARE_INLINED int read_chunks(const struct bare_job *job, int fd, bare_call *call)
{
    size_t size = job->file_bytes, bytes;
    bool blind = job->blind;
    uint64_t sum = 0;

    for (size_t left = size; left > 0; left -= bytes) {
        bytes = bare_least(left, job->chunk_bytes);
        ssize_t got = call(job, fd, size - left, bytes);
        if (got != (ssize_t)bytes)
            return got < 0 ? -errno : -EIO;
        if (!blind)
            sum += bare_sum(job->memory, bytes);
        __asm__ volatile("" : : : "memory");
    }
    bare_sink = sum;
    return 0;
}

#define READS(name, flags, before, call)                                                           \
    static int name(const struct bare_job *job, int unused)                                        \
    {                                                                                              \
        int fd = bare_open(job, flags);                                                            \
                                                                                                   \
        (void)unused;                                                                              \
        if (fd < 0)                                                                                \
            return fd;                                                                             \
        int error = (before);                                                                      \
        return bare_close(fd, error != 0 ? error : read_chunks(job, fd, call));                    \
    }

static ssize_t call_read(const struct bare_job *job, int fd, size_t at, size_t bytes)
{
    (void)at;
    return read(fd, job->memory, bytes);
}

static ssize_t call_pread(const struct bare_job *job, int fd, size_t at, size_t bytes)
{
    return pread(fd, job->memory, bytes, (off_t)at);
}

#ifndef RWF_DONTCACHE
#define RWF_DONTCACHE 0x00000080
#endif

static ssize_t call_dontcache(const struct bare_job *job, int fd, size_t at, size_t bytes)
{
    struct iovec vector = {.iov_base = job->memory, .iov_len = bytes};

    return preadv2(fd, &vector, 1, (off_t)at, RWF_DONTCACHE);
}

READS(bare_read, 0, 0, call_read)
READS(bare_pread, 0, 0, call_pread)
READS(bare_ahead, 0, -posix_fadvise(fd, 0, 0, POSIX_FADV_WILLNEED), call_read)
READS(bare_dontcache, 0, 0, call_dontcache)
READS(bare_direct, O_DIRECT, 0, call_read)

static int preadv_chunks(const struct bare_job *job, int fd)
{
    struct iovec vector[IOV_MAX];
    size_t most = bare_least(gathered_bytes / job->chunk_bytes, IOV_MAX);
    uint64_t sum = 0;

    for (size_t at = 0; at < job->file_bytes;) {
        size_t bytes = 0;
        int count = 0;
        do {
            size_t part = bare_least(job->file_bytes - at - bytes, job->chunk_bytes);
            vector[count++] = (struct iovec){.iov_base = job->memory + bytes, .iov_len = part};
            bytes += part;
        } while ((size_t)count < most && at + bytes < job->file_bytes);
        ssize_t got = preadv(fd, vector, count, (off_t)at);
        if (got != (ssize_t)bytes)
            return got < 0 ? -errno : -EIO;
        for (int i = 0; i < count && !job->blind; i++) {
            sum += bare_sum(vector[i].iov_base, vector[i].iov_len);
            __asm__ volatile("" : : : "memory");
        }
        at += bytes;
    }
    bare_sink = sum;
    return 0;
}

static int bare_preadv(const struct bare_job *job, int fd)
{
    fd = bare_open(job, 0);
    return fd < 0 ? fd : bare_close(fd, preadv_chunks(job, fd));
}

/* The pipe takes a chunk of up to 1 MiB that begins with a page. */
static ssize_t through_pipe(const struct bare_job *job, int fd, size_t at, size_t bytes)
{
    ssize_t moved = splice(fd, NULL, job->pipe[1], NULL, bytes, SPLICE_F_MOVE);

    (void)at;
    return moved == (ssize_t)bytes ? read(job->pipe[0], job->memory, bytes) : -1;
}

static int bare_splice(const struct bare_job *unopened, int fd)
{
    struct bare_job job = *unopened;
    int error;

    fd = bare_open(&job, 0);
    if (fd < 0)
        return fd;
    if (pipe2(job.pipe, O_CLOEXEC) < 0)
        return bare_close(fd, -errno);
    error = fcntl(job.pipe[1], F_SETPIPE_SZ, 1 << 20) < 0 ? -errno
                                                          : read_chunks(&job, fd, through_pipe);
    close(job.pipe[0]);
    close(job.pipe[1]);
    return bare_close(fd, error);
}

static void look_at(const char *from, const struct bare_job *job)
{
    size_t size = job->file_bytes, chunk = job->chunk_bytes;
    uint64_t sum = 0;

    for (size_t at = 0; at < size; at += chunk) {
        sum += bare_sum(from + at, bare_least(size - at, chunk));
        __asm__ volatile("" : : : "memory");
    }
    bare_sink = sum;
}

static int read_map(const struct bare_job *job, int flags, int advice)
{
    int fd = bare_open(job, 0), error = 0;
    char *map;

    if (fd < 0)
        return fd;
    map = mmap(NULL, job->file_bytes, PROT_READ, MAP_SHARED | flags, fd, 0);
    if (map == MAP_FAILED)
        return bare_close(fd, -errno);
    if (advice != MADV_NORMAL && madvise(map, job->file_bytes, advice) < 0)
        error = -errno;
    else
        look_at(map, job);
    if (munmap(map, job->file_bytes) < 0 && error == 0)
        error = -errno;
    return bare_close(fd, error);
}

#define MAPS(name, flags, advice)                                                                  \
    static int name(const struct bare_job *job, int fd)                                            \
    {                                                                                              \
        (void)fd;                                                                                  \
        return read_map(job, flags, advice);                                                       \
    }
MAPS(bare_mmap, 0, MADV_NORMAL)
MAPS(bare_populate, MAP_POPULATE, MADV_NORMAL)
MAPS(bare_sequential, 0, MADV_SEQUENTIAL)
MAPS(bare_random, 0, MADV_RANDOM)
MAPS(bare_willneed, 0, MADV_WILLNEED)
MAPS(bare_huge, 0, MADV_HUGEPAGE)

/* As many chunks as the file has, or as many as fit into the memory, again and again. */
static int prepare_copies(struct bare_job *job)
{
    size_t chunk = job->chunk_bytes;
    size_t bytes = bare_least(job->file_bytes, (size_t)32 << 20) / chunk * chunk;
    int error = bytes < 2 * chunk ? 0 : prepare_memory(job, bytes);

    for (size_t at = 0; error == 0 && at < job->memory_bytes; at += chunk)
        memcpy(job->memory + at, job->source, chunk);
    return error;
}

static int bare_memory(const struct bare_job *job, int fd)
{
    struct bare_job lap = *job;
    size_t most = job->memory_bytes == 0 ? job->file_bytes : job->memory_bytes;

    (void)fd;
    for (size_t left = job->file_bytes; left > 0; left -= lap.file_bytes) {
        lap.file_bytes = bare_least(left, most);
        look_at(job->memory_bytes == 0 ? job->source : job->memory, &lap);
    }
    return 0;
}

static int fread_chunks(FILE *stream, const struct bare_job *job)
{
    uint64_t sum = 0;
    size_t bytes;

    for (size_t left = job->file_bytes; left > 0; left -= bytes) {
        bytes = bare_least(left, job->chunk_bytes);
        if (fread(job->memory, 1, bytes, stream) != bytes)
            return -EIO;
        if (!job->blind)
            sum += bare_sum(job->memory, bytes);
        __asm__ volatile("" : : : "memory");
    }
    bare_sink = sum;
    return 0;
}

static int fread_file(const struct bare_job *job, char *buffer, size_t buffer_bytes)
{
    int fd = bare_open(job, 0), error;
    FILE *stream = fd < 0 ? NULL : fdopen(fd, "r");

    if (stream == NULL)
        return fd < 0 ? fd : bare_close(fd, -errno);
    if (buffer != NULL)
        (void)setvbuf(stream, buffer, _IOFBF, buffer_bytes);
    error = fread_chunks(stream, job);
    return fclose(stream) != 0 && error == 0 ? -errno : error;
}

static int bare_stdio(const struct bare_job *job, int fd)
{
    (void)fd;
    return fread_file(job, NULL, 0);
}

static int bare_stdio_large(const struct bare_job *job, int fd)
{
    (void)fd;
    return bare_in_large_buffer(job, fread_file);
}

/* They open their file themselves: it is there. */
const struct bare_writer bare_read_family[] = {
    BARE_BUFFERED("ReadCall", bare_read, bare_prepare_chunk),
    BARE_BUFFERED("ReadPread", bare_pread, bare_prepare_chunk),
    BARE_BUFFERED("ReadPreadv", bare_preadv, prepare_gathered),
    BARE_BUFFERED("ReadAhead", bare_ahead, bare_prepare_chunk),
    BARE_BUFFERED("ReadDontcache", bare_dontcache, bare_prepare_chunk),
    BARE_BUFFERED("ReadDirect", bare_direct, bare_prepare_chunk),
    BARE_BUFFERED("ReadStdio", bare_stdio, bare_prepare_chunk),
    BARE_BUFFERED("ReadStdioLarge", bare_stdio_large, bare_prepare_chunk),
    BARE_BUFFERED("ReadSplice", bare_splice, bare_prepare_chunk),
    {.name = "ReadMmap", .write = bare_mmap},
    {.name = "ReadMmapPopulate", .write = bare_populate},
    {.name = "ReadMmapSequential", .write = bare_sequential},
    {.name = "ReadMmapRandom", .write = bare_random},
    {.name = "ReadMmapWillneed", .write = bare_willneed},
    {.name = "ReadMmapHuge", .write = bare_huge},
    {.name = "ReadMemory",
     .write = bare_memory,
     .prepare = prepare_copies,
     .release = bare_release_buffer},
    {.name = NULL},
};
