/* SPDX-License-Identifier: Apache-2.0
 * Channels: two processes that make the same calls on each chunk. The receiver is started before
 * the clock is read; what is timed ends when it has looked at all. */
#include "bare.h"

#include <linux/futex.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

enum { HEAD = 64, SPINS = 20000, RING = 1 << 20, PIECE = RING / 4, RING_HEAD = 65536 };

struct bare_channel {
    atomic_uint *state; /* of the receiver, in memory of both: 0, ready, done */
    pid_t sender, receiver;
    int fds[2];
    bool spins, is_split;
    char *shared;
    size_t shared_bytes, slot_bytes, next;
    uint64_t credits, at;
    char *buffer; /* of the receiver */
};
enum { READY = 1, DONE };
enum { EMPTY, FULL, WAITED_FOR };

static void futex(atomic_uint *word, int what, unsigned value)
{
    (void)syscall(SYS_futex, word, what, value, NULL, NULL, 0);
}

static inline void spin(unsigned *times)
{
    if (++*times > SPINS)
        sched_yield();
}

typedef int open_function(const struct bare_job *job, struct bare_channel *link);
typedef int serve_function(const struct bare_job *job);
typedef int send_function(struct bare_channel *link, const char *from, size_t bytes);
/* A piece of what is still to come: its bytes, or -errno. */
typedef ssize_t receive_function(struct bare_channel *link, size_t bytes, const char **data);
typedef int done_function(struct bare_channel *link, size_t bytes);

static int map_shared(struct bare_channel *link, int fd, size_t bytes)
{
    if (fd >= 0 && posix_fallocate(fd, 0, (off_t)bytes) != 0)
        return -ENOSPC;
    link->shared =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);
    link->shared_bytes = bytes;
    if (link->shared != MAP_FAILED)
        return 0;
    link->shared = NULL;
    return -errno;
}

/* As the kernels do: before the clock is read. */
static void touch(char *memory, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += 4096)
        atomic_fetch_or((atomic_char *)(memory + at), 0);
}

static _Noreturn void receive_all(struct bare_job *job, serve_function *serve)
{
    struct bare_channel *link = job->channel;

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (link->is_split)
        close(link->fds[1]);
    link->buffer = mmap(NULL, job->chunk_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    touch(link->shared, link->shared_bytes);
    if (link->buffer != MAP_FAILED)
        touch(link->buffer, job->chunk_bytes);
    atomic_store(link->state, READY);
    if (link->buffer == MAP_FAILED || getppid() != link->sender || serve(job) != 0)
        _exit(1);
    atomic_store(link->state, DONE);
    futex(link->state, FUTEX_WAKE, 1);
    for (;;)
        pause();
}

static int start(struct bare_job *job, open_function *open_link, serve_function *serve)
{
    struct bare_channel *link = calloc(1, sizeof *link);
    int error;

    if (link == NULL)
        return -ENOMEM;
    *link = (struct bare_channel){.sender = getpid(), .fds = {-1, -1}};
    job->channel = link;
    link->state = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    error = link->state == MAP_FAILED ? -ENOMEM : open_link(job, link);
    if (error != 0)
        return error;
    touch(link->shared, link->shared_bytes);
    link->receiver = fork();
    if (link->receiver == 0)
        receive_all(job, serve);
    if (link->receiver < 0)
        return -errno;
    (void)prctl(PR_SET_PTRACER, link->receiver);
    if (link->is_split)
        close(link->fds[0]);
    if (link->is_split)
        link->fds[0] = -1;
    while (atomic_load(link->state) != READY)
        if (waitpid(link->receiver, NULL, WNOHANG) != 0)
            return -EPIPE;
    return 0;
}

static void stop(struct bare_job *job)
{
    struct bare_channel *link = job->channel;

    if (link == NULL)
        return;
    if (link->receiver > 0 && kill(link->receiver, SIGKILL) == 0)
        waitpid(link->receiver, NULL, 0);
    for (int i = 0; i < 2; i++)
        if (link->fds[i] >= 0)
            close(link->fds[i]);
    if (link->shared != NULL)
        munmap(link->shared, link->shared_bytes);
    if (link->state != MAP_FAILED)
        munmap(link->state, 4096);
    free(link);
    job->channel = NULL;
}

static BARE_INLINED int send_chunks(const struct bare_job *job, send_function *send_chunk)
{
    struct bare_channel link = *job->channel;
    unsigned times = 0;
    size_t bytes;

    for (size_t left = job->file_bytes; left > 0; left -= bytes) {
        bytes = bare_least(left, job->chunk_bytes);
        int error = send_chunk(&link, job->source, bytes);
        if (error != 0)
            return error;
    }
    while (atomic_load(link.state) == READY) {
        if (link.spins)
            spin(&times);
        else
            futex(link.state, FUTEX_WAIT, READY);
    }
    return 0;
}

static BARE_INLINED int receive_chunks(const struct bare_job *job, receive_function *receive,
                                       done_function *done)
{
    struct bare_channel link = *job->channel;
    uint64_t sum = 0;

    for (size_t left = job->file_bytes; left > 0;) {
        size_t bytes = bare_least(left, job->chunk_bytes);
        for (size_t missing = bytes; missing > 0;) {
            const char *data = NULL;
            ssize_t got = receive(&link, missing, &data);
            if (got <= 0)
                return -EIO;
            sum += bare_sum(data, (size_t)got);
            bare_sink = sum;
            if (done != NULL && done(&link, (size_t)got) != 0)
                return -EIO;
            missing -= (size_t)got;
        }
        left -= bytes;
    }
    return 0;
}

#define CHANNEL(name, open_link, send_chunk, receive, done)                                        \
    static int write_##name(const struct bare_job *job, int fd)                                    \
    {                                                                                              \
        (void)fd;                                                                                  \
        return send_chunks(job, send_chunk);                                                       \
    }                                                                                              \
    static int serve_##name(const struct bare_job *job)                                            \
    {                                                                                              \
        return receive_chunks(job, receive, done);                                                 \
    }                                                                                              \
    static int prepare_##name(struct bare_job *job) { return start(job, open_link, serve_##name); }

/* Streams and messages. */
static int open_pipe(const struct bare_job *job, struct bare_channel *link)
{
    (void)job;
    link->is_split = true;
    return pipe2(link->fds, O_CLOEXEC) < 0 ? -errno : 0;
}

static int open_pair(struct bare_channel *link, int type)
{
    link->is_split = true;
    return socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, link->fds) < 0 ? -errno : 0;
}

