/* SPDX-License-Identifier: Apache-2.0 */
/* Channels through memory of both: slots, slots that say where the bytes are, and a ring. */
#include "bare_peer.h"

#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/uio.h>

enum { HEAD = 64, RING = 1 << 20, PIECE = RING / 4, RING_HEAD = 65536 };
enum { EMPTY, FULL, WAITED_FOR };

static size_t slots_of(const struct bare_job *job)
{
    size_t slots = 65536 / job->chunk_bytes;

    return bare_least(slots > 8 ? slots : 8,
                      (job->file_bytes + job->chunk_bytes - 1) / job->chunk_bytes);
}

static int map_slots(const struct bare_job *job, struct bare_channel *link, int fd, size_t bytes)
{
    link->slot_bytes = (HEAD + bytes + HEAD - 1) / HEAD * HEAD;
    return bare_map_shared(link, fd, slots_of(job) * link->slot_bytes);
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
    int fd = memfd_create("ring", MFD_CLOEXEC),
        error = bare_map_shared(link, fd, RING_HEAD + 2 * RING);

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

const struct bare_writer bare_slot_family[] = {
    BARE_CHANNEL("ChannelSlots", slots),
    BARE_CHANNEL("ChannelSlotsFutex", futexes),
    BARE_CHANNEL("ChannelRing", ring),
    BARE_CHANNEL("ChannelEventfd", eventfds),
    BARE_CHANNEL("ChannelVmRead", memory),
    BARE_CHANNEL("ChannelFile", file),
    {.name = NULL},
};
