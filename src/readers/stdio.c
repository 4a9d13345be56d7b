/* SPDX-License-Identifier: Apache-2.0
 * The C library's buffer behind read(). */
#include "loops.h"

#include "src/kernel/stream.h"

#include <stdio.h>

static int open_stream(struct bm_sample *sample) { return bm_stream_open(sample, "r"); }

/* What glibc makes of the chunks: what is left of one when the buffer is empty is read into it,
 * or where it is a buffer or more, past it in whole buffers. */
static uint64_t stream_calls(const struct bm_job *job, uint64_t buffer_bytes, bool is_large)
{
    struct bm_job untimed = job_untimed(job);
    uint64_t calls = 0, held = 0, left = job->file_size_bytes;

    (void)is_large;
    FOR_EACH_CHUNK(chunk, &untimed) {
        uint64_t wanted = chunk.bytes;
        while (wanted > held) {
            wanted -= held;
            calls++;
            held = wanted < buffer_bytes ? chunk_min(buffer_bytes, left) : 0;
            uint64_t direct = held > 0 ? 0 : wanted - wanted % buffer_bytes;
            left -= held + direct;
            wanted -= direct;
        }
        held -= wanted;
    }
    return calls;
}

static int fill_stream(struct bm_sample *sample)
{
    FILE *stream = sample->handle;
    char *to = sample->buffer;
    uint64_t sum = 0;

    FOR_EACH_CHUNK(chunk, sample->job) {
        if (fread(to, 1, chunk.bytes, stream) != chunk.bytes)
            return ferror(stream) && errno != 0 ? -errno : -EIO;
        sum += sum_words(to, chunk.bytes);
        compiler_barrier();
    }
    sample->sum = sum;
    return 0;
}

static int close_stream(struct bm_sample *sample) { return bm_stream_close(sample, stream_calls); }

#define STREAM_READER(set_up)                                                                      \
    .kind = BM_KIND_READER, .flags = KERNEL_LOCKS | KERNEL_IN_ORDER, .open_flags = O_RDONLY,       \
    .prepare = bm_buffer_create, .release = bm_buffer_destroy,                                     \
    .phase = {[BM_PHASE_CREATE] = open_stream,                                                     \
              [BM_PHASE_MAP] = set_up,                                                             \
              [BM_PHASE_FILL] = fill_stream,                                                       \
              [BM_PHASE_CLOSE] = close_stream}

KERNEL(ReadStdio, "fread() of each chunk from the C library's own buffer", STREAM_READER(NULL));

KERNEL(ReadStdioLarge, "fread() of each chunk from a buffer of 1 MiB set with setvbuf()",
       STREAM_READER(bm_stream_set_large_buffer));
