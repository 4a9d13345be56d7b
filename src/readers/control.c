/* SPDX-License-Identifier: Apache-2.0
 * The control: what it takes to look at the bytes, wherever they come from. */
#include "loops.h"

/* More than the caches hold: a larger file is looked at in laps. */
#define MEMORY_MAX_BYTES ((uint64_t)32 << 20)

/* A chunk that is looked at again and again comes from a cache, which that of a file does not: so
 * there are as many copies of it as the file has, or as the memory holds. */
static int copy_chunks(struct bm_sample *sample)
{
    const struct bm_job *job = sample->job;
    uint64_t most = chunk_min(job->file_size_bytes, MEMORY_MAX_BYTES), chunk = job->chunk_bytes;
    int error;

    if (WALKS_LIST || job->source_stride_bytes != 0 || most < 2 * chunk)
        return 0;
    error = bm_memory_of(sample, most / chunk * chunk);
    for (uint64_t at = 0; error == 0 && at < sample->buffer_bytes; at += chunk)
        memcpy(sample->buffer + at, job->source, chunk);
    return error;
}

static INLINED uint64_t sum_chunks(const struct bm_job *job)
{
    uint64_t sum = 0;

    FOR_EACH_CHUNK(chunk, job) {
        sum += sum_words(chunk.from, chunk.bytes);
        compiler_barrier();
    }
    return sum;
}

static int fill_from_memory(struct bm_sample *sample)
{
    struct bm_job lap = *sample->job;
    uint64_t left = lap.file_size_bytes;

    if (sample->buffer != NULL) {
        lap.source = sample->buffer;
        lap.source_stride_bytes = lap.chunk_bytes;
        lap.file_size_bytes = sample->buffer_bytes;
    }
    for (; left > 0; left -= lap.file_size_bytes) {
        lap.file_size_bytes = chunk_min(lap.file_size_bytes, left);
        sample->sum += sum_chunks(&lap);
    }
    return 0;
}

KERNEL(ReadMemory, "control: the same sum over the same chunks of memory that has been touched",
       .kind = BM_KIND_READER, .flags = KERNEL_CONTROL, .prepare = copy_chunks,
       .release = bm_buffer_destroy, .phase = {[BM_PHASE_FILL] = fill_from_memory});
