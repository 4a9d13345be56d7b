/* SPDX-License-Identifier: Apache-2.0
 * Controls: what the parts of which every writer is made cost on this machine. */
#include "loops.h"

#include <sys/mman.h>
#include <unistd.h>

/* The memory that is copied to has the size of the file, up to this much, which is more than the
 * caches hold. A larger file is copied to it in laps, a larger chunk in parts. */
#define MEMORY_MAX_BYTES ((uint64_t)32 << 20)

static int map_memory(struct bm_sample *sample, int flags)
{
    return bm_map(sample, chunk_min(sample->job->file_size_bytes, MEMORY_MAX_BYTES),
                  MAP_PRIVATE | MAP_ANONYMOUS | flags, 0);
}

/* Not a part of the sample, and so no call of it. */
static int map_touched_memory(struct bm_sample *sample)
{
    int error = map_memory(sample, MAP_POPULATE);

    if (error == 0)
        bm_touch(sample->map, sample->map_bytes);
    sample->calls = 0;
    return error;
}

/* The part of the job from `done` on that the memory holds. Only a chunk that is larger than the
 * memory is cut. */
static struct bm_job next_lap(const struct bm_sample *sample, uint64_t done)
{
    struct bm_job lap = *sample->job;

    if (lap.source_stride_bytes != 0)
        lap.source = (const char *)lap.source + done;
    lap.chunk_bytes = chunk_min(lap.chunk_bytes, sample->map_bytes);
    lap.file_size_bytes -= done;
    if (lap.file_size_bytes > sample->map_bytes)
        lap.file_size_bytes = sample->map_bytes / lap.chunk_bytes * lap.chunk_bytes;
    return lap;
}

static int copy_memory(struct bm_sample *sample)
{
    struct bm_job lap;

    for (uint64_t done = 0; done < sample->job->file_size_bytes; done += lap.file_size_bytes) {
        lap = next_lap(sample, done);
        if (lap.chunk_bytes == 1)
            copy_bytes(sample->map, &lap);
        else
            store_chunks(sample->map, &lap, store_chunk);
    }
    return 0;
}

KERNEL(Memcpy, "control: the same chunks copied to memory that has been touched before",
       .flags = KERNEL_CONTROL | KERNEL_IN_ORDER, .prepare = map_touched_memory,
       .phase = {[BM_PHASE_FILL] = copy_memory}, .release = bm_unmap_file);

static int map_fresh_memory(struct bm_sample *sample) { return map_memory(sample, 0); }

/* A new lap finds untouched memory again. */
static int copy_to_fresh_memory(struct bm_sample *sample)
{
    struct bm_job lap;

    for (uint64_t done = 0; done < sample->job->file_size_bytes; done += lap.file_size_bytes) {
        if (done > 0) {
            sample->calls++;
            if (madvise(sample->map, sample->map_bytes, MADV_DONTNEED) < 0)
                return -errno;
        }
        lap = next_lap(sample, done);
        store_chunks(sample->map, &lap, store_chunk);
    }
    return 0;
}

KERNEL(MemcpyFresh, "control: the same chunks copied to untouched anonymous memory: page faults",
       .flags = KERNEL_CONTROL | KERNEL_IN_ORDER,
       .phase = {[BM_PHASE_MAP] = map_fresh_memory,
                 [BM_PHASE_FILL] = copy_to_fresh_memory,
                 [BM_PHASE_UNMAP] = bm_unmap_file});

static int open_null(struct bm_sample *sample)
{
    sample->fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    sample->calls++;
    return sample->fd < 0 ? -errno : 0;
}

KERNEL(NullWrite, "control: write() of each chunk to /dev/null, a call that does nothing",
       .flags = KERNEL_CONTROL | KERNEL_IDLE,
       .phase = {[BM_PHASE_CREATE] = open_null,
                 [BM_PHASE_FILL] = fill_by_write,
                 [BM_PHASE_CLOSE] = bm_close_file});

/* With one or a few chunks a file this measures the driver: what it does around a fill takes 10 to
 * 20 ns, which is 8 % of a single call. The calls of a writer take a thousand times as long. */
static int call_for_each_chunk(struct bm_sample *sample)
{
    FOR_EACH_CHUNK(chunk, sample->job)
        getppid();
    sample->calls += chunk_count(sample->job);
    return 0;
}

KERNEL(EmptyCall, "control: getppid() for each chunk, the least that a system call costs",
       .flags = KERNEL_CONTROL | KERNEL_IDLE, .phase = {[BM_PHASE_FILL] = call_for_each_chunk});
