/* SPDX-License-Identifier: Apache-2.0
 *
 * io_uring with a queue of 32: filled up, submitted with one call that waits for all of it, every
 * completion looked at. A short write is submitted again from where it stopped. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "kernel.h"

#define DEPTH 32U

#ifdef HAVE_LIBURING
#include <liburing.h>

/* What is under way in one place of the queue. */
struct request {
    const char *from;
    uint64_t at;
    unsigned bytes; /* 0: nothing */
};

struct queue {
    struct io_uring ring;
    struct request requests[DEPTH];
    unsigned used;
};

/* The kernel may do less when one thread submits, and completes when that thread waits: 6.1. */
static int set_up_ring(struct io_uring *ring)
{
#if defined(IORING_SETUP_SINGLE_ISSUER) && defined(IORING_SETUP_DEFER_TASKRUN)
    int error =
        io_uring_queue_init(DEPTH, ring, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN);

    if (error != -EINVAL)
        return error;
#endif
    return io_uring_queue_init(DEPTH, ring, 0);
}

/* One call sets the ring up, two map its parts. */
static int open_queue(struct writer_sample *sample)
{
    struct queue *queue = sample->handle;
    int error = set_up_ring(&queue->ring);

    queue->used = 0;
    sample->calls += 3;
    if (error != 0)
        queue->ring.ring_fd = -1;
    return error;
}

static int close_queue(struct writer_sample *sample)
{
    struct queue *queue = sample->handle;

    if (queue == NULL || queue->ring.ring_fd < 0)
        return 0;
    io_uring_queue_exit(&queue->ring);
    queue->ring.ring_fd = -1;
    sample->calls += 3;
    return 0;
}

static int allocate_queue(struct writer_sample *sample)
{
    struct queue *queue = calloc(1, sizeof *queue);

    if (queue == NULL)
        return -ENOMEM;
    queue->ring.ring_fd = -1;
    sample->handle = queue;
    return 0;
}

static int free_queue(struct writer_sample *sample)
{
    free(sample->handle);
    sample->handle = NULL;
    return 0;
}

enum how { PLAIN, FIXED };

static void put(struct queue *queue, enum how how, int fd, unsigned index, unsigned flags)
{
    const struct request *request = &queue->requests[index];
    struct io_uring_sqe *sqe = io_uring_get_sqe(&queue->ring);

    if (how == FIXED) {
        io_uring_prep_write_fixed(sqe, 0, request->from, request->bytes, request->at, 0);
        flags |= IOSQE_FIXED_FILE;
    } else {
        io_uring_prep_write(sqe, fd, request->from, request->bytes, request->at);
    }
    io_uring_sqe_set_data64(sqe, index);
    io_uring_sqe_set_flags(sqe, flags);
}

/* Looks at one completion. A link that a short write has broken cancels what is behind it: that is
 * submitted again too. */
static int take(struct queue *queue, const struct io_uring_cqe *cqe, unsigned *left)
{
    struct request *request = &queue->requests[io_uring_cqe_get_data64(cqe)];

    if (cqe->res == -ECANCELED || cqe->res == -EINTR || cqe->res == -EAGAIN)
        return 0;
    if (cqe->res <= 0)
        return cqe->res < 0 ? cqe->res : -EIO;
    request->from += cqe->res;
    request->at += (unsigned)cqe->res;
    request->bytes -= (unsigned)cqe->res;
    *left -= request->bytes == 0;
    return 0;
}

/* Hands over all requests that are not done; returns how many. The last ends the link. */
static inline unsigned submit(struct queue *queue, enum how how, int fd, unsigned flags)
{
    unsigned waiting = 0, last = 0;

    for (unsigned i = 0; i < queue->used; i++) {
        if (queue->requests[i].bytes > 0)
            last = i;
    }
    for (unsigned i = 0; i <= last; i++) {
        if (queue->requests[i].bytes > 0) {
            put(queue, how, fd, i, i == last ? flags & ~(unsigned)IOSQE_IO_LINK : flags);
            waiting++;
        }
    }
    return waiting;
}

/* One call normally. It may come back early, when a signal or the time limit ends it: nothing is
 * submitted again then, only waited for. The limit is there because Linux 6.18 was seen to sleep
 * for ever in a ring with deferred task work, until the thread was made to look at its work. */
