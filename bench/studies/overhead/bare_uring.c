/* SPDX-License-Identifier: Apache-2.0
 * io_uring: 32 writes a call, and every completion looked at. */
#include "bare.h"

#include <stdbool.h>
#include <sys/uio.h>

#ifdef HAVE_LIBURING
#include <liburing.h>

enum { DEPTH = 32 };

static int set_up(struct io_uring *ring)
{
#if defined(IORING_SETUP_SINGLE_ISSUER) && defined(IORING_SETUP_DEFER_TASKRUN)
    int error =
        io_uring_queue_init(DEPTH, ring, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN);

    if (error != -EINVAL)
        return error;
#endif
    return io_uring_queue_init(DEPTH, ring, 0);
}

/* Submits `count` requests, and wants each to have written what its user data says. */
static int submit(struct io_uring *ring, unsigned count)
{
    struct io_uring_cqe *cqe;
    unsigned head, seen = 0;
    int error = io_uring_submit_and_wait(ring, count);

    if (error < 0)
        return error;
    error = 0;
    io_uring_for_each_cqe(ring, head, cqe)
    {
        if (cqe->res != (int)cqe->user_data)
            error = cqe->res < 0 ? cqe->res : -EIO;
        seen++;
    }
    io_uring_cq_advance(ring, seen);
    return error == 0 && seen != count ? -EIO : error;
}

static BARE_INLINED int write_chunks(const struct bare_job *job, int fd, struct io_uring *ring,
                                     bool fixed)
{
    size_t size = job->file_bytes;

    for (size_t at = 0; at < size;) {
        unsigned count = 0;
        int error;
        for (; count < DEPTH && at < size; count++) {
            unsigned bytes = (unsigned)bare_least(size - at, job->chunk_bytes);
            struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
            if (fixed) {
                io_uring_prep_write_fixed(sqe, 0, job->source, bytes, at, 0);
                sqe->flags |= IOSQE_FIXED_FILE;
            } else {
                io_uring_prep_write(sqe, fd, job->source, bytes, at);
            }
            sqe->user_data = bytes;
            at += bytes;
        }
        error = submit(ring, count);
        if (error != 0)
            return error;
    }
    return 0;
}

/* Each chunk of a queue goes to a place of its own, and is added up when all are there. */
static int read_chunks(const struct bare_job *job, int fd, struct io_uring *ring)
{
    size_t size = job->file_bytes, most = bare_least(((size_t)32 << 20) / job->chunk_bytes, DEPTH);
    uint64_t sum = 0;

    for (size_t at = 0; at < size;) {
        size_t start = at;
        unsigned count = 0;
        for (; (count == 0 || count < most) && at < size; count++) {
            unsigned bytes = (unsigned)bare_least(size - at, job->chunk_bytes);
            struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
            io_uring_prep_read(sqe, fd, job->memory + (at - start), bytes, at);
            sqe->user_data = bytes;
            at += bytes;
        }
        int error = submit(ring, count);
        if (error != 0)
            return error;
        for (size_t done = start; !job->blind && done < at; done += job->chunk_bytes) {
            sum += bare_sum(job->memory + (done - start), bare_least(at - done, job->chunk_bytes));
            __asm__ volatile("" : : : "memory");
        }
    }
    bare_sink = sum;
    return 0;
}

static int read_file(const struct bare_job *job, int flags)
{
    int fd = bare_open(job, flags), error;
    struct io_uring ring;

    if (fd < 0)
        return fd;
    error = set_up(&ring);
    if (error == 0) {
        error = read_chunks(job, fd, &ring);
        io_uring_queue_exit(&ring);
    }
    return bare_close(fd, error);
}

static int bare_read_uring(const struct bare_job *job, int fd)
{
    (void)fd;
    return read_file(job, 0);
}

static int bare_read_uring_direct(const struct bare_job *job, int fd)
{
    (void)fd;
    return read_file(job, O_DIRECT);
}

static int bare_uring(const struct bare_job *job, int fd)
{
    struct io_uring ring;
    int error = set_up(&ring);

    if (error != 0)
        return error;
    error = write_chunks(job, fd, &ring, false);
    io_uring_queue_exit(&ring);
    return error;
}

static int bare_uring_fixed(const struct bare_job *job, int fd)
{
    struct iovec buffer = {.iov_base = (void *)(size_t)job->source, .iov_len = job->chunk_bytes};
    struct io_uring ring;
    int error = set_up(&ring);

    if (error != 0)
        return error;
    error = io_uring_register_buffers(&ring, &buffer, 1);
    if (error == 0)
        error = io_uring_register_files(&ring, &fd, 1);
    if (error == 0)
        error = write_chunks(job, fd, &ring, true);
    io_uring_unregister_files(&ring);
    io_uring_unregister_buffers(&ring);
    io_uring_queue_exit(&ring);
    return error;
}

#else /* the writers cannot run either */

static int bare_uring(const struct bare_job *job, int fd)
{
    (void)job, (void)fd;
    return -ENOSYS;
}
#define bare_uring_fixed bare_uring
#define bare_read_uring bare_uring
#define bare_read_uring_direct bare_uring
#endif

const struct bare_writer bare_uring_family[] = {
    {.name = "Uring", .open_flags = O_WRONLY, .write = bare_uring},
    {.name = "UringFixed", .open_flags = O_WRONLY, .write = bare_uring_fixed},
    {.name = "UringDirect", .open_flags = O_RDWR | O_DIRECT, .write = bare_uring_fixed},
    BARE_BUFFERED("ReadUring", bare_read_uring, bare_prepare_chunks),
    BARE_BUFFERED("ReadUringDirect", bare_read_uring_direct, bare_prepare_chunks),
    {.name = NULL},
};
