/* SPDX-License-Identifier: Apache-2.0
 *
 * io_uring with a queue of 32: filled up, submitted with one call that waits for all of it, every
 * completion looked at. A short write is submitted again from where it stopped. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "kernel.h"

#define DEPTH 32U

#ifdef HAVE_LIBURING
#include <liburing.h>

/* Of locked memory, for the ring itself (newer kernels count it) and those that are on their way
 * out. */
#define RING_PAGES 8

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

/* Submits all that is not done, waits for all of it, and again until nothing is left. */
static inline int flush(struct queue *queue, enum how how, int fd, unsigned flags)
{
    unsigned left = queue->used;

    while (left > 0) {
        unsigned waiting = 0, last = 0, head, seen = 0;
        struct io_uring_cqe *cqe;
        int error = 0, got;
        for (unsigned i = 0; i < queue->used; i++) {
            if (queue->requests[i].bytes > 0)
                last = i;
        }
        for (unsigned i = 0; i < queue->used; i++) {
            if (queue->requests[i].bytes > 0) {
                put(queue, how, fd, i, i == last ? flags & ~(unsigned)IOSQE_IO_LINK : flags);
                waiting++;
            }
        }
        do
            got = io_uring_submit_and_wait(&queue->ring, waiting);
        while (got == -EINTR);
        if (got < 0)
            return got;
        io_uring_for_each_cqe(&queue->ring, head, cqe)
        {
            int result = take(queue, cqe, &left);
            error = error != 0 ? error : result;
            seen++;
        }
        io_uring_cq_advance(&queue->ring, seen);
        if (error != 0)
            return error;
        if (seen < waiting)
            return -EIO;
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

    FOR_EACH_CHUNK(chunk, sample->job)
    {
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

/* Rings are taken down in the background, and keep their memory until then: also the buffer, where
 * a kernel thread has worked on a request. Not timed; if it takes longer, registering says so. */
static int allocate_fixed_queue(struct writer_sample *sample)
{
    const struct writer_job *job = sample->job;
    const struct timespec pause = {.tv_nsec = 60000000};

    for (int tries = 0; tries < 20 && !seems_privileged(); tries++) {
        if (can_register(job->source, registered_bytes(job), RING_PAGES))
            break;
        nanosleep(&pause, NULL);
    }
    return allocate_queue(sample);
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

#define BUFFER_MAX_BYTES ((uint64_t)1 << 30) /* the kernel's, for one buffer */
#define TRIAL_MAX_BYTES ((uint64_t)16 << 20)

/* Who is privileged is not to be seen for sure: more than the limit is tried. */
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

static int probe_fixed(struct writer_sample *sample, struct writer_limits *limits, char *reason)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    int error = probe_uring(sample, limits, reason);

    if (error != 0)
        return error;
    limits->source_max_bytes = BUFFER_MAX_BYTES;
    limits->pinned_max_bytes = pinned_max();
    limits->pinned_extra_bytes = RING_PAGES * page;
    if (limits->pinned_max_bytes < limits->pinned_extra_bytes + page)
        return refuse(reason, "RLIMIT_MEMLOCK is too small to register anything");
    return 0;
}

#else /* without liburing the two are listed, and say why they cannot run */

#define allocate_queue NULL
#define allocate_fixed_queue NULL
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
    .prepare = allocate_fixed_queue,
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