static inline int wait_for(struct queue *queue, unsigned waiting)
{
    struct __kernel_timespec limit = {.tv_sec = 1};
    struct io_uring_cqe *first;

    do {
        int got = io_uring_submit_and_wait_timeout(&queue->ring, &first, waiting, &limit, NULL);
        if (got < 0 && got != -EINTR && got != -ETIME)
            return got;
    } while (io_uring_cq_ready(&queue->ring) < waiting);
    return 0;
}

/* Submits all that is not done, waits for all of it, and again until nothing is left. */
static inline int flush(struct queue *queue, enum how how, int fd, unsigned flags)
{
    unsigned left = queue->used;

    while (left > 0) {
        unsigned head, waiting = submit(queue, how, fd, flags);
        struct io_uring_cqe *cqe;
        int error = wait_for(queue, waiting);

        if (error != 0)
            return error;
        io_uring_for_each_cqe(&queue->ring, head, cqe)
        {
            int result = take(queue, cqe, &left);
            error = error != 0 ? error : result;
        }
        io_uring_cq_advance(&queue->ring, waiting);
        if (error != 0)
            return error;
    }
    queue->used = 0;
    return 0;
}

/* A request holds less than 4 GiB: larger chunks are taken apart. */
static inline int fill(struct writer_sample *sample, enum how how, unsigned flags)
{
    struct queue *queue = sample->handle;
    uint64_t requests = 0;
    int error, fd = sample->fd;

    FOR_EACH_CHUNK (chunk, sample->job) {
        for (uint64_t done = 0; done < chunk.bytes;) {
            unsigned bytes = (unsigned)chunk_min(chunk.bytes - done, CALL_MAX_BYTES);
            queue->requests[queue->used++] =
                (struct request){.from = chunk.from + done, .at = chunk.at + done, .bytes = bytes};
            done += bytes;
            requests++;
            if (queue->used == DEPTH && (error = flush(queue, how, fd, flags)) != 0)
                return error;
        }
    }
    error = flush(queue, how, fd, flags);
    sample->calls += (requests + DEPTH - 1) / DEPTH;
    return error;
}

static int fill_plain(struct writer_sample *sample) { return fill(sample, PLAIN, 0); }
static int fill_fixed(struct writer_sample *sample) { return fill(sample, FIXED, 0); }

/* With O_DSYNC a write completes when it is durable; the link starts the next only then. */
static int fill_plain_each(struct writer_sample *sample)
{
    return fill(sample, PLAIN, IOSQE_IO_LINK);
}
static int fill_fixed_each(struct writer_sample *sample)
{
    return fill(sample, FIXED, IOSQE_IO_LINK);
}

static uint64_t registered_bytes(const struct writer_job *job)
{
    return job->source_stride_bytes == 0 ? job->chunk_bytes : job->file_size_bytes;
}

static int open_fixed_queue(struct writer_sample *sample)
{
    struct iovec buffer = {.iov_base = (void *)(uintptr_t)sample->job->source,
                           .iov_len = registered_bytes(sample->job)};
    struct queue *queue = sample->handle;
    int error = open_queue(sample);

    if (error != 0)
        return error;
    sample->calls += 2;
    error = io_uring_register_buffers(&queue->ring, &buffer, 1);
    if (error == 0)
        error = io_uring_register_files(&queue->ring, &sample->fd, 1);
    return error;
}

/* A ring goes away some time after it is closed, and until then it would keep the file open and the
 * memory pinned: they are taken from it before. */
static int close_fixed_queue(struct writer_sample *sample)
{
    struct queue *queue = sample->handle;

    if (queue == NULL || queue->ring.ring_fd < 0)
        return 0;
    sample->calls += 2;
    io_uring_unregister_files(&queue->ring);
    io_uring_unregister_buffers(&queue->ring);
    return close_queue(sample);
}

static int explain(int error, char *reason)
{
    if (error == -EPERM || error == -EACCES)
        return refuse(reason, "io_uring is switched off (kernel.io_uring_disabled, or a filter)");
    if (error == -ENOSYS)
        return refuse(reason, "the kernel, or a filter, has no io_uring");
    if (error == -ENOMEM)
        return refuse(reason, "no locked memory is left for a ring (RLIMIT_MEMLOCK)");
    return error;
}

