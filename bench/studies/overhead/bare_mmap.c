/* SPDX-License-Identifier: Apache-2.0
 * Stores into a shared mapping. A full disk is a SIGBUS here, and kills: room is checked before. */
#include "bare.h"

#include <emmintrin.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef __x86_64__
#endif

enum { SPARSE, ALLOCATED };

/* A new file of its full size, and mapped: a descriptor or -errno. */
static int begin(const struct bare_job *job, int blocks, int map_flags, char **map)
{
    off_t size = (off_t)job->file_bytes;
    int fd = bare_create(job, O_RDWR);

    if (fd < 0)
        return fd;
    if ((blocks == ALLOCATED ? fallocate(fd, 0, 0, size) : ftruncate(fd, size)) < 0)
        return bare_close(fd, -errno);
    *map = mmap(NULL, job->file_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | map_flags, fd, 0);
    return *map == MAP_FAILED ? bare_close(fd, -errno) : fd;
}

static int end(const struct bare_job *job, int fd, char *map, int error)
{
    if (munmap(map, job->file_bytes) < 0 && error == 0)
        error = -errno;
    return bare_close(fd, error);
}

static void copy_chunks(char *map, const struct bare_job *job)
{
    size_t size = job->file_bytes, chunk = job->chunk_bytes;

    for (size_t at = 0; at < size; at += chunk)
        memcpy(map + at, job->source, bare_least(size - at, chunk));
}

static int copy_to_mapping(const struct bare_job *job, int blocks, int map_flags)
{
    char *map;
    int fd = begin(job, blocks, map_flags, &map);

    if (fd < 0)
        return fd;
    copy_chunks(map, job);
    return end(job, fd, map, 0);
}

static int copy_after_advice(const struct bare_job *job, int advice)
{
    char *map;
    int fd = begin(job, SPARSE, 0, &map);

    if (fd < 0)
        return fd;
    if (madvise(map, job->file_bytes, advice) < 0)
        return end(job, fd, map, -errno);
    copy_chunks(map, job);
    return end(job, fd, map, 0);
}

static int bare_mmap(const struct bare_job *job) { return copy_to_mapping(job, SPARSE, 0); }
static int bare_falloc(const struct bare_job *job) { return copy_to_mapping(job, ALLOCATED, 0); }
static int bare_map_populate(const struct bare_job *job)
{
    return copy_to_mapping(job, SPARSE, MAP_POPULATE);
}
static int bare_populate_write(const struct bare_job *job)
{
    return copy_after_advice(job, MADV_POPULATE_WRITE);
}
static int bare_huge(const struct bare_job *job) { return copy_after_advice(job, MADV_HUGEPAGE); }

#ifdef __x86_64__
/* The plain loop: source, chunk and mapping are aligned, but for the last bytes of a chunk. */
static void stream_bytes(char *to, const char *from, size_t bytes)
{
    size_t at = 0;

    for (; ((size_t)(to + at) & 63) != 0 && at < bytes; at++)
        to[at] = from[at];
    for (; at + 64 <= bytes; at += 64) {
        for (size_t i = 0; i < 64; i += 16)
            _mm_stream_si128((__m128i *)(void *)(to + at + i),
                             _mm_loadu_si128((const __m128i *)(const void *)(from + at + i)));
    }
    memcpy(to + at, from + at, bytes - at);
}

static void string_bytes(char *to, const char *from, size_t bytes)
{
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
}

static void fence(void) { _mm_sfence(); }
#else
static void stream_bytes(char *to, const char *from, size_t bytes) { memcpy(to, from, bytes); }
static void string_bytes(char *to, const char *from, size_t bytes) { memcpy(to, from, bytes); }
static void fence(void) {}
#endif

static int bare_nontemporal(const struct bare_job *job)
{
    size_t size = job->file_bytes, chunk = job->chunk_bytes;
    char *map;
    int fd = begin(job, SPARSE, 0, &map);

    if (fd < 0)
        return fd;
    for (size_t at = 0; at < size; at += chunk)
        stream_bytes(map + at, job->source, bare_least(size - at, chunk));
    fence();
    return end(job, fd, map, 0);
}

static int bare_rep_movsb(const struct bare_job *job)
{
    size_t size = job->file_bytes, chunk = job->chunk_bytes;
    char *map;
    int fd = begin(job, SPARSE, 0, &map);

    if (fd < 0)
        return fd;
    for (size_t at = 0; at < size; at += chunk)
        string_bytes(map + at, job->source, bare_least(size - at, chunk));
    return end(job, fd, map, 0);
}

/* Window after window, and in each the chunks, or parts of chunks, that lie in it. */
static int slide(int fd, const struct bare_job *job)
{
    size_t size = job->file_bytes, chunk = job->chunk_bytes, window = 64 << 10;
    size_t at = 0, in_chunk = 0;

    for (size_t start = 0; start < size;) {
        char *map;
        if (ftruncate(fd, (off_t)(start + window)) < 0)
            return -errno;
        map = mmap(NULL, window, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)start);
        if (map == MAP_FAILED)
            return -errno;
        for (size_t stop = bare_least(start + window, size); at < stop;) {
            size_t bytes = bare_least(chunk - in_chunk, stop - at);
            memcpy(map + (at - start), job->source + in_chunk, bytes);
            at += bytes;
            in_chunk = in_chunk + bytes < chunk ? in_chunk + bytes : 0;
        }
        munmap(map, window);
        start += window;
        window = bare_least(2 * window, 1 << 20);
    }
    return ftruncate(fd, (off_t)size) < 0 ? -errno : 0;
}

static int bare_window(const struct bare_job *job)
{
    int fd = bare_create(job, O_RDWR);

    return fd < 0 ? fd : bare_close(fd, slide(fd, job));
}

const struct bare_writer bare_mmap_family[] = {
    {.name = "Mmap", .write = bare_mmap},
    {.name = "MmapFalloc", .write = bare_falloc},
    {.name = "MmapMapPopulate", .write = bare_map_populate},
    {.name = "MmapPopulateWrite", .write = bare_populate_write},
    {.name = "MmapHuge", .write = bare_huge},
    {.name = "MmapNontemporal", .write = bare_nontemporal},
    {.name = "MmapRepMovsb", .write = bare_rep_movsb},
    {.name = "MmapWindow", .write = bare_window},
    {.name = NULL},
};
