/* SPDX-License-Identifier: Apache-2.0
 * Stores into a shared mapping. A full disk is a SIGBUS here, and kills: room is checked before. */
#include "bare.h"

#include <stdbool.h>
#include <sys/mman.h>

/* How the file is sized and mapped; of its fields most are 0. */
struct way {
    bool allocated; /* by fallocate() and not ftruncate() */
    int map_flags;
    int advice; /* for madvise(); 0, which is MADV_NORMAL: none */
};

static int map_file(const struct bare_job *job, int fd, struct way way, char **map)
{
    off_t size = (off_t)job->file_bytes;

    if ((way.allocated ? fallocate(fd, 0, 0, size) : ftruncate(fd, size)) < 0)
        return -errno;
    *map = mmap(NULL, job->file_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | way.map_flags, fd, 0);
    return *map == MAP_FAILED ? -errno : 0;
}

static BARE_INLINED int fill(const struct bare_job *job, int fd, struct way way, bare_store *store)
{
    char *map;
    int error = map_file(job, fd, way, &map);

    if (error != 0)
        return error;
    if (way.advice != 0 && madvise(map, job->file_bytes, way.advice) < 0)
        error = -errno;
    else
        bare_stores(map, job, store);
    return munmap(map, job->file_bytes) < 0 && error == 0 ? -errno : error;
}

/* A bare_writer.write() with its struct way. */
#define FILL(name, store, ...)                                                                     \
    static int name(const struct bare_job *job, int fd)                                            \
    {                                                                                              \
        return fill(job, fd, (struct way){__VA_ARGS__}, store);                                    \
    }
FILL(bare_mmap, bare_copy, 0)
FILL(bare_falloc, bare_copy, .allocated = true)
FILL(bare_map_populate, bare_copy, .map_flags = MAP_POPULATE)
FILL(bare_populate_write, bare_copy, .advice = MADV_POPULATE_WRITE)
FILL(bare_huge, bare_copy, .advice = MADV_HUGEPAGE)
FILL(bare_huge_falloc, bare_copy, .allocated = true, .advice = MADV_HUGEPAGE)

#ifdef __x86_64__
#include <emmintrin.h>

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

static int bare_nontemporal(const struct bare_job *job, int fd)
{
    int error = fill(job, fd, (struct way){0}, stream_bytes);

    fence();
    return error;
}

FILL(bare_rep_movsb, string_bytes, 0)

/* Window after window, and in each the chunks, or parts of chunks, that lie in it. */
static int bare_window(const struct bare_job *job, int fd)
{
    size_t size = job->file_bytes, chunk = job->chunk_bytes, window = 64 << 10;
    size_t at = 0, in_chunk = 0;

    for (size_t start = 0; start < size;) {
        char *map;
        if (ftruncate(fd, (off_t)bare_least(start + window, size)) < 0)
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

const struct bare_writer bare_mmap_family[] = {
    {.name = "Mmap", .open_flags = O_RDWR, .write = bare_mmap},
    {.name = "MmapFalloc", .open_flags = O_RDWR, .write = bare_falloc},
    {.name = "MmapMapPopulate", .open_flags = O_RDWR, .write = bare_map_populate},
    {.name = "MmapPopulateWrite", .open_flags = O_RDWR, .write = bare_populate_write},
    {.name = "MmapHuge", .open_flags = O_RDWR, .write = bare_huge},
    {.name = "MmapHugeFalloc", .open_flags = O_RDWR, .write = bare_huge_falloc},
    {.name = "MmapNontemporal", .open_flags = O_RDWR, .write = bare_nontemporal},
    {.name = "MmapRepMovsb", .open_flags = O_RDWR, .write = bare_rep_movsb},
    {.name = "MmapWindow", .open_flags = O_RDWR, .write = bare_window},
    {.name = NULL},
};