static int probe_uring(struct writer_sample *sample, struct writer_limits *limits, char *reason)
{
    struct io_uring ring;
    int error = io_uring_queue_init(DEPTH, &ring, 0);

    (void)sample, (void)limits;
    if (error != 0)
        return explain(error, reason);
    io_uring_queue_exit(&ring);
    return 0;
}

/* Whether that much memory can be registered now. */
static bool can_register(uint64_t bytes)
{
    struct iovec buffer = {.iov_len = bytes};
    struct io_uring ring;
    bool can;

    buffer.iov_base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (buffer.iov_base == MAP_FAILED)
        return false;
    can = io_uring_queue_init(1, &ring, 0) == 0;
    if (can) {
        can = io_uring_register_buffers(&ring, &buffer, 1) == 0;
        if (can)
            io_uring_unregister_buffers(&ring);
        io_uring_queue_exit(&ring);
    }
    munmap(buffer.iov_base, bytes);
    return can;
}

#define BUFFER_MAX_BYTES ((uint64_t)1 << 30) /* the kernel's, for one buffer */
#define TRIAL_MAX_BYTES ((uint64_t)16 << 20)

/* A registered buffer is pinned, which counts against RLIMIT_MEMLOCK without privilege. Which user
 * has that is not to be seen from inside of a container: more than the limit is tried. */
static uint64_t pinned_max(void)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), most;
    struct rlimit locked;

    if (getrlimit(RLIMIT_MEMLOCK, &locked) < 0 || locked.rlim_cur >= BUFFER_MAX_BYTES)
        return UINT64_MAX;
    most = locked.rlim_cur / page * page;
    if (most < TRIAL_MAX_BYTES ? can_register(most + page) : geteuid() == 0)
        return UINT64_MAX;
    return most;
}

static int probe_fixed(struct writer_sample *sample, struct writer_limits *limits, char *reason)
{
    int error = probe_uring(sample, limits, reason);

    if (error != 0)
        return error;
    limits->source_max_bytes = BUFFER_MAX_BYTES;
    limits->pinned_max_bytes = pinned_max();
    if (limits->pinned_max_bytes < (uint64_t)sysconf(_SC_PAGESIZE))
        return refuse(reason, "RLIMIT_MEMLOCK lets no page be registered");
    return 0;
}

#else /* without liburing the two are listed, and say why they cannot run */

#define allocate_queue NULL
#define free_queue NULL
#define open_queue missing
#define open_fixed_queue missing
#define close_queue missing
#define close_fixed_queue missing
#define fill_plain missing
#define fill_fixed missing
#define fill_plain_each missing
#define fill_fixed_each missing
#define probe_fixed probe_uring

static int missing(struct writer_sample *sample)
{
    (void)sample;
    return -ENOSYS;
}

static int probe_uring(struct writer_sample *sample, struct writer_limits *limits, char *reason)
{
    (void)sample, (void)limits;
    return refuse(reason, "built without liburing");
}
#endif

const struct writer writer_Uring = {
    .name = "Uring",
    .summary = "io_uring writes of the chunks, 32 of them a system call",
    .open_flags = O_WRONLY,
    .prepare = allocate_queue,
    .phase = {[WRITER_CREATE] = open_file,
              [WRITER_MAP] = open_queue,
              [WRITER_FILL] = fill_plain,
              [WRITER_SYNC] = sync_file,
              [WRITER_UNMAP] = close_queue,
              [WRITER_CLOSE] = close_file},
    .fill_each = fill_plain_each,
    .release = free_queue,
    .probe = probe_uring,
};

const struct writer writer_UringFixed = {
    .name = "UringFixed",
    .summary = "Uring with a registered buffer and a registered file",
    .open_flags = O_WRONLY,
    .prepare = allocate_queue,
    .phase = {[WRITER_CREATE] = open_file,
              [WRITER_MAP] = open_fixed_queue,
              [WRITER_FILL] = fill_fixed,
              [WRITER_SYNC] = sync_file,
              [WRITER_UNMAP] = close_fixed_queue,
              [WRITER_CLOSE] = close_file},
    .fill_each = fill_fixed_each,
    .release = free_queue,
    .probe = probe_fixed,
};
