/* SPDX-License-Identifier: Apache-2.0
 *
 * io_uring with a queue of 32, or as deep as the job says: filled up, submitted with one call that
 * waits for all of it, every completion looked at. A short write or read is submitted again from
 * where it stopped. */
#ifndef BENCH_MMAP_KERNEL_URING_H
#define BENCH_MMAP_KERNEL_URING_H

#include "kernel.h"

#include <stdlib.h>

#ifdef HAVE_LIBURING
#include <liburing.h>

struct queue {
    struct io_uring ring;
    unsigned depth;
    struct io_uring_sqe *last; /* the newest, where they are linked */
};

/* Since Linux 6.1 a ring costs less to which one thread submits, and whose completions run when
 * that thread waits. There are BM_DEPTH places more than are needed, so that a kick (see
 * below) never takes that of a write that is still under way. */
static int set_up_ring(struct io_uring *ring, unsigned depth)
{
#if defined(IORING_SETUP_SINGLE_ISSUER) && defined(IORING_SETUP_DEFER_TASKRUN)
    int error = io_uring_queue_init(depth + BM_DEPTH, ring,
                                    IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN);

    if (error != -EINVAL)
        return error;
#endif
    return io_uring_queue_init(depth + BM_DEPTH, ring, 0);
}

/* One call sets the ring up, two map its parts. */
static int open_queue(struct bm_sample *sample)
{
    struct queue *queue = sample->handle;
    int error = set_up_ring(&queue->ring, queue->depth);

    sample->calls += 3;
    if (error != 0)
        queue->ring.ring_fd = -1;
    return error;
}

static int close_queue(struct bm_sample *sample)
{
    struct queue *queue = sample->handle;

    if (queue == NULL || queue->ring.ring_fd < 0)
        return 0;
    io_uring_queue_exit(&queue->ring);
    queue->ring.ring_fd = -1;
    sample->calls += 3;
    return 0;
}

static int allocate_queue(struct bm_sample *sample)
{
    struct queue *queue = calloc(1, sizeof *queue);

    if (queue == NULL)
        return -ENOMEM;
    queue->ring.ring_fd = -1;
    queue->depth = sample->job->depth > 0 ? sample->job->depth : BM_DEPTH;
    sample->handle = queue;
    return 0;
}

static int free_queue(struct bm_sample *sample)
{
    free(sample->handle);
    sample->handle = NULL;
    return 0;
}

enum how { PLAIN, FIXED, READING };

/* An entry stays readable until its place is used again, which is after all of the queue has
 * completed: the completion finds in it what had been asked for. */
static inline void put(struct queue *queue, enum how how, int fd, const char *from, unsigned bytes,
                       uint64_t at, unsigned flags)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&queue->ring);

    if (how == FIXED) {
        io_uring_prep_write_fixed(sqe, 0, from, bytes, at, 0);
        flags |= IOSQE_FIXED_FILE;
    } else if (how == READING) {
        io_uring_prep_read(sqe, fd, (void *)(uintptr_t)from, bytes, at);
    } else {
        io_uring_prep_write(sqe, fd, from, bytes, at);
    }
    sqe->flags = (uint8_t)flags;
    io_uring_sqe_set_data(sqe, sqe);
    if (flags & IOSQE_IO_LINK)
        queue->last = sqe;
}

/* What is to be asked for again. */
struct request {
    const char *from;
    uint64_t at;
    unsigned bytes; /* 0: nothing */
};

/* A completion that is not the whole of its request. A link that a short write has broken cancels
 * what is behind it: that is asked for again too. */
OUT_OF_THE_WAY static int look_at(const struct io_uring_cqe *cqe, struct request *rest)
{
    const struct io_uring_sqe *sqe = io_uring_cqe_get_data(cqe);
    unsigned done = cqe->res > 0 ? (unsigned)cqe->res : 0;

    if (cqe->res == 0)
        return -EIO;
    if (cqe->res < 0 && cqe->res != -ECANCELED && cqe->res != -EINTR && cqe->res != -EAGAIN)
        return cqe->res;
    *rest = (struct request){.from = (const char *)(uintptr_t)sqe->addr + done,
                             .at = sqe->off + done,
                             .bytes = sqe->len - done};
    return 0;
}

/* Makes Linux's io_uring workers look at their queue: Linux 6.18 was seen to leave writes there for
 * ever. The request completes with 0, as a write of nothing does. */
OUT_OF_THE_WAY static void kick(struct io_uring *ring)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_prep_nop(sqe);
    sqe->flags = IOSQE_ASYNC;
    io_uring_sqe_set_data(sqe, sqe);
}

