/* SPDX-License-Identifier: Apache-2.0
 * The C library's buffer behind read(). */
#include "loops.h"

#include <stdio.h>
#include <stdio_ext.h>
#include <sys/mman.h>

/* fdopen() asks for the descriptor's access mode with fcntl(). */
static int open_stream(struct bm_sample *sample)
{
    int error = bm_open_file(sample);

    if (error != 0)
        return error;
    sample->handle = fdopen(sample->fd, "r");
    sample->calls++;
    return sample->handle == NULL ? -errno : 0;
}

/* What glibc makes of the chunks: what is left of one when the buffer is empty is read into it,
 * or where it is a buffer or more, past it in whole buffers. */
static uint64_t stream_calls(const struct bm_job *job, uint64_t buffer_bytes)
{
    uint64_t calls = 0, held = 0, left = job->file_size_bytes;

    FOR_EACH_CHUNK(chunk, job) {
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

/* Without a buffer of ours the C library makes its own, after a look at the file with fstat(). */
static int close_stream(struct bm_sample *sample)
{
    FILE *stream = sample->handle;
    bool made = sample->map != NULL;
    uint64_t buffer_bytes;

    if (stream == NULL)
        return bm_close_file(sample);
    buffer_bytes = __fbufsize(stream);
    sample->handle = NULL;
    sample->fd = -1;
    if (fclose(stream) != 0 && errno != EINTR)
        return -errno;
    if (buffer_bytes > 0)
        sample->calls += stream_calls(sample->job, buffer_bytes) + (made ? 0 : 1) + 1;
    return 0;
}

#define STREAM_READER(set_up, close_phase)                                                         \
    .kind = BM_KIND_READER, .flags = KERNEL_LOCKS | KERNEL_IN_ORDER, .open_flags = O_RDONLY,       \
    .prepare = bm_buffer_create, .release = bm_buffer_destroy,                                     \
    .phase = {[BM_PHASE_CREATE] = open_stream,                                                     \
              [BM_PHASE_MAP] = set_up,                                                             \
              [BM_PHASE_FILL] = fill_stream,                                                       \
              [BM_PHASE_CLOSE] = close_phase}

KERNEL(ReadStdio, "fread() of each chunk from the C library's own buffer",
       STREAM_READER(NULL, close_stream));

#define LARGE_BUFFER_BYTES ((size_t)1 << 20)

static int set_large_buffer(struct bm_sample *sample)
{
    int error = bm_map(sample, LARGE_BUFFER_BYTES, MAP_PRIVATE | MAP_ANONYMOUS, 0);

    if (error != 0)
        return error;
    return setvbuf(sample->handle, sample->map, _IOFBF, LARGE_BUFFER_BYTES) == 0 ? 0 : -EINVAL;
}

/* The buffer must live until the stream is closed. */
static int close_large_stream(struct bm_sample *sample)
{
    int error = close_stream(sample);
    int unmap_error = bm_unmap_file(sample);

    return error != 0 ? error : unmap_error;
}

KERNEL(ReadStdioLarge, "fread() of each chunk from a buffer of 1 MiB set with setvbuf()",
       STREAM_READER(set_large_buffer, close_large_stream));
