/* SPDX-License-Identifier: Apache-2.0
 * The receiver fetches the chunk from where the sender has it: from its memory, or from a file. A
 * slot without room for a chunk says where that is; who waits sleeps on a futex. */
#include "loops.h"

#include <sys/uio.h>
#include <unistd.h>

/* Behind the status of a slot. */
struct place {
    uint64_t at; /* an address, or an offset */
    uint64_t bytes;
};

static int open_places(struct bm_channel *channel, struct bm_link *link)
{
    return bm_link_share(link, -1, slots_wanted(channel), slot_bytes(sizeof(struct place)));
}

static inline struct place *place_of(char *slot) { return (void *)(slot + SLOT_HEAD_BYTES); }

static inline int send_place(struct bm_link *link, struct place place)
{
    char *slot = next_slot(link);

    sleep_until(link, slot, SLOT_EMPTY);
    *place_of(slot) = place;
    wake_with(link, slot, SLOT_FULL);
    go_on(link);
    return 0;
}

/* One call that brings at most what is at that place, and what it returns. */
typedef ssize_t fetch_function(const struct bm_link *link, char *to, struct place place);

static INLINED int64_t receive_place(struct bm_link *link, uint64_t bytes, const char **data,
                                     fetch_function *fetch)
{
    char *slot = next_slot(link);
    uint64_t done = 0;
    int error = 0;

    sleep_until(link, slot, SLOT_FULL);
    struct place place = *place_of(slot);
    while (error == 0 && done < bytes) {
        struct place rest = {place.at + done, place.bytes - done};
        error = count_moved(fetch(link, link->buffer + done, rest), &done);
        link->calls++;
    }
    *data = link->buffer;
    return error != 0 ? error : (int64_t)bytes;
}

static inline int send_address(struct bm_link *link, const char *from, uint64_t bytes)
{
    return send_place(link, (struct place){(uint64_t)(uintptr_t)from, bytes});
}

static inline ssize_t fetch_from_memory(const struct bm_link *link, char *to, struct place place)
{
    struct iovec own = {.iov_base = to, .iov_len = place.bytes};
    struct iovec theirs = {.iov_base = (void *)(uintptr_t)place.at, .iov_len = place.bytes};

    return process_vm_readv(link->sender, &own, 1, &theirs, 1, 0);
}

static inline int64_t receive_from_memory(struct bm_link *link, uint64_t bytes, const char **data)
{
    return receive_place(link, bytes, data, fetch_from_memory);
}

static inline int done_with_place(struct bm_link *link, uint64_t bytes)
{
    (void)bytes;
    wake_with(link, next_slot(link), SLOT_EMPTY);
    go_on(link);
    return 0;
}

CHANNEL(ChannelVmRead, "process_vm_readv() from the sender's memory", open_places, send_address,
        receive_from_memory, done_with_place, .probe = NULL);

/* The two have the file open together, and with it its offset, which therefore neither uses. */
static int open_file(struct bm_channel *channel, struct bm_link *link)
{
    link->fds[0] = bm_open_unnamed(channel->job);
    link->grows = channel->trips == 0;
    return link->fds[0] < 0 ? link->fds[0] : open_places(channel, link);
}

OUT_OF_THE_WAY static int write_rest(int fd, const char *from, struct place place, ssize_t wrote)
{
    uint64_t done = 0;
    int error;

    while ((error = count_moved(wrote, &done)) == 0 && done < place.bytes)
        wrote = pwrite(fd, from + done, place.bytes - done, (off_t)(place.at + done));
    return error;
}

static inline int send_to_file(struct bm_link *link, const char *from, uint64_t bytes)
{
    struct place place = {link->at, bytes};
    ssize_t wrote = pwrite(link->fds[0], from, bytes, (off_t)place.at);
    int error = wrote == (ssize_t)bytes ? 0 : write_rest(link->fds[0], from, place, wrote);

    link->calls++;
    link->at += link->grows ? bytes : 0;
    return error != 0 ? error : send_place(link, place);
}

static inline ssize_t fetch_from_file(const struct bm_link *link, char *to, struct place place)
{
    return pread(link->fds[0], to, place.bytes, (off_t)place.at);
}

static inline int64_t receive_from_file(struct bm_link *link, uint64_t bytes, const char **data)
{
    return receive_place(link, bytes, data, fetch_from_file);
}

CHANNEL(ChannelFile, "pwrite() to a file, and pread() from it by the other", open_file,
        send_to_file, receive_from_file, done_with_place, .probe = NULL);
