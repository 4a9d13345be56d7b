/* SPDX-License-Identifier: Apache-2.0
 * Vectors: several chunks a call, or flags that only the newer calls take. */
#include "loops.h"

#include <limits.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define GATHER_MAX_CHUNKS ((uint64_t)IOV_MAX)
#define GATHER_MAX_BYTES ((uint64_t)1 << 20)

/* Goes on in the vector behind what has been written. The vector is used up. */
OUT_OF_THE_WAY static int writev_rest(int fd, struct iovec *vector, int count, ssize_t wrote)
{
    for (;;) {
        uint64_t done = 0;
        int error = count_moved(wrote, &done);
        if (error != 0)
            return error;
        while (count > 0 && done >= vector->iov_len) {
            done -= vector->iov_len;
            vector++;
            count--;
        }
        if (count == 0)
            return 0;
        vector->iov_base = (char *)vector->iov_base + done;
        vector->iov_len -= done;
        wrote = writev(fd, vector, count);
    }
}

/* How many chunks go into one call; a chunk larger than the most goes by itself. */
static uint64_t gathered_chunks(const struct bm_job *job)
{
    uint64_t chunks = chunk_min(GATHER_MAX_BYTES / job->chunk_bytes, GATHER_MAX_CHUNKS);

    return chunks > 0 ? chunks : 1;
}

static int fill_by_writev(struct bm_sample *sample)
{
    struct iovec vector[GATHER_MAX_CHUNKS];
    uint64_t most = gathered_chunks(sample->job);
    uint64_t start = 0;
    int error, fd = sample->fd, count = 0;

    FOR_EACH_CHUNK(chunk, sample->job) {
        vector[count++] =
            (struct iovec){.iov_base = (void *)(uintptr_t)chunk.from, .iov_len = chunk.bytes};
        if ((uint64_t)count == most || chunk_is_last(&chunk)) {
            uint64_t end = chunk.at + chunk.bytes;
            ssize_t wrote = writev(fd, vector, count);
            if (wrote != (ssize_t)(end - start) &&
                (error = writev_rest(fd, vector, count, wrote)) != 0)
                return error;
            count = 0;
            start = end;
        }
    }
    sample->calls +=
        most == 1 ? bm_write_calls(sample->job) : (chunk_count(sample->job) + most - 1) / most;
    return 0;
}

KERNEL(Writev, "writev() of chunks gathered up to IOV_MAX of them or 1 MiB a call",
       .flags = KERNEL_GATHERS, .open_flags = O_WRONLY, .phase = WRITE_PHASES(fill_by_writev));

#ifndef RWF_DONTCACHE
#define RWF_DONTCACHE 0x00000080
#endif

/* musl has pwritev2() since 1.2.5 only. */
#ifndef __GLIBC__
#define pwritev2(fd, pieces, count, at, flags)                                                     \
    syscall(SYS_pwritev2, fd, pieces, (long)(count), (long)(at), (long)((uint64_t)(at) >> 32),     \
            flags)
#endif

static inline ssize_t call_dontcache(struct bm_ends ends, const char *from, uint64_t bytes,
                                     uint64_t at)
{
    struct iovec piece = {.iov_base = (void *)(uintptr_t)from, .iov_len = bytes};

    return pwritev2(ends.to, &piece, 1, (off_t)at, RWF_DONTCACHE);
}

static int fill_dontcache(struct bm_sample *sample)
{
    return fill_by_calls(sample, AT_OWN_OFFSET, call_dontcache);
}

static int probe_dontcache(struct bm_sample *sample, struct bm_limits *limits, char *reason)
{
    int error = bm_open_file(sample);

    (void)limits;
    if (error == 0)
        error = fill_dontcache(sample);
    bm_close_file(sample);
    bm_job_remove(sample->job);
    if (bm_is_refusal(error))
        return bm_refuse(reason,
                         "pwritev2(RWF_DONTCACHE) needs Linux 6.14 and a file system that "
                         "knows it: %s",
                         strerror(-error));
    return error;
}

KERNEL(Dontcache, "pwritev2(RWF_DONTCACHE): written out at once, then dropped from the page cache",
       .open_flags = O_WRONLY, .phase = WRITE_PHASES(fill_dontcache), .probe = probe_dontcache);
