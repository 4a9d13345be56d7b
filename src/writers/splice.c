/* SPDX-License-Identifier: Apache-2.0
 * Pages of the source go into a pipe by reference, and from there into the file. */
#include "loops.h"

#include <sys/uio.h>
#include <unistd.h>

#define PIPE_BYTES BM_PIPE_BYTES

static inline ssize_t put_in(int pipe_fd, const char *from, uint64_t bytes)
{
    struct iovec piece = {.iov_base = (void *)(uintptr_t)from, .iov_len = bytes};

    return vmsplice(pipe_fd, &piece, 1, 0);
}

static inline ssize_t move_out(int pipe_fd, int fd, uint64_t bytes)
{
    return splice(pipe_fd, NULL, fd, NULL, bytes, SPLICE_F_MOVE);
}

/* Moves what is in the pipe behind what has been moved. */
OUT_OF_THE_WAY static int drain_rest(int pipe_fd, int fd, uint64_t bytes, ssize_t moved)
{
    uint64_t done = 0;
    int error;

    while ((error = count_moved(moved, &done)) == 0 && done < bytes)
        moved = move_out(pipe_fd, fd, bytes - done);
    return error;
}

/* A chunk of which the pipe has taken a part. */
OUT_OF_THE_WAY static int splice_rest(const int pipe[2], int fd, const char *from, uint64_t bytes,
                                      ssize_t taken)
{
    uint64_t done = 0, drained = 0;
    int error;

    while ((error = count_moved(taken, &done)) == 0) {
        if (done > drained) {
            ssize_t moved = move_out(pipe[0], fd, done - drained);
            error = drain_rest(pipe[0], fd, done - drained, moved);
            drained = done;
        }
        if (error != 0 || done == bytes)
            return error;
        taken = put_in(pipe[1], from + done, bytes - done);
    }
    return error;
}

/* A pipe holds so many pages, or parts of pages: a piece that starts within a page has less room.
 */
static uint64_t rounds(const char *from, uint64_t bytes)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t slots_bytes = PIPE_BYTES / 4096 * page;

    return ((uintptr_t)from % page + bytes + slots_bytes - 1) / slots_bytes;
}

static uint64_t all_rounds(const struct bm_job *job)
{
    struct bm_job untimed = job_untimed(job);
    uint64_t tail = job->file_size_bytes % job->chunk_bytes, sum = 0;

    if (WALKS_LIST && job->chunk_bytes <= PIPE_BYTES / 2)
        return chunk_count(job);
    if (!WALKS_LIST && job->source_stride_bytes == 0)
        return job->file_size_bytes / job->chunk_bytes * rounds(job->source, job->chunk_bytes) +
               (tail > 0 ? rounds(job->source, tail) : 0);
    FOR_EACH_CHUNK(chunk, &untimed)
        sum += rounds(chunk.from, chunk.bytes);
    return sum;
}

static int fill_by_splice(struct bm_sample *sample)
{
    int in = sample->pipe[1], out = sample->pipe[0], fd = sample->fd, error;

    FOR_EACH_CHUNK(chunk, sample->job) {
        ssize_t taken, moved;
        if ((error = seek_to(sample->job, fd, chunk.at)) != 0)
            return error;
        taken = put_in(in, chunk.from, chunk.bytes);
        if (taken == (ssize_t)chunk.bytes) {
            moved = move_out(out, fd, chunk.bytes);
            error = moved == taken ? 0 : drain_rest(out, fd, chunk.bytes, moved);
        } else {
            error = splice_rest(sample->pipe, fd, chunk.from, chunk.bytes, taken);
        }
        if (error != 0)
            return error;
    }
    sample->calls += 2 * all_rounds(sample->job);
    if (seeks(sample->job))
        sample->calls += chunk_count(sample->job);
    return 0;
}

KERNEL(Splice, "vmsplice() of each chunk into a 1 MiB pipe, splice() from there into the file",
       .open_flags = O_WRONLY, .phase = FRAMED_PHASES(bm_open_pipe, fill_by_splice, bm_close_pipe));