static int open_socket(const struct bare_job *job, struct bare_channel *link)
{
    (void)job;
    return open_pair(link, SOCK_STREAM);
}

static int open_packets(const struct bare_job *job, struct bare_channel *link)
{
    (void)job;
    return open_pair(link, SOCK_SEQPACKET);
}

static int open_tcp(const struct bare_job *job, struct bare_channel *link)
{
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr *address = (struct sockaddr *)&own;
    socklen_t length = sizeof own;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

    (void)job;
    link->is_split = true;
    link->fds[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, address, sizeof own) < 0 || listen(listener, 1) < 0 ||
        getsockname(listener, address, &length) < 0 ||
        connect(link->fds[1], address, sizeof own) < 0 ||
        (link->fds[0] = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) < 0)
        return bare_close(listener, -errno);
    for (int i = 0; i < 2; i++)
        (void)setsockopt(link->fds[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return bare_close(listener, 0);
}

/* Calls until all bytes are moved. */
typedef ssize_t move_function(int fd, char *at, size_t bytes);

static BARE_INLINED int move_all(int fd, char *at, size_t bytes, move_function *move)
{
    for (ssize_t moved; bytes > 0; at += moved, bytes -= (size_t)moved)
        if ((moved = move(fd, at, bytes)) <= 0)
            return -EIO;
    return 0;
}

static inline ssize_t move_by_write(int fd, char *at, size_t bytes) { return write(fd, at, bytes); }
static inline ssize_t move_by_read(int fd, char *at, size_t bytes) { return read(fd, at, bytes); }
static inline ssize_t move_by_vmsplice(int fd, char *at, size_t bytes)
{
    return vmsplice(fd, &(struct iovec){.iov_base = at, .iov_len = bytes}, 1, 0);
}

static inline int send_by_write(struct bare_channel *link, const char *from, size_t bytes)
{
    return move_all(link->fds[1], (char *)(size_t)from, bytes, move_by_write);
}

static inline int send_by_vmsplice(struct bare_channel *link, const char *from, size_t bytes)
{
    return move_all(link->fds[1], (char *)(size_t)from, bytes, move_by_vmsplice);
}

static inline ssize_t receive_by_read(struct bare_channel *link, size_t bytes, const char **data)
{
    *data = link->buffer;
    return move_all(link->fds[0], link->buffer, bytes, move_by_read) == 0 ? (ssize_t)bytes : -EIO;
}

static inline int send_packet(struct bare_channel *link, const char *from, size_t bytes)
{
    return send(link->fds[1], from, bytes, MSG_NOSIGNAL) == (ssize_t)bytes ? 0 : -EIO;
}

static inline ssize_t receive_packet(struct bare_channel *link, size_t bytes, const char **data)
{
    *data = link->buffer;
    return recv(link->fds[0], link->buffer, bytes, 0);
}

static int open_queue(const struct bare_job *job, struct bare_channel *link)
{
    struct mq_attr shape = {.mq_maxmsg = 10, .mq_msgsize = (long)job->chunk_bytes};
    char name[32];

    snprintf(name, sizeof name, "/bench_overhead-%d", (int)getpid());
    link->slot_bytes = job->chunk_bytes;
    link->fds[0] = mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600, &shape);
    return link->fds[0] < 0 || mq_unlink(name) < 0 ? -errno : 0;
}

