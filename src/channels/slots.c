/* SPDX-License-Identifier: Apache-2.0
 * Slots in memory of both processes, each with room for a chunk: the sender fills an empty one, and
 * the receiver looks at a full one. What differs is how they wait for each other. */
#include "loops.h"

#include <sys/eventfd.h>
#include <unistd.h>

static int open_slots(struct bm_channel *channel, struct bm_link *link, int fd)
{
    return bm_link_share(link, fd, slots_wanted(channel), slot_bytes(channel->job->chunk_bytes));
}

/* The exercise's own: a file. */
static int open_file_slots(struct bm_channel *channel, struct bm_link *link)
{
    int fd = bm_open_unnamed(channel->job);
    int error = fd < 0 ? fd : open_slots(channel, link, fd);

    if (fd >= 0)
        close(fd);
    return error;
}

static int open_spinning_slots(struct bm_channel *channel, struct bm_link *link)
{
    link->spins = LINK_SPINS;
    return open_file_slots(channel, link);
}

static inline void spin_until(struct bm_link *link, char *slot, unsigned status)
{
    const atomic_char *byte = (const atomic_char *)slot;
    unsigned times = 0;

    while (atomic_load_explicit(byte, memory_order_acquire) != (char)status)
        bm_link_spin(link, &times);
}

static inline void set_status(struct bm_link *link, char *slot, unsigned status)
{
    (void)link;
    atomic_store_explicit((atomic_char *)slot, (char)status, memory_order_release);
}

/* Waits until it has that status; gives it that status. */
typedef void slot_function(struct bm_link *link, char *slot, unsigned status);

static INLINED int send_in_slot(struct bm_link *link, const char *from, uint64_t bytes,
                                slot_function *wait, slot_function *set)
{
    char *slot = next_slot(link);

    wait(link, slot, SLOT_EMPTY);
    memcpy(slot + SLOT_HEAD_BYTES, from, bytes);
    set(link, slot, SLOT_FULL);
    go_on(link);
    return 0;
}

static INLINED int64_t receive_from_slot(struct bm_link *link, uint64_t bytes, const char **data,
                                         slot_function *wait)
{
    char *slot = next_slot(link);

    wait(link, slot, SLOT_FULL);
    *data = slot + SLOT_HEAD_BYTES;
    return (int64_t)bytes;
}

#define SLOT_CHANNEL(name, summary, open_link, wait, set)                                          \
    static inline int send_##name(struct bm_link *link, const char *from, uint64_t bytes)          \
    {                                                                                              \
        return send_in_slot(link, from, bytes, wait, set);                                         \
    }                                                                                              \
    static inline int64_t receive_##name(struct bm_link *link, uint64_t bytes, const char **data)  \
    {                                                                                              \
        return receive_from_slot(link, bytes, data, wait);                                         \
    }                                                                                              \
    static inline int done_##name(struct bm_link *link, uint64_t bytes)                            \
    {                                                                                              \
        (void)bytes;                                                                               \
        set(link, next_slot(link), SLOT_EMPTY);                                                    \
        go_on(link);                                                                               \
        return 0;                                                                                  \
    }                                                                                              \
    CHANNEL(name, summary, open_link, send_##name, receive_##name, done_##name, .probe = NULL)

SLOT_CHANNEL(ChannelSlots,
             "slots in a shared mapping of a file, a status byte each; who waits spins",
             open_spinning_slots, spin_until, set_status);
SLOT_CHANNEL(ChannelSlotsFutex, "the same slots; who waits sleeps on a futex", open_file_slots,
             sleep_until, wake_with);

/* The one counts full slots, the other empty ones. */
enum { FULL_FD, EMPTY_FD };

static int open_counted_slots(struct bm_channel *channel, struct bm_link *link)
{
    link->fds[FULL_FD] = eventfd(0, EFD_CLOEXEC);
    if (link->fds[FULL_FD] >= 0)
        link->fds[EMPTY_FD] = eventfd((unsigned)slots_wanted(channel), EFD_CLOEXEC);
    return link->fds[FULL_FD] < 0 || link->fds[EMPTY_FD] < 0 ? -errno
                                                             : open_slots(channel, link, -1);
}

/* A read takes all that has been counted. */
static inline int take_one(struct bm_link *link, int fd)
{
    eventfd_t count;

    while (link->credits == 0) {
        link->calls++;
        if (eventfd_read(fd, &count) == 0)
            link->credits = count;
        else if (errno != EINTR)
            return -errno;
    }
    link->credits--;
    return 0;
}

static inline int give_one(struct bm_link *link, int fd)
{
    int error;

    do {
        link->calls++;
        error = eventfd_write(fd, 1) < 0 ? -errno : 0;
    } while (error == -EINTR);
    return error;
}

static inline int send_counted(struct bm_link *link, const char *from, uint64_t bytes)
{
    int error = take_one(link, link->fds[EMPTY_FD]);

    if (error != 0)
        return error;
    memcpy(next_slot(link), from, bytes);
    go_on(link);
    return give_one(link, link->fds[FULL_FD]);
}

static inline int64_t receive_counted(struct bm_link *link, uint64_t bytes, const char **data)
{
    int error = take_one(link, link->fds[FULL_FD]);

    *data = next_slot(link);
    go_on(link);
    return error != 0 ? error : (int64_t)bytes;
}

static inline int done_counted(struct bm_link *link, uint64_t bytes)
{
    (void)bytes;
    return give_one(link, link->fds[EMPTY_FD]);
}

CHANNEL(ChannelEventfd, "slots in shared memory; eventfds count the full and the empty ones",
        open_counted_slots, send_counted, receive_counted, done_counted, .probe = NULL);
