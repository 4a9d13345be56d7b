/* SPDX-License-Identifier: Apache-2.0
 * One ring of bytes: the sender moves its head, the receiver its tail, each on a cache line of its
 * own. The ring is mapped twice, one after the other, so that a piece never has a gap. */
#include "loops.h"

#include <sys/mman.h>
#include <unistd.h>

enum { RING_BYTES = 1 << 20, PIECE_BYTES = RING_BYTES / 4, HEAD_BYTES = 65536 };

struct ring {
    _Alignas(64) atomic_ullong head;
    _Alignas(64) atomic_ullong tail;
};

static int open_ring(struct bm_channel *channel, struct bm_link *link)
{
    (void)channel;
    int fd = memfd_create("ring", MFD_CLOEXEC), error;

    if (fd < 0)
        return -errno;
    error = bm_link_share(link, fd, 1, HEAD_BYTES + 2 * RING_BYTES);
    if (error == 0 &&
        mmap(link->shared + HEAD_BYTES + RING_BYTES, RING_BYTES, PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_FIXED, fd, HEAD_BYTES) == MAP_FAILED)
        error = -errno;
    if (error == 0 && ftruncate(fd, HEAD_BYTES + RING_BYTES) < 0)
        error = -errno;
    close(fd);
    link->spins = LINK_SPINS;
    link->credits = RING_BYTES; /* what is free for certain */
    return error;
}

static inline char *ring_at(const struct bm_link *link, uint64_t at)
{
    return link->shared + HEAD_BYTES + at % RING_BYTES;
}

static inline int send_in_ring(struct bm_link *link, const char *from, uint64_t bytes)
{
    struct ring *ring = (void *)link->shared;

    for (uint64_t piece; bytes > 0; bytes -= piece) {
        unsigned times = 0;
        piece = chunk_min(bytes, PIECE_BYTES);
        while (link->credits < piece) {
            uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
            link->credits = RING_BYTES - (link->next - tail);
            if (link->credits < piece)
                bm_link_spin(link, &times);
        }
        memcpy(ring_at(link, link->next), from, piece);
        link->next += piece;
        link->credits -= piece;
        atomic_store_explicit(&ring->head, link->next, memory_order_release);
        from += piece;
    }
    return 0;
}

static inline int64_t receive_from_ring(struct bm_link *link, uint64_t bytes, const char **data)
{
    struct ring *ring = (void *)link->shared;
    uint64_t piece = chunk_min(bytes, PIECE_BYTES);
    unsigned times = 0;

    while (atomic_load_explicit(&ring->head, memory_order_acquire) - link->next < piece)
        bm_link_spin(link, &times);
    *data = ring_at(link, link->next);
    return (int64_t)piece;
}

static inline int free_in_ring(struct bm_link *link, uint64_t bytes)
{
    struct ring *ring = (void *)link->shared;

    link->next += bytes;
    atomic_store_explicit(&ring->tail, link->next, memory_order_release);
    return 0;
}

CHANNEL(ChannelRing, "one lock-free ring of 1 MiB in shared memory; who waits spins", open_ring,
        send_in_ring, receive_from_ring, free_in_ring, .probe = NULL);
