/* SPDX-License-Identifier: Apache-2.0
 * The C library's buffer before write(). */
#include "src/kernel/stream.h"

#include <fcntl.h>
#include <stdio.h>

static int open_stream(struct bm_sample *sample) { return bm_stream_open(sample, "w"); }

/* A seek writes out what the buffer holds, and leaves no room in it: the next chunk goes past it in
 * whole buffers first, and the rest waits for the next seek. */
static uint64_t calls_with_seeks(const struct bm_job *job, uint64_t buffer_bytes)
{
    struct bm_job untimed = job_untimed(job);
    uint64_t calls = 2 * chunk_count(job);

    if (job->chunk_bytes <= buffer_bytes)
        return calls;
    FOR_EACH_CHUNK(chunk, &untimed)
        calls += chunk.bytes > buffer_bytes && chunk.bytes % buffer_bytes != 0;
    return calls;
}

/* What glibc's buffer makes of the chunks. A chunk first fills the buffer up; what is left when the
 * buffer has gone out is written past it in whole buffers, and the rest stays, until it is full or
 * flushed. The buffer is made when the first chunk has found none. */
static uint64_t stream_calls(const struct bm_job *job, uint64_t buffer_bytes, bool made)
{
    bool each = job->sync == BM_SYNC_MODE_EACH;
    uint64_t calls = 0, held = 0, room = made ? buffer_bytes : 0;

    if (seeks(job))
        return calls_with_seeks(job, buffer_bytes);
    if (job->chunk_bytes < buffer_bytes && !each)
        return (job->file_size_bytes + buffer_bytes - 1) / buffer_bytes;
    for (uint64_t at = 0; at < job->file_size_bytes; at += job->chunk_bytes) {
        uint64_t left = chunk_min(job->chunk_bytes, job->file_size_bytes - at);
        uint64_t taken = chunk_min(left, room);
        held += taken;
        left -= taken;
        if (left > 0) {
            calls += held > 0;
            calls += left >= buffer_bytes;
            held = left % buffer_bytes;
        }
        if (each) {
            calls += held > 0;
            held = 0;
        }
        room = buffer_bytes - held;
    }
    return calls + (held > 0);
}

static INLINED int write_stream(struct bm_sample *sample, bool flush_each)
{
    FILE *stream = sample->handle;

    FOR_EACH_CHUNK(chunk, sample->job) {
        if (seeks(sample->job) && fseeko(stream, (off_t)chunk.at, SEEK_SET) != 0)
            return -errno;
        if (fwrite(chunk.from, 1, chunk.bytes, stream) != chunk.bytes ||
            (flush_each && fflush(stream) != 0))
            return errno != 0 ? -errno : -EIO;
    }
    return 0;
}

static int fill_stream(struct bm_sample *sample) { return write_stream(sample, false); }
static int fill_stream_each(struct bm_sample *sample) { return write_stream(sample, true); }

static int sync_stream(struct bm_sample *sample)
{
    if (sample->job->sync == BM_SYNC_MODE_NONE)
        return 0;
    if (fflush(sample->handle) != 0)
        return -errno;
    return bm_sync_file(sample);
}

static int close_stream(struct bm_sample *sample) { return bm_stream_close(sample, stream_calls); }

KERNEL(Stdio, "fwrite() of each chunk into the C library's own buffer", .flags = KERNEL_LOCKS,
       .open_flags = O_WRONLY,
       .phase = {[BM_PHASE_CREATE] = open_stream,
                 [BM_PHASE_FILL] = fill_stream,
                 [BM_PHASE_SYNC] = sync_stream,
                 [BM_PHASE_CLOSE] = close_stream},
       .fill_each = fill_stream_each);

KERNEL(StdioLarge, "fwrite() of each chunk into a buffer of 1 MiB set with setvbuf()",
       .flags = KERNEL_LOCKS, .open_flags = O_WRONLY,
       .phase = {[BM_PHASE_CREATE] = open_stream,
                 [BM_PHASE_MAP] = bm_stream_set_large_buffer,
                 [BM_PHASE_FILL] = fill_stream,
                 [BM_PHASE_SYNC] = sync_stream,
                 [BM_PHASE_CLOSE] = close_stream},
       .fill_each = fill_stream_each);
