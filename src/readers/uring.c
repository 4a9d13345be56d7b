/* SPDX-License-Identifier: Apache-2.0
 * io_uring reads of the chunks, each into a place of its own. */
#include "src/kernel/uring.h"

#include "loops.h"

#define BUFFER_MAX_BYTES ((uint64_t)32 << 20)

#ifdef HAVE_LIBURING
/* How many chunks are asked for at once: fewer where they are large, so that the buffer is not. */
static unsigned depth_of(const struct bm_job *job)
{
    uint64_t wanted =
        chunk_min(BUFFER_MAX_BYTES / job->chunk_bytes, job->depth > 0 ? job->depth : BM_DEPTH);
    uint64_t chunks = chunk_min(wanted, chunk_count(job));

    return chunks > 0 ? (unsigned)chunks : 1;
}

static int allocate(struct bm_sample *sample)
{
    int error = bm_buffer_of(sample, depth_of(sample->job) * sample->job->chunk_bytes);

    return error != 0 ? error : allocate_queue(sample);
}

static int release(struct bm_sample *sample)
{
    bm_buffer_destroy(sample);
    return free_queue(sample);
}

/* Waits for all that is asked for, and looks at it. */
static inline int take(struct bm_sample *sample, unsigned used, const uint64_t bytes[BM_DEPTH_MOST])
{
    const char *from = sample->buffer;
    int error = flush(sample->handle, used, READING, sample->fd, 0);

    for (unsigned i = 0; error == 0 && i < used; i++, from += sample->job->chunk_bytes) {
        sample->sum += sum_words(from, bytes[i]);
        compiler_barrier();
    }
    return error;
}

static int fill_by_uring(struct bm_sample *sample)
{
    unsigned used = 0, depth = depth_of(sample->job);
    uint64_t bytes[BM_DEPTH_MOST], full = sample->job->chunk_bytes;
    int error, fd = sample->fd;

    FOR_EACH_CHUNK(chunk, sample->job) {
        put(sample->handle, READING, fd, sample->buffer + used * full, (unsigned)chunk.bytes,
            chunk.at, 0);
        bytes[used] = chunk.bytes;
        if (++used == depth) {
            if ((error = take(sample, used, bytes)) != 0)
                return error;
            used = 0;
        }
    }
    sample->calls += (chunk_count(sample->job) + depth - 1) / depth;
    return take(sample, used, bytes);
}

/* A request holds less than 4 GiB. */
static int probe_here(struct bm_sample *sample, struct bm_limits *limits, char *reason)
{
    limits->source_max_bytes = CALL_MAX_BYTES;
    return probe_uring(sample, limits, reason);
}

#define URING_READER(further_open_flags)                                                           \
    .kind = BM_KIND_READER, .flags = KERNEL_QUEUES, .open_flags = O_RDONLY | (further_open_flags), \
    .prepare = allocate, .release = release,                                                       \
    .phase = {[BM_PHASE_CREATE] = bm_open_file,                                                    \
              [BM_PHASE_MAP] = open_queue,                                                         \
              [BM_PHASE_FILL] = fill_by_uring,                                                     \
              [BM_PHASE_UNMAP] = close_queue,                                                      \
              [BM_PHASE_CLOSE] = bm_close_file}
#else
#define probe_here probe_uring
#define URING_READER(further_open_flags)                                                           \
    .flags = KERNEL_QUEUES, BUFFER_READER(further_open_flags, NULL, missing, NULL)
#endif

KERNEL(ReadUring, "io_uring reads of the chunks, 32 of them a system call", URING_READER(0),
       .probe = probe_here);

static int probe_direct(struct bm_sample *sample, struct bm_limits *limits, char *reason)
{
    int error = probe_here(sample, limits, reason);

    return error != 0 ? error : bm_probe_direct_read(sample, limits, reason);
}

KERNEL(ReadUringDirect, "ReadUring of a file opened with O_DIRECT: 32 reads under way at once",
       URING_READER(O_DIRECT), .probe = probe_direct);
