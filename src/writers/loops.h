/* SPDX-License-Identifier: Apache-2.0
 *
 * The loops that several writers share. Each is inlined into its writer with what that does to one
 * chunk: there is no call through a pointer in a loop. */
#ifndef BENCH_MMAP_WRITERS_LOOPS_H
#define BENCH_MMAP_WRITERS_LOOPS_H

#include "src/kernel/kernel.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* One system call a chunk, which moves it there. */
static INLINED int fill_by_calls(struct bm_sample *sample, enum where where, bm_move_function *move)
{
    struct bm_ends ends = bm_ends_of(sample);
    int error;

    FOR_EACH_CHUNK(chunk, sample->job) {
        if (where == AT_FILE_OFFSET && (error = seek_to(sample->job, ends.to, chunk.at)) != 0)
            return error;
        ssize_t moved = move(ends, chunk.from, chunk.bytes, chunk.at);
        if (moved != (ssize_t)chunk.bytes && (error = MOVE_REST(sample, move, chunk, moved)) != 0)
            return error;
    }
    sample->calls += bm_write_calls(sample->job);
    if (seeks(sample->job) && where == AT_FILE_OFFSET)
        sample->calls += chunk_count(sample->job);
    return 0;
}

static inline ssize_t call_write(struct bm_ends ends, const char *from, uint64_t bytes, uint64_t at)
{
    (void)at;
    return write(ends.to, from, bytes);
}

static inline int fill_by_write(struct bm_sample *sample)
{
    return fill_by_calls(sample, AT_FILE_OFFSET, call_write);
}

/* One byte at a time is the exercise's first line: a volatile store, so that no two are merged. */
static inline void copy_bytes(char *map, const struct bm_job *job)
{
    volatile char *to = map;

    FOR_EACH_CHUNK(chunk, job)
        to[chunk.at] = *chunk.from;
}

typedef void store_function(char *to, const char *from, uint64_t bytes);

static inline void store_chunk(char *to, const char *from, uint64_t bytes)
{
    memcpy(to, from, bytes);
    compiler_barrier();
}

static INLINED void store_chunks(char *map, const struct bm_job *job, store_function *store)
{
    FOR_EACH_CHUNK(chunk, job)
        store(map + chunk.at, chunk.from, chunk.bytes);
}

/* Every chunk is durable before the next. */
static INLINED int store_and_sync_chunks(struct bm_sample *sample, store_function *store)
{
    char *map = sample->map;

    FOR_EACH_CHUNK(chunk, sample->job) {
        int error;
        store(map + chunk.at, chunk.from, chunk.bytes);
        error = bm_sync_pages(map, chunk.at, chunk.bytes);
        if (error != 0)
            return error;
    }
    sample->calls += chunk_count(sample->job);
    return 0;
}

/* Finds out which multiples of bytes O_DIRECT takes, and that they go past the page cache. */
int bm_probe_direct_write(struct bm_sample *sample, struct bm_limits *limits, char *reason);

/* The members of a writer that needs nothing but the open file. */
#define WRITE_PHASES(fill_phase)                                                                   \
    {                                                                                              \
        [BM_PHASE_CREATE] = bm_open_file, [BM_PHASE_FILL] = fill_phase,                            \
        [BM_PHASE_SYNC] = bm_sync_file, [BM_PHASE_CLOSE] = bm_close_file                           \
    }

/* The same with something that is set up before the chunks and taken down after them. */
#define FRAMED_PHASES(set_up, fill_phase, take_down)                                               \
    {                                                                                              \
        [BM_PHASE_CREATE] = bm_open_file, [BM_PHASE_MAP] = set_up, [BM_PHASE_FILL] = fill_phase,   \
        [BM_PHASE_SYNC] = bm_sync_file, [BM_PHASE_UNMAP] = take_down,                              \
        [BM_PHASE_CLOSE] = bm_close_file                                                           \
    }

/* All of a writer that stores into a mapping of the whole file, but its name and its probe. */
#define MAPPING_WRITER(further_flags, size_phase, map_phase, fill_phase, each_phase)               \
    .flags = KERNEL_MAPPING | (further_flags), .open_flags = O_RDWR, .fill_each = each_phase,      \
    .phase = {[BM_PHASE_CREATE] = bm_open_file, [BM_PHASE_SIZE] = size_phase,                      \
              [BM_PHASE_MAP] = map_phase,       [BM_PHASE_FILL] = fill_phase,                      \
              [BM_PHASE_SYNC] = bm_sync_file,   [BM_PHASE_UNMAP] = bm_unmap_file,                  \
              [BM_PHASE_CLOSE] = bm_close_file}

#endif
