/* SPDX-License-Identifier: Apache-2.0
 * The C++ library's buffer behind read(). */
#include "loops.h"
#include "third_party/fstream_c/fstream_c.h"

/* libstdc++ makes its stream of a descriptor with fdopen(), which asks for the access mode. */
static int open_stream(struct bm_sample *sample)
{
    struct bm_ifstream *stream = NULL;
    int error = bm_ifstream_open == NULL ? -ENOSYS : bm_open_file(sample);

    if (error != 0)
        return error;
    sample->calls++;
    error = bm_ifstream_open(sample->fd, &stream);
    if (error != 0)
        sample->fd = -1;
    sample->handle = stream;
    return error;
}

/* A chunk that is larger than the buffer is read past it; others are taken out of it. */
static uint64_t stream_calls(const struct bm_job *job)
{
    uint64_t buffer_bytes = bm_fstream_buffer_bytes();

    return job->chunk_bytes > buffer_bytes
               ? bm_write_calls(job)
               : (job->file_size_bytes + buffer_bytes - 1) / buffer_bytes;
}

static int fill_stream(struct bm_sample *sample)
{
    struct bm_ifstream *stream = sample->handle;
    char *to = sample->buffer;
    uint64_t sum = 0;
    int error;

    FOR_EACH_CHUNK(chunk, sample->job) {
        if ((error = bm_ifstream_read(stream, to, chunk.bytes)) != 0)
            return error;
        sum += sum_words(to, chunk.bytes);
        compiler_barrier();
    }
    sample->sum = sum;
    sample->calls += stream_calls(sample->job);
    return 0;
}

static int close_stream(struct bm_sample *sample)
{
    struct bm_ifstream *stream = take_stream(sample);

    if (stream == NULL)
        return bm_close_file(sample);
    sample->calls++;
    return bm_ifstream_close(stream);
}

static int probe_stream(struct bm_sample *sample, struct bm_limits *limits, char *reason)
{
    (void)sample, (void)limits;
    return bm_probe_linked(bm_ifstream_open != NULL, reason);
}

/* A jump out of its fill would leave out destructors of C++. */
KERNEL(ReadFstream, "std::ifstream::read() of each chunk", .kind = BM_KIND_READER,
       .flags = KERNEL_LOCKS | KERNEL_IN_ORDER, .open_flags = O_RDONLY, .prepare = bm_buffer_create,
       .release = bm_buffer_destroy,
       .phase = {[BM_PHASE_CREATE] = open_stream,
                 [BM_PHASE_FILL] = fill_stream,
                 [BM_PHASE_CLOSE] = close_stream},
       .probe = probe_stream);
