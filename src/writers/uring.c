/* SPDX-License-Identifier: Apache-2.0
 *
 * io_uring with a queue of 32: filled up, submitted with one call that waits for all of it, every
 * completion looked at. A short write is submitted again from where it stopped. */
#include "loops.h"

#include <linux/capability.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define DEPTH 32U

#ifdef HAVE_LIBURING
#include <liburing.h>

/* Pages of locked memory for the ring itself, which newer Linux versions count, and for rings that
 * are still being taken down. */
#define RING_PAGES 8

struct queue {
    struct io_uring ring;
    struct io_uring_sqe *last; /* the newest, where they are linked */
};

/* Since Linux 6.1 a ring costs less to which one thread submits, and whose completions run when
 * that thread waits. There are twice the places that are needed, so that a kick (see below) never
 * takes that of a write that is still under way. */
static int set_up_ring(struct io_uring *ring)
{
#if defined(IORING_SETUP_SINGLE_ISSUER) && defined(IORING_SETUP_DEFER_TASKRUN)
    int error = io_uring_queue_init(2 * DEPTH, ring,
                                    IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN);

    if (error != -EINVAL)
        return error;
#endif
    return io_uring_queue_init(2 * DEPTH, ring, 0);
}

/* One call sets the ring up, two map its parts. */
static int open_queue(struct bm_sample *sample)
{
    struct queue *queue = sample->handle;
    int error = set_up_ring(&queue->ring);

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
    sample->handle = queue;
    return 0;
}

static int free_queue(struct bm_sample *sample)
{
    free(sample->handle);
    sample->handle = NULL;
    return 0;
}

enum how { PLAIN, FIXED };

/* An entry stays readable until its place is used again, which is after all of the queue has
 * completed: the completion finds in it what had been asked for. */
