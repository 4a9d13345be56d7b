/* SPDX-License-Identifier: Apache-2.0
 * What is written (no page of zeros, nothing that a file system or a device could compress), and
 * whether the file holds it afterwards. */
#include "kernel.h"
#include "peer.h"

#include "src/base/random.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int bm_source_create(size_t bytes, void **source)
{
    uint64_t state = 0;
    char *to = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (to == MAP_FAILED)
        return -ENOMEM;
    /* No huge pages, whatever the machine's setting: the source is the same everywhere, and a huge
     * page of which a part is registered with io_uring would count whole against RLIMIT_MEMLOCK. A
     * Linux without huge pages refuses the call, which changes nothing. */
    (void)madvise(to, bytes, MADV_NOHUGEPAGE);
    for (size_t at = 0; at < bytes; at += sizeof state) {
        uint64_t value = random_splitmix(&state);
        memcpy(to + at, &value, bytes - at < sizeof value ? bytes - at : sizeof value);
    }
    *source = to;
    return 0;
}

void bm_source_destroy(void *source, size_t bytes)
{
    if (source != NULL)
        munmap(source, bytes);
}

/* The part of the job's file that starts at `at`, up to the end of its chunk. */
static const char *chunk_part(const struct bm_job *job, uint64_t at, size_t *bytes)
{
    uint64_t index = at / job->chunk_bytes, into = at % job->chunk_bytes;

    *bytes = (size_t)chunk_min(job->chunk_bytes - into, *bytes);
    return (const char *)job->source + index * job->source_stride_bytes + into;
}

void bm_job_bytes(const struct bm_job *job, uint64_t at, char *to, size_t bytes)
{
    for (size_t done = 0, part; done < bytes; done += part) {
        part = bytes - done;
        const char *from = chunk_part(job, at + done, &part);
        memcpy(to + done, from, part);
    }
}

uint64_t bm_job_trips(const struct bm_job *job)
{
    enum { LEAST = 10, MOST = 1000 };
    uint64_t chunks = chunk_count(job);

    return job->mode != BM_MODE_ROUNDTRIP ? 0 : chunks < LEAST ? LEAST : chunk_min(chunks, MOST);
}

/* Both look at each chunk. */
static uint64_t sum_of_trips(const struct bm_job *job)
{
    uint64_t sum = 0;

    for (struct bm_trip trip = bm_trip_first(job); trip.left > 0; bm_trip_next(&trip))
        sum += 2 * sum_words(trip.from, trip.bytes);
    return sum;
}

uint64_t bm_job_sum(const struct bm_job *job)
{
    uint64_t full = job->file_size_bytes / job->chunk_bytes, sum = 0;

    if (job->mode == BM_MODE_ROUNDTRIP)
        return sum_of_trips(job);
    if (job->chunks == NULL && job->source_stride_bytes == 0)
        return full * sum_words(job->source, job->chunk_bytes) +
               sum_words(job->source, job->file_size_bytes % job->chunk_bytes);
    for (uint64_t i = 0; job->chunks != NULL && i < job->chunk_count; i++)
        sum += sum_words((const char *)job->source +
                             (job->source_stride_bytes != 0 ? job->chunks[i].offset_bytes : 0),
                         job->chunks[i].bytes);
    if (job->chunks == NULL)
        FOR_EACH_CHUNK(chunk, job)
            sum += sum_words(chunk.from, chunk.bytes);
    return sum;
}

#define PIECE_BYTES ((size_t)1 << 20)

/* Compares `bytes` of the file at `at` with the chunks that belong there: the index of the first
 * byte that differs, or `bytes`. */
static size_t compare_piece(const char *piece, size_t bytes, uint64_t at, const struct bm_job *job)
{
    for (size_t done = 0, part; done < bytes; done += part) {
        part = bytes - done;
        const char *expected = chunk_part(job, at + done, &part);
        if (memcmp(piece + done, expected, part) != 0) {
            while (piece[done] == *expected++)
                done++;
            return done;
        }
    }
    return bytes;
}

static int compare_file(int fd, const struct bm_job *job, char *piece, uint64_t *offset_bytes)
{
    uint64_t at = 0;

    while (at < job->file_size_bytes) {
        ssize_t got = pread(fd, piece, PIECE_BYTES, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        size_t bytes = (size_t)chunk_min((uint64_t)got, job->file_size_bytes - at);
        size_t same = compare_piece(piece, bytes, at, job);
        at += same;
        if (got == 0 || same < bytes) {
            *offset_bytes = at;
            return -EBADMSG;
        }
        if (bm_is_cancelled())
            return -ECANCELED;
    }
    return 0;
}

int bm_kernel_verify(const struct bm_kernel *kernel, const struct bm_job *job,
                     uint64_t *offset_bytes)
{
    uint64_t unused;
    struct stat status;
    char *piece;
    int fd, error;

    if (!bm_kernel_has_file(kernel))
        return 0;
    if (offset_bytes == NULL)
        offset_bytes = &unused;
    fd = openat(job->dir_fd, job->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return -errno;
    piece = malloc(PIECE_BYTES);
    error = piece == NULL ? -ENOMEM : compare_file(fd, job, piece, offset_bytes);
    if (error == 0 && fstat(fd, &status) < 0)
        error = -errno;
    if (error == 0 && (uint64_t)status.st_size != job->file_size_bytes) {
        *offset_bytes = job->file_size_bytes;
        error = -EBADMSG;
    }
    free(piece);
    close(fd);
    return error;
}
