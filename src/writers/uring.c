/* SPDX-License-Identifier: Apache-2.0
 *
 * io_uring with a queue of 32, or as deep as the job says: filled up, submitted with one call that
 * waits for all of it, every completion looked at. A short write is submitted again from where it
 * stopped. */
#include "src/kernel/uring.h"

#include "loops.h"

#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifdef HAVE_LIBURING
/* Pages of locked memory for the ring itself, which newer Linux versions count, and for rings that
 * are still being taken down. */
#define RING_PAGES 16

static inline int fill(struct bm_sample *sample, enum how how, unsigned flags)
{
    struct queue *queue = sample->handle;
    unsigned used = 0, depth = queue->depth;
    int error, fd = sample->fd;

    FOR_EACH_CHUNK(chunk, sample->job) {
        put(queue, how, fd, chunk.from, (unsigned)chunk.bytes, chunk.at, flags);
        if (++used == depth) {
            error = flush(queue, used, how, fd, flags);
            if (error != 0)
                return error;
            used = 0;
        }
    }
    sample->calls += (chunk_count(sample->job) + depth - 1) / depth;
    return flush(queue, used, how, fd, flags);
}

/* Chunks that are too large for one request, which holds less than 4 GiB. */
OUT_OF_THE_WAY static int fill_large(struct bm_sample *sample, enum how how, unsigned flags)
{
    struct queue *queue = sample->handle;
    unsigned used = 0, depth = queue->depth;
    int error = 0, fd = sample->fd;

    FOR_EACH_CHUNK(chunk, sample->job) {
        for (uint64_t done = 0; done < chunk.bytes && error == 0;) {
            unsigned bytes = (unsigned)chunk_min(chunk.bytes - done, CALL_MAX_BYTES);
            put(queue, how, fd, chunk.from + done, bytes, chunk.at + done, flags);
            done += bytes;
            if (++used == depth) {
                error = flush(queue, used, how, fd, flags);
                used = 0;
            }
        }
        if (error != 0)
            return error;
    }
    sample->calls += (bm_write_calls(sample->job) + depth - 1) / depth;
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

#define URING_WRITER(access, allocate, open, fill, close, each)                                    \
    .flags = KERNEL_QUEUES, .open_flags = access, .prepare = allocate,                             \
    .phase = FRAMED_PHASES(open, fill, close), .fill_each = each, .release = free_queue

#else
#define probe_fixed probe_uring
#define URING_WRITER(access, allocate, open, fill, close, each)                                    \
    .flags = KERNEL_QUEUES, .open_flags = access, .phase = WRITE_PHASES(missing)
#endif

KERNEL(Uring, "io_uring writes of the chunks, 32 of them a system call",
       URING_WRITER(O_WRONLY, allocate_queue, open_queue, fill_plain, close_queue, fill_plain_each),
       .probe = probe_uring);

KERNEL(UringFixed, "Uring with a registered buffer and a registered file",
       URING_WRITER(O_WRONLY, allocate_fixed_queue, open_fixed_queue, fill_fixed, close_fixed_queue,
                    fill_fixed_each),
       .probe = probe_fixed);

static int probe_direct(struct bm_sample *sample, struct bm_limits *limits, char *reason)
{
    int error = probe_fixed(sample, limits, reason);

    return error != 0 ? error : bm_probe_direct_write(sample, limits, reason);
}

KERNEL(UringDirect, "UringFixed to a file opened with O_DIRECT: 32 writes under way at once",
       URING_WRITER(O_RDWR | O_DIRECT, allocate_fixed_queue, open_fixed_queue, fill_fixed,
                    close_fixed_queue, fill_fixed_each),
       .probe = probe_direct);
