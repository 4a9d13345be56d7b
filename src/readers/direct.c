/* SPDX-License-Identifier: Apache-2.0
 * O_DIRECT: from the device to the buffer, without the page cache. */
#include "loops.h"

#ifndef LIST_WALK
#define ALIGNMENT_MAX_BYTES 4096

/* The smallest power of two from 512 on that is taken. */
static int find_alignment(const struct bm_sample *sample, uint64_t *bytes)
{
    uint64_t size = sample->job->file_size_bytes;

    for (*bytes = 512; *bytes <= ALIGNMENT_MAX_BYTES; *bytes *= 2) {
        ssize_t got = pread(sample->fd, sample->buffer, *bytes, (off_t)(size - *bytes));
        if (got == (ssize_t)*bytes)
            return 0;
        if (got < 0 && errno != EINVAL)
            return -errno;
    }
    return -EINVAL;
}

static int try_direct(struct bm_sample *sample, uint64_t *bytes, char *reason)
{
    int error = bm_open_file(sample);

    if (error == 0)
        error = find_alignment(sample, bytes);
    if (error == -EINVAL)
        return bm_refuse(reason, "no read of up to %d bytes with O_DIRECT is taken",
                         ALIGNMENT_MAX_BYTES);
    if (error == 0)
        error = bm_file_is_cached(sample->fd, sample->job->file_size_bytes);
    return error == 1 ? bm_refuse(reason, "O_DIRECT is taken, but goes through the page cache")
                      : error;
}

int bm_probe_direct_read(struct bm_sample *sample, struct bm_limits *limits, char *reason)
{
    struct bm_job job = *sample->job;
    uint64_t bytes = 0;

    job.state = BM_FILE_STATE_COLD;
    int error = bm_kernel_prepare(sample->kernel, &job);
    if (error == -EBUSY)
        return bm_refuse(reason, "a file system in memory is the page cache");
    if (error == 0)
        error = bm_buffer_create(sample);
    if (error == 0)
        error = try_direct(sample, &bytes, reason);
    bm_buffer_destroy(sample);
    bm_close_file(sample);
    bm_job_remove(&job);
    if (error == 0)
        limits->chunk_multiple_bytes = limits->size_multiple_bytes = bytes;
    return error;
}
#endif

KERNEL(ReadDirect, "read() of each chunk of a file opened with O_DIRECT",
       BUFFER_READER(O_DIRECT, NULL, fill_by_read, NULL), .probe = bm_probe_direct_read);