static inline void put(struct queue *queue, enum how how, int fd, const char *from, unsigned bytes,
                       uint64_t at, unsigned flags)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&queue->ring);

    if (how == FIXED) {
        io_uring_prep_write_fixed(sqe, 0, from, bytes, at, 0);
        flags |= IOSQE_FIXED_FILE;
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
static inline int submit_and_wait(struct io_uring *ring, unsigned waiting)
{
    struct __kernel_timespec limit = {.tv_sec = 1};
    struct io_uring_cqe *first;
    unsigned kicks = 0;

    do {
        int got = io_uring_submit_and_wait_timeout(ring, &first, waiting + kicks, &limit, NULL);
        if (got < 0 && got != -EINTR && got != -ETIME)
            return got;
        if (got != -ETIME || io_uring_cq_ready(ring) >= waiting + kicks)
            continue;
        if (++kicks > DEPTH)
            return -ETIMEDOUT;
        kick(ring);
    } while (io_uring_cq_ready(ring) < waiting + kicks);
    return 0;
}

/* Submits the requests in the queue, `waiting` of them, and waits for all. Those that have not been
 * done, or not in full, go to `rest`. The last has none to be linked to. */
static inline int submit(struct queue *queue, unsigned waiting, unsigned flags,
                         struct request rest[DEPTH], unsigned *rests)
{
    struct io_uring_cqe *cqe;
    unsigned head;
    int error;

    *rests = 0;
    if (flags & IOSQE_IO_LINK)
        queue->last->flags &= (uint8_t)~IOSQE_IO_LINK;
    error = submit_and_wait(&queue->ring, waiting);
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

/* And again until nothing is left, in the order of the places in the file. */
OUT_OF_THE_WAY static int submit_rest(struct queue *queue, enum how how, int fd, unsigned flags,
                                      struct request rest[DEPTH], unsigned rests)
{
    int error = 0;

    while (rests > 0 && error == 0) {
        qsort(rest, rests, sizeof rest[0], by_place);
        for (unsigned i = 0; i < rests; i++)
            put(queue, how, fd, rest[i].from, rest[i].bytes, rest[i].at, flags);
        error = submit(queue, rests, flags, rest, &rests);
    }
    return error;
}

static inline int flush(struct queue *queue, unsigned used, enum how how, int fd, unsigned flags)
{
    struct request rest[DEPTH];
    unsigned rests = 0;
    int error = used > 0 ? submit(queue, used, flags, rest, &rests) : 0;

    return error == 0 && rests > 0 ? submit_rest(queue, how, fd, flags, rest, rests) : error;
}

static inline int fill(struct bm_sample *sample, enum how how, unsigned flags)
{
    struct queue *queue = sample->handle;
    unsigned used = 0;
    int error, fd = sample->fd;

    FOR_EACH_CHUNK(chunk, sample->job) {
        put(queue, how, fd, chunk.from, (unsigned)chunk.bytes, chunk.at, flags);
        if (++used == DEPTH) {
            error = flush(queue, used, how, fd, flags);
            if (error != 0)
                return error;
            used = 0;
        }
    }
    sample->calls += (chunk_count(sample->job) + DEPTH - 1) / DEPTH;
    return flush(queue, used, how, fd, flags);
}

/* Chunks that are too large for one request, which holds less than 4 GiB. */
OUT_OF_THE_WAY static int fill_large(struct bm_sample *sample, enum how how, unsigned flags)
{
    struct queue *queue = sample->handle;
    unsigned used = 0;
    int error = 0, fd = sample->fd;

    FOR_EACH_CHUNK(chunk, sample->job) {
        for (uint64_t done = 0; done < chunk.bytes && error == 0;) {
            unsigned bytes = (unsigned)chunk_min(chunk.bytes - done, CALL_MAX_BYTES);
            put(queue, how, fd, chunk.from + done, bytes, chunk.at + done, flags);
            done += bytes;
            if (++used == DEPTH) {
                error = flush(queue, used, how, fd, flags);
                used = 0;
            }
        }
        if (error != 0)
            return error;
    }
    sample->calls += (bm_write_calls(sample->job) + DEPTH - 1) / DEPTH;
    return flush(queue, used, how, fd, flags);
}

/* With O_DSYNC a write completes when it is durable; a link starts the next only then. */
static INLINED int fill_any(struct bm_sample *sample, enum how how, bool each)
{
    unsigned flags = each ? IOSQE_IO_LINK : 0;

    return sample->job->chunk_bytes > CALL_MAX_BYTES ? fill_large(sample, how, flags)
                                                     : fill(sample, how, flags);
}

static int fill_plain(struct bm_sample *sample) { return fill_any(sample, PLAIN, false); }
static int fill_fixed(struct bm_sample *sample) { return fill_any(sample, FIXED, false); }
static int fill_plain_each(struct bm_sample *sample) { return fill_any(sample, PLAIN, true); }
static int fill_fixed_each(struct bm_sample *sample) { return fill_any(sample, FIXED, true); }

/* Whether that memory can be registered now, and this many pages more. */
static bool can_register(const void *memory, uint64_t bytes, unsigned more)
{
    struct iovec buffers[1 + RING_PAGES];
    struct io_uring ring;
    bool can = io_uring_queue_init(1, &ring, 0) == 0;

    buffers[0] = (struct iovec){.iov_base = (void *)(uintptr_t)memory, .iov_len = bytes};
    for (unsigned i = 1; i <= more; i++) /* the first page counts again each time */
        buffers[i] = (struct iovec){.iov_base = buffers[0].iov_base, .iov_len = 1};
    if (can) {
        can = io_uring_register_buffers(&ring, buffers, 1 + more) == 0;
        if (can)
            io_uring_unregister_buffers(&ring);
        io_uring_queue_exit(&ring);
    }
    return can;
}

static bool can_register_fresh(uint64_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    bool can = memory != MAP_FAILED && can_register(memory, bytes, 0);

    if (memory != MAP_FAILED)
        munmap(memory, bytes);
    return can;
}

/* Pinned memory counts against RLIMIT_MEMLOCK without this privilege. Root of a container seems to
 * have it, and has not. */
static bool seems_privileged(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{0}};

    return syscall(SYS_capget, &header, data) == 0 && (data[0].effective >> CAP_IPC_LOCK & 1);
}

/* Linux takes a ring down in the background. Until then its memory stays locked, and so does the
 * buffer where a worker has handled a request. The wait for that is not timed; if it takes longer,
 * registering fails and says so. */
static int allocate_fixed_queue(struct bm_sample *sample)
{
    const struct bm_job *job = sample->job;
    const struct timespec pause = {.tv_nsec = 60000000};

    for (int tries = 0; tries < 20 && !seems_privileged(); tries++) {
        if (can_register(job->source, source_bytes(job), RING_PAGES))
            break;
        nanosleep(&pause, NULL);
    }
    return allocate_queue(sample);
}

static int open_fixed_queue(struct bm_sample *sample)
{
    struct iovec buffer = {.iov_base = (void *)(uintptr_t)sample->job->source,
                           .iov_len = source_bytes(sample->job)};
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
static int close_fixed_queue(struct bm_sample *sample)
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
    int error = io_uring_queue_init(DEPTH, &ring, 0);

    (void)sample, (void)limits;
    if (error != 0)
        return explain(error, reason);
    io_uring_queue_exit(&ring);
    return 0;
}

#define BUFFER_MAX_BYTES ((uint64_t)1 << 30) /* Linux's limit for one */
#define TRIAL_MAX_BYTES ((uint64_t)16 << 20)

/* Whether the process is privileged cannot be seen for certain, so a little more than the limit is
 * tried. */
static uint64_t pinned_max(void)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), most;
    struct rlimit locked;

    if (getrlimit(RLIMIT_MEMLOCK, &locked) < 0 || locked.rlim_cur >= BUFFER_MAX_BYTES)
        return UINT64_MAX;
    most = locked.rlim_cur / page * page;
    if (most < TRIAL_MAX_BYTES ? can_register_fresh(most + page) : seems_privileged())
        return UINT64_MAX;
    return most;
}

static int probe_fixed(struct bm_sample *sample, struct bm_limits *limits, char *reason)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    int error = probe_uring(sample, limits, reason);

    if (error != 0)
        return error;
    limits->source_max_bytes = BUFFER_MAX_BYTES;
    limits->pinned_max_bytes = pinned_max();
    limits->pinned_extra_bytes = RING_PAGES * page;
    if (limits->pinned_max_bytes < limits->pinned_extra_bytes + page)
        return bm_refuse(reason, "RLIMIT_MEMLOCK is too small to register anything");
    return 0;
}

#define URING_WRITER(allocate, open, fill, close, each)                                            \
    .open_flags = O_WRONLY, .prepare = allocate, .phase = FRAMED_PHASES(open, fill, close),        \
    .fill_each = each, .release = free_queue

#else /* without liburing the two are listed, and say why they cannot run */

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

#define probe_fixed probe_uring
#define URING_WRITER(allocate, open, fill, close, each)                                            \
    .open_flags = O_WRONLY, .phase = WRITE_PHASES(missing)
#endif

KERNEL(Uring, "io_uring writes of the chunks, 32 of them a system call",
       URING_WRITER(allocate_queue, open_queue, fill_plain, close_queue, fill_plain_each),
       .probe = probe_uring);

KERNEL(UringFixed, "Uring with a registered buffer and a registered file",
       URING_WRITER(allocate_fixed_queue, open_fixed_queue, fill_fixed, close_fixed_queue,
                    fill_fixed_each),
       .probe = probe_fixed);