static inline int send_message(struct bare_channel *link, const char *from, size_t bytes)
{
    return mq_send(link->fds[0], from, bytes, 0) < 0 ? -errno : 0;
}

static inline ssize_t receive_message(struct bare_channel *link, size_t bytes, const char **data)
{
    (void)bytes;
    *data = link->buffer;
    return mq_receive(link->fds[0], link->buffer, link->slot_bytes, NULL);
}

CHANNEL(pipe, open_pipe, send_by_write, receive_by_read, NULL)
CHANNEL(vmsplice, open_pipe, send_by_vmsplice, receive_by_read, NULL)
CHANNEL(socket, open_socket, send_by_write, receive_by_read, NULL)
CHANNEL(tcp, open_tcp, send_by_write, receive_by_read, NULL)
CHANNEL(packets, open_packets, send_packet, receive_packet, NULL)
CHANNEL(queue, open_queue, send_message, receive_message, NULL)

/* Slots. */
static size_t slots_of(const struct bare_job *job)
{
    size_t slots = 65536 / job->chunk_bytes;

    return bare_least(slots > 8 ? slots : 8,
                      (job->file_bytes + job->chunk_bytes - 1) / job->chunk_bytes);
}

static int map_slots(const struct bare_job *job, struct bare_channel *link, int fd, size_t bytes)
{
    link->slot_bytes = (HEAD + bytes + HEAD - 1) / HEAD * HEAD;
    return map_shared(link, fd, slots_of(job) * link->slot_bytes);
}

static int open_file_slots(const struct bare_job *job, struct bare_channel *link)
{
    int fd = bare_create(job, O_RDWR);

    if (fd < 0)
        return fd;
    (void)unlinkat(job->dir_fd, job->name, 0);
    return bare_close(fd, map_slots(job, link, fd, job->chunk_bytes));
}

static int open_spinning(const struct bare_job *job, struct bare_channel *link)
{
    link->spins = true;
    return open_file_slots(job, link);
}

static inline char *slot_of(const struct bare_channel *link) { return link->shared + link->next; }

static inline void go_on(struct bare_channel *link)
{
    link->next += link->slot_bytes;
    if (link->next == link->shared_bytes)
        link->next = 0;
}

/* Waits until the next slot is full, or empty; says that it is. */
typedef int wait_function(struct bare_channel *link, unsigned status);
typedef int post_function(struct bare_channel *link, unsigned status);

static BARE_INLINED int send_in_slot(struct bare_channel *link, const char *from, size_t bytes,
                                     wait_function *wait, post_function *post)
{
    int error = wait(link, EMPTY);

    if (error != 0)
        return error;
    memcpy(slot_of(link) + HEAD, from, bytes);
    error = post(link, FULL);
    go_on(link);
    return error;
}

static BARE_INLINED ssize_t receive_from_slot(struct bare_channel *link, size_t bytes,
                                              const char **data, wait_function *wait)
{
    int error = wait(link, FULL);

    *data = slot_of(link) + HEAD;
    return error != 0 ? error : (ssize_t)bytes;
}

