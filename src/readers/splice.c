/* SPDX-License-Identifier: Apache-2.0
 * Pages of the file go into a pipe by reference, and are read from there. */
#include "loops.h"

#include <fcntl.h>

#define PIPE_BYTES BM_PIPE_BYTES

/* Reads what is in the pipe behind what has been read. */
OUT_OF_THE_WAY static int read_out_rest(int pipe_fd, char *to, uint64_t bytes, ssize_t got)
{
    uint64_t done = 0;
    int error;

    while ((error = count_moved(got, &done)) == 0 && done < bytes)
        got = read(pipe_fd, to + done, bytes - done);
    return error;
}

/* A chunk of which the pipe has taken a part. */
OUT_OF_THE_WAY static int splice_rest(const struct bm_sample *sample, uint64_t bytes, ssize_t taken)
{
    uint64_t done = 0, read_bytes = 0;
    int error;

    while ((error = count_moved(taken, &done)) == 0) {
        if (done > read_bytes) {
            char *to = sample->buffer + read_bytes;
            ssize_t got = read(sample->pipe[0], to, done - read_bytes);
            error = read_out_rest(sample->pipe[0], to, done - read_bytes, got);
            read_bytes = done;
        }
        if (error != 0 || done == bytes)
            return error;
        taken = splice(sample->fd, NULL, sample->pipe[1], NULL, bytes - done, SPLICE_F_MOVE);
    }
    return error;
}

/* A pipe holds so many pages, or parts of pages. */
static uint64_t rounds(uint64_t at, uint64_t bytes)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), slots_bytes = PIPE_BYTES / 4096 * page;

    return (at % page + bytes + slots_bytes - 1) / slots_bytes;
}

static uint64_t all_rounds(const struct bm_job *job)
{
    struct bm_job untimed = job_untimed(job);
    uint64_t sum = 0;

    if (job->chunk_bytes <= PIPE_BYTES / 2)
        return chunk_count(job);
    FOR_EACH_CHUNK(chunk, &untimed)
        sum += rounds(chunk.at, chunk.bytes);
    return sum;
}

static int fill_by_splice(struct bm_sample *sample)
{
    int in = sample->pipe[1], out = sample->pipe[0], fd = sample->fd, error;
    char *to = sample->buffer;
    uint64_t sum = 0;

    FOR_EACH_CHUNK(chunk, sample->job) {
        if ((error = seek_to(sample->job, fd, chunk.at)) != 0)
            return error;
        ssize_t taken = splice(fd, NULL, in, NULL, chunk.bytes, SPLICE_F_MOVE);
        if (taken == (ssize_t)chunk.bytes) {
            ssize_t got = read(out, to, chunk.bytes);
            error = got == taken ? 0 : read_out_rest(out, to, chunk.bytes, got);
        } else {
            error = splice_rest(sample, chunk.bytes, taken);
        }
        if (error != 0)
            return error;
        sum += sum_words(to, chunk.bytes);
        compiler_barrier();
    }
    sample->sum = sum;
    sample->calls += 2 * all_rounds(sample->job);
    if (seeks(sample->job))
        sample->calls += chunk_count(sample->job);
    return 0;
}

KERNEL(ReadSplice, "splice() of each chunk into a 1 MiB pipe, read() from there",
       BUFFER_READER(0, bm_open_pipe, fill_by_splice, bm_close_pipe));
