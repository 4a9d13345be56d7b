/* SPDX-License-Identifier: Apache-2.0
 * The C++ library's buffer before write() and writev(). */
#include "loops.h"
#include "third_party/fstream_c/fstream_c.h"

/* libstdc++ makes its stream of a descriptor with fdopen(), which asks for the access mode. */
static int open_stream(struct bm_sample *sample)
{
    struct bm_ofstream *stream = NULL;
    int error = bm_ofstream_open == NULL ? -ENOSYS : bm_open_file(sample);

    if (error != 0)
        return error;
    sample->calls++;
    error = bm_ofstream_open(sample->fd, &stream);
    if (error != 0)
        sample->fd = -1;
    sample->handle = stream;
    return error;
}

/* One call a chunk that goes past the buffer, or that is followed by a flush or a seek. Others stay
 * in the buffer until one comes that does not fit, which goes out with them in one writev(). */
static uint64_t stream_calls(const struct bm_job *job)
{
    uint64_t full = job->file_size_bytes / job->chunk_bytes, cycle;

    if (seeks(job))
        return 2 * chunk_count(job);
    if (job->sync == BM_SYNC_MODE_EACH || job->chunk_bytes >= bm_ofstream_direct_bytes())
        return bm_write_calls(job);
    cycle = (bm_fstream_buffer_bytes() + job->chunk_bytes - 1) / job->chunk_bytes;
    return full / cycle + (full % cycle > 0 || job->file_size_bytes % job->chunk_bytes > 0);
}

static INLINED int write_stream(struct bm_sample *sample, bool flush_each)
{
    struct bm_ofstream *stream = sample->handle;
    int error;

    FOR_EACH_CHUNK(chunk, sample->job) {
        if (seeks(sample->job) && (error = bm_ofstream_seek(stream, chunk.at)) != 0)
            return error;
        if ((error = bm_ofstream_write(stream, chunk.from, chunk.bytes)) != 0 ||
            (flush_each && (error = bm_ofstream_flush(stream)) != 0))
            return error;
    }
    sample->calls += stream_calls(sample->job);
    return 0;
}

static int fill_stream(struct bm_sample *sample) { return write_stream(sample, false); }
static int fill_stream_each(struct bm_sample *sample) { return write_stream(sample, true); }

static int sync_stream(struct bm_sample *sample)
{
    int error = sample->job->sync == BM_SYNC_MODE_NONE ? 0 : bm_ofstream_flush(sample->handle);

    return error != 0 ? error : bm_sync_file(sample);
}

static int close_stream(struct bm_sample *sample)
{
    struct bm_ofstream *stream = take_stream(sample);

    if (stream == NULL)
        return bm_close_file(sample);
    sample->calls++;
    return bm_ofstream_close(stream);
}

static int probe_stream(struct bm_sample *sample, struct bm_limits *limits, char *reason)
{
    (void)sample, (void)limits;
    return bm_probe_linked(bm_ofstream_open != NULL, reason);
}

/* A jump out of its fill would leave out destructors of C++. */
KERNEL(Fstream, "std::ofstream::write() of each chunk", .flags = KERNEL_LOCKS,
       .open_flags = O_WRONLY,
       .phase = {[BM_PHASE_CREATE] = open_stream,
                 [BM_PHASE_FILL] = fill_stream,
                 [BM_PHASE_SYNC] = sync_stream,
                 [BM_PHASE_CLOSE] = close_stream},
       .fill_each = fill_stream_each, .probe = probe_stream);