/* One call normally. It may come back early, when a signal or the time limit ends it: nothing is
 * submitted again then, only waited for. */
static inline int submit_and_wait(struct queue *queue, unsigned waiting)
{
    struct io_uring *ring = &queue->ring;
    struct __kernel_timespec limit = {.tv_sec = 1};
    struct io_uring_cqe *first;
    unsigned kicks = 0;

    do {
        int got = io_uring_submit_and_wait_timeout(ring, &first, waiting + kicks, &limit, NULL);
        if (got < 0 && got != -EINTR && got != -ETIME)
            return got;
        if (got != -ETIME || io_uring_cq_ready(ring) >= waiting + kicks)
            continue;
        if (++kicks > BM_DEPTH)
            return -ETIMEDOUT;
        kick(ring);
    } while (io_uring_cq_ready(ring) < waiting + kicks);
    return 0;
}

/* Submits the requests in the queue, `waiting` of them, and waits for all. Those that have not been
 * done, or not in full, go to `rest`. The last has none to be linked to. */
static inline int submit(struct queue *queue, unsigned waiting, unsigned flags,
                         struct request rest[BM_DEPTH_MOST], unsigned *rests)
{
    struct io_uring_cqe *cqe;
    unsigned head;
    int error;

    *rests = 0;
    if (flags & IOSQE_IO_LINK)
        queue->last->flags &= (uint8_t)~IOSQE_IO_LINK;
    error = submit_and_wait(queue, waiting);
    if (error != 0)
        return error;
    io_uring_for_each_cqe(&queue->ring, head, cqe)
    {
        const struct io_uring_sqe *sqe = io_uring_cqe_get_data(cqe);
        if (cqe->res == (int)sqe->len)
            continue;
        int result = look_at(cqe, &rest[*rests]);
        *rests += result == 0;
        error = error != 0 ? error : result;
    }
    io_uring_cq_advance(&queue->ring, io_uring_cq_ready(&queue->ring));
    return error;
}

static int by_place(const void *a, const void *b)
{
    const struct request *x = a, *y = b;

    return (x->at > y->at) - (x->at < y->at);
}

/* So often a request is made once more of which nothing has been done. */
enum { IDLE_TRIES = 1000 };

/* And again until nothing is left, in the order of the places in the file. */
OUT_OF_THE_WAY static int submit_rest(struct queue *queue, enum how how, int fd, unsigned flags,
                                      struct request rest[BM_DEPTH_MOST], unsigned rests)
{
    uint64_t left = UINT64_MAX;
    unsigned idle = 0;
    int error = 0;

    while (rests > 0 && error == 0) {
        uint64_t before = left;
        left = 0;
        qsort(rest, rests, sizeof rest[0], by_place);
        for (unsigned i = 0; i < rests; i++) {
            put(queue, how, fd, rest[i].from, rest[i].bytes, rest[i].at, flags);
            left += rest[i].bytes;
        }
        error = submit(queue, rests, flags, rest, &rests);
        idle = left < before ? 0 : idle + 1;
        if (idle > IDLE_TRIES)
            return error != 0 ? error : -EAGAIN;
    }
    return error;
}

static inline int flush(struct queue *queue, unsigned used, enum how how, int fd, unsigned flags)
{
    struct request rest[BM_DEPTH_MOST];
    unsigned rests = 0;
    int error = used > 0 ? submit(queue, used, flags, rest, &rests) : 0;

    return error == 0 && rests > 0 ? submit_rest(queue, how, fd, flags, rest, rests) : error;
}

static int explain(int error, char *reason)
{
    if (error == -EPERM || error == -EACCES)
        return bm_refuse(
            reason, "io_uring is switched off (kernel.io_uring_disabled, or a seccomp filter)");
    if (error == -ENOSYS)
        return bm_refuse(reason, "Linux, or a seccomp filter, has no io_uring");
    if (error == -ENOMEM)
        return bm_refuse(reason, "no locked memory is left for a ring (RLIMIT_MEMLOCK)");
    return error;
}

static int probe_uring(struct bm_sample *sample, struct bm_limits *limits, char *reason)
{
    struct io_uring ring;
    int error = io_uring_queue_init(BM_DEPTH, &ring, 0);

    (void)sample, (void)limits;
    if (error != 0)
        return explain(error, reason);
    io_uring_queue_exit(&ring);
    return 0;
}

#else /* without liburing the kernels are listed, and say why they cannot run */

static int missing(struct bm_sample *sample)
{
    (void)sample;
    return -ENOSYS;
}

static int probe_uring(struct bm_sample *sample, struct bm_limits *limits, char *reason)
{
    (void)sample, (void)limits;
    return bm_refuse(reason, "built without liburing");
}

#endif

#endif