#define SLOTS(way)                                                                                 \
    static inline int send_##way(struct bare_channel *link, const char *from, size_t bytes)        \
    {                                                                                              \
        return send_in_slot(link, from, bytes, wait_##way, post_##way);                            \
    }                                                                                              \
    static inline ssize_t receive_##way(struct bare_channel *link, size_t bytes,                   \
                                        const char **data)                                         \
    {                                                                                              \
        return receive_from_slot(link, bytes, data, wait_##way);                                   \
    }                                                                                              \
    static inline int done_##way(struct bare_channel *link, size_t bytes)                          \
    {                                                                                              \
        int error = post_##way(link, EMPTY);                                                       \
                                                                                                   \
        (void)bytes;                                                                               \
        go_on(link);                                                                               \
        return error;                                                                              \
    }

static inline int wait_spinning(struct bare_channel *link, unsigned status)
{
    const atomic_char *byte = (const atomic_char *)slot_of(link);
    unsigned times = 0;

    while (atomic_load_explicit(byte, memory_order_acquire) != (char)status)
        spin(&times);
    return 0;
}

static inline int post_spinning(struct bare_channel *link, unsigned status)
{
    atomic_store_explicit((atomic_char *)slot_of(link), (char)status, memory_order_release);
    return 0;
}

static inline int wait_sleeping(struct bare_channel *link, unsigned status)
{
    atomic_uint *word = (atomic_uint *)(void *)slot_of(link);
    unsigned seen;

    while (((seen = atomic_load_explicit(word, memory_order_acquire)) & FULL) != status)
        if ((seen & WAITED_FOR) != 0 ||
            atomic_compare_exchange_strong(word, &seen, seen | WAITED_FOR))
            futex(word, FUTEX_WAIT, seen | WAITED_FOR);
    return 0;
}

static inline int post_sleeping(struct bare_channel *link, unsigned status)
{
    atomic_uint *word = (atomic_uint *)(void *)slot_of(link);

    if ((atomic_exchange_explicit(word, status, memory_order_acq_rel) & WAITED_FOR) != 0)
        futex(word, FUTEX_WAKE, 1);
    return 0;
}

/* fds[0] counts the full ones, fds[1] the empty ones. */
static int open_counting(const struct bare_job *job, struct bare_channel *link)
{
    link->fds[0] = eventfd(0, EFD_CLOEXEC);
    link->fds[1] = eventfd((unsigned)slots_of(job), EFD_CLOEXEC);
    return link->fds[0] < 0 || link->fds[1] < 0 ? -errno
                                                : map_slots(job, link, -1, job->chunk_bytes);
}

static inline int wait_counting(struct bare_channel *link, unsigned status)
{
    if (link->credits == 0 && eventfd_read(link->fds[status == EMPTY], &link->credits) < 0)
        return -errno;
    link->credits--;
    return 0;
}

static inline int post_counting(struct bare_channel *link, unsigned status)
{
    return eventfd_write(link->fds[status == EMPTY], 1) < 0 ? -errno : 0;
}

SLOTS(spinning)
SLOTS(sleeping)
SLOTS(counting)
CHANNEL(slots, open_spinning, send_spinning, receive_spinning, done_spinning)
CHANNEL(futexes, open_file_slots, send_sleeping, receive_sleeping, done_sleeping)
CHANNEL(eventfds, open_counting, send_counting, receive_counting, done_counting)

/* Slots that say where the bytes are. */
struct place {
    uint64_t at, bytes;
};

static int open_places(const struct bare_job *job, struct bare_channel *link)
{
    return map_slots(job, link, -1, sizeof(struct place));
}

static int open_file(const struct bare_job *job, struct bare_channel *link)
{
    link->fds[0] = bare_create(job, O_RDWR);
    (void)unlinkat(job->dir_fd, job->name, 0);
    return link->fds[0] < 0 ? link->fds[0] : open_places(job, link);
}

static inline int send_place(struct bare_channel *link, struct place place)
{
    return send_sleeping(link, (const char *)&place, sizeof place);
}

static inline int send_address(struct bare_channel *link, const char *from, size_t bytes)
{
    return send_place(link, (struct place){(uint64_t)(size_t)from, bytes});
}

static inline int send_to_file(struct bare_channel *link, const char *from, size_t bytes)
{
    struct place place = {link->at, bytes};

    if (pwrite(link->fds[0], from, bytes, (off_t)link->at) != (ssize_t)bytes)
        return -EIO;
    link->at += bytes;
    return send_place(link, place);
}

static inline struct place receive_place(struct bare_channel *link, const char **data)
{
    struct place place;

    (void)receive_sleeping(link, sizeof place, data);
    memcpy(&place, *data, sizeof place);
    *data = link->buffer;
    return place;
}

static inline ssize_t receive_memory(struct bare_channel *link, size_t bytes, const char **data)
{
    struct place place = receive_place(link, data);
    struct iovec own = {.iov_base = link->buffer, .iov_len = bytes};
    struct iovec theirs = {.iov_base = (void *)(size_t)place.at, .iov_len = bytes};

    return process_vm_readv(link->sender, &own, 1, &theirs, 1, 0);
}

static inline ssize_t receive_file(struct bare_channel *link, size_t bytes, const char **data)
{
    struct place place = receive_place(link, data);

    return pread(link->fds[0], link->buffer, bytes, (off_t)place.at);
}

CHANNEL(memory, open_places, send_address, receive_memory, done_sleeping)
CHANNEL(file, open_file, send_to_file, receive_file, done_sleeping)

/* A ring that is mapped twice, one behind the other. */
struct ring {
    _Alignas(64) atomic_ullong head;
    _Alignas(64) atomic_ullong tail;
};

static int open_ring(const struct bare_job *job, struct bare_channel *link)
{
    int fd = memfd_create("ring", MFD_CLOEXEC), error = map_shared(link, fd, RING_HEAD + 2 * RING);

    (void)job;
    if (error == 0 && mmap(link->shared + RING_HEAD + RING, RING, PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_FIXED, fd, RING_HEAD) == MAP_FAILED)
        error = -errno;
    link->spins = true;
    link->credits = RING;
    return bare_close(fd, error);
}

static inline int send_in_ring(struct bare_channel *link, const char *from, size_t bytes)
{
    struct ring *ring = (void *)link->shared;

    for (size_t piece; bytes > 0; from += piece, bytes -= piece) {
        unsigned times = 0;
        piece = bare_least(bytes, PIECE);
        while (link->credits < piece) {
            link->credits =
                RING - (link->next - atomic_load_explicit(&ring->tail, memory_order_acquire));
            if (link->credits < piece)
                spin(&times);
        }
        memcpy(link->shared + RING_HEAD + link->next % RING, from, piece);
        link->next += piece;
        link->credits -= piece;
        atomic_store_explicit(&ring->head, link->next, memory_order_release);
    }
    return 0;
}

static inline ssize_t receive_in_ring(struct bare_channel *link, size_t bytes, const char **data)
{
    struct ring *ring = (void *)link->shared;
    size_t piece = bare_least(bytes, PIECE);
    unsigned times = 0;

    while (atomic_load_explicit(&ring->head, memory_order_acquire) - link->next < piece)
        spin(&times);
    *data = link->shared + RING_HEAD + link->next % RING;
    return (ssize_t)piece;
}

static inline int done_in_ring(struct bare_channel *link, size_t bytes)
{
    link->next += bytes;
    atomic_store_explicit(&((struct ring *)(void *)link->shared)->tail, link->next,
                          memory_order_release);
    return 0;
}

CHANNEL(ring, open_ring, send_in_ring, receive_in_ring, done_in_ring)

#define ENTRY(name_, how)                                                                          \
    {                                                                                              \
        .name = (name_), .write = write_##how, .prepare = prepare_##how, .release = stop           \
    }
const struct bare_writer bare_channel_family[] = {
    ENTRY("ChannelSlots", slots),
    ENTRY("ChannelSlotsFutex", futexes),
    ENTRY("ChannelRing", ring),
    ENTRY("ChannelPipe", pipe),
    ENTRY("ChannelPipeVmsplice", vmsplice),
    ENTRY("ChannelSocket", socket),
    ENTRY("ChannelSeqpacket", packets),
    ENTRY("ChannelTcp", tcp),
    ENTRY("ChannelQueue", queue),
    ENTRY("ChannelEventfd", eventfds),
    ENTRY("ChannelVmRead", memory),
    ENTRY("ChannelFile", file),
    {.name = NULL},
};
