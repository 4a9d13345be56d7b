/* SPDX-License-Identifier: Apache-2.0
 * Several chunks a call. */
#include "loops.h"

#include <limits.h>
#include <sys/uio.h>

#define GATHER_MAX_CHUNKS ((uint64_t)IOV_MAX)
#define GATHER_MAX_BYTES ((uint64_t)1 << 20)

/* How many chunks go into one call; a chunk larger than the most goes by itself. */
static uint64_t gathered_chunks(const struct bm_job *job)
{
    uint64_t chunks = chunk_min(GATHER_MAX_BYTES / job->chunk_bytes, GATHER_MAX_CHUNKS);

    return chunks > 0 ? chunks : 1;
}

static int create_buffer(struct bm_sample *sample)
{
    return bm_buffer_of(sample, gathered_chunks(sample->job) * sample->job->chunk_bytes);
}

/* Goes on behind what has been read: the buffers of the chunks lie side by side. */
OUT_OF_THE_WAY static int preadv_rest(const struct bm_sample *sample, uint64_t at, uint64_t bytes,
                                      ssize_t got)
{
    uint64_t done = 0;
    int error;

    while ((error = count_moved(got, &done)) == 0 && done < bytes)
        got = pread(sample->fd, sample->buffer + done, bytes - done, (off_t)(at + done));
    return error;
}

static int fill_by_preadv(struct bm_sample *sample)
{
    struct iovec vector[GATHER_MAX_CHUNKS];
    uint64_t most = gathered_chunks(sample->job), start = 0, sum = 0;
    int error, fd = sample->fd, count = 0;
    char *to = sample->buffer;

    FOR_EACH_CHUNK(chunk, sample->job) {
        vector[count++] = (struct iovec){.iov_base = to, .iov_len = chunk.bytes};
        to += chunk.bytes;
        if ((uint64_t)count < most && !chunk_is_last(&chunk))
            continue;
        uint64_t bytes = chunk.at + chunk.bytes - start;
        ssize_t got = preadv(fd, vector, count, (off_t)start);
        if (got != (ssize_t)bytes && (error = preadv_rest(sample, start, bytes, got)) != 0)
            return error;
        for (int i = 0; i < count; i++) {
            sum += sum_words(vector[i].iov_base, vector[i].iov_len);
            compiler_barrier();
        }
        start += bytes;
        to = sample->buffer;
        count = 0;
    }
    sample->sum = sum;
    sample->calls +=
        most == 1 ? bm_write_calls(sample->job) : (chunk_count(sample->job) + most - 1) / most;
    return 0;
}

KERNEL(ReadPreadv, "preadv() of chunks gathered up to IOV_MAX of them or 1 MiB a call",
       .kind = BM_KIND_READER, .flags = KERNEL_GATHERS, .open_flags = O_RDONLY,
       .prepare = create_buffer, .release = bm_buffer_destroy,
       .phase = {[BM_PHASE_CREATE] = bm_open_file,
                 [BM_PHASE_FILL] = fill_by_preadv,
                 [BM_PHASE_CLOSE] = bm_close_file});
