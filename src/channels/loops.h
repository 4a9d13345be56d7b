/* SPDX-License-Identifier: Apache-2.0
 *
 * The loops of both processes, which all channels share. Each is inlined into its channel with what
 * that does to one chunk: there is no call through a pointer in a loop. */
#ifndef BENCH_MMAP_CHANNELS_LOOPS_H
#define BENCH_MMAP_CHANNELS_LOOPS_H

#include "src/kernel/peer.h"

#include <string.h>

/* Sends all of a chunk. 0 or -errno. */
typedef int send_function(struct bm_link *link, const char *from, uint64_t bytes);

/* Waits for the next piece of a chunk of which `bytes` are still to come, a multiple of 8 bytes or
 * all of them: its bytes, and where they lie until done(). -errno. */
typedef int64_t receive_function(struct bm_link *link, uint64_t bytes, const char **data);
typedef int done_function(struct bm_link *link, uint64_t bytes);

static INLINED int stream_chunks(struct bm_sample *sample, send_function *send)
{
    struct bm_channel *channel = sample->handle;
    struct bm_link link = channel->there;
    int error = 0;

    FOR_EACH_CHUNK(chunk, sample->job) {
        error = send(&link, chunk.from, chunk.bytes);
        if (error != 0)
            return bm_channel_error(channel, error);
    }
    error = bm_channel_finish(channel);
    sample->sum = channel->receiver->sum;
    sample->calls += link.calls + (link.spins == 0);
    return error;
}

/* A chunk there and back. The sender does not look at what comes back before all of it is there. */
static INLINED int make_trips(struct bm_sample *sample, send_function *send,
                              receive_function *receive, done_function *done)
{
    struct bm_channel *channel = sample->handle;
    struct bm_link there = channel->there, back = channel->back;
    struct bm_trip trip = bm_trip_first(sample->job);
    uint64_t sum = 0;

    for (; trip.left > 0; bm_trip_next(&trip)) {
        const char *data = NULL;
        int64_t got = send(&there, trip.from, trip.bytes);
        if (got == 0)
            got = receive(&back, trip.bytes, &data);
        if (got < 0)
            return bm_channel_error(channel, (int)got);
        sum += sum_words(data, (uint64_t)got);
        got = done(&back, (uint64_t)got);
        if (got < 0)
            return bm_channel_error(channel, (int)got);
    }
    sample->sum = sum + channel->receiver->sum;
    sample->calls += there.calls + back.calls;
    return 0;
}

/* What the receiver has seen stands in the memory of both before the sender hears of it. */
static INLINED int64_t take_piece(struct bm_link *link, struct bm_receiver *receiver,
                                  uint64_t bytes, receive_function *receive, const char **data)
{
    int64_t got = receive(link, bytes, data);

    if (got > 0) {
        receiver->sum += sum_words(*data, (uint64_t)got);
        receiver->pieces++;
    }
    return got;
}

static INLINED int receive_chunks(struct bm_channel *channel, receive_function *receive,
                                  done_function *done)
{
    struct bm_link link = channel->there;
    int64_t got;
    int error = 0;

    FOR_EACH_CHUNK(chunk, channel->job)
        for (uint64_t left = chunk.bytes; left > 0; left -= (uint64_t)got) {
            const char *data = NULL;
            got = take_piece(&link, channel->receiver, left, receive, &data);
            if (got < 0)
                return (int)got;
            error = done(&link, (uint64_t)got);
            if (error != 0)
                return error;
        }
    return 0;
}

static INLINED int return_chunks(struct bm_channel *channel, send_function *send,
                                 receive_function *receive, done_function *done)
{
    struct bm_link there = channel->there, back = channel->back;
    struct bm_trip trip = bm_trip_first(channel->job);

    for (; trip.left > 0; bm_trip_next(&trip)) {
        const char *data = NULL;
        int64_t got = take_piece(&there, channel->receiver, trip.bytes, receive, &data);
        int error = got < 0 ? (int)got : send(&back, data, (uint64_t)got);
        if (error == 0)
            error = done(&there, (uint64_t)got);
        if (error != 0)
            return error;
    }
    return 0;
}

/* Defines a channel by its symbol, its summary, how a link of it is opened, and what sends and
 * receives one chunk; further members. */
#define CHANNEL(symbol, what, open, send, receive, done, ...)                                      \
    static int stream_##symbol(struct bm_sample *sample) { return stream_chunks(sample, send); }   \
    static int trips_##symbol(struct bm_sample *sample)                                            \
    {                                                                                              \
        return make_trips(sample, send, receive, done);                                            \
    }                                                                                              \
    static int serve_##symbol(struct bm_channel *channel)                                          \
    {                                                                                              \
        return channel->trips == 0 ? receive_chunks(channel, receive, done)                        \
                                   : return_chunks(channel, send, receive, done);                  \
    }                                                                                              \
    static int start_##symbol(struct bm_sample *sample)                                            \
    {                                                                                              \
        return bm_channel_start(sample, open, serve_##symbol);                                     \
    }                                                                                              \
    KERNEL(symbol, what, .kind = BM_KIND_CHANNEL, .flags = KERNEL_IN_ORDER,                        \
           .prepare = start_##symbol, .release = bm_channel_stop,                                  \
           .phase = {[BM_PHASE_FILL] = stream_##symbol}, .fill_trips = trips_##symbol,             \
           __VA_ARGS__)

/* Where the bytes are the receiver's as soon as they are received. */
static inline int done_at_once(struct bm_link *link, uint64_t bytes)
{
    (void)link;
    (void)bytes;
    return 0;
}

/* Shared memory in slots: a status, and a chunk behind it. */
enum { SLOTS = 8, SLOTS_BYTES = 65536, SLOT_HEAD_BYTES = 64 };
enum slot_status { SLOT_EMPTY, SLOT_FULL, SLOT_WAITED_FOR = 2 };

static inline uint64_t slot_bytes(uint64_t bytes)
{
    return (SLOT_HEAD_BYTES + bytes + SLOT_HEAD_BYTES - 1) / SLOT_HEAD_BYTES * SLOT_HEAD_BYTES;
}

/* Small chunks have as much room as in a pipe, but there are no more slots than chunks. */
static inline uint64_t slots_wanted(const struct bm_channel *channel)
{
    uint64_t slots = SLOTS_BYTES / channel->job->chunk_bytes;

    return channel->trips > 0 ? 1
                              : chunk_min(slots > SLOTS ? slots : SLOTS, chunk_count(channel->job));
}

static inline char *next_slot(const struct bm_link *link) { return link->shared + link->next; }

static inline void go_on(struct bm_link *link)
{
    link->next += link->slot_bytes;
    if (link->next == link->size_bytes)
        link->next = 0;
}

/* Sleeps until the slot is empty, or full. Who waits says so, and is woken only then. */
static inline void sleep_until(struct bm_link *link, char *slot, unsigned status)
{
    atomic_uint *word = (atomic_uint *)(void *)slot;
    unsigned seen;

    while (((seen = atomic_load_explicit(word, memory_order_acquire)) & SLOT_FULL) != status) {
        if (!(seen & SLOT_WAITED_FOR) &&
            !atomic_compare_exchange_strong(word, &seen, seen | SLOT_WAITED_FOR))
            continue;
        bm_futex_wait(word, seen | SLOT_WAITED_FOR);
        link->calls++;
    }
}

static inline void wake_with(struct bm_link *link, char *slot, unsigned status)
{
    atomic_uint *word = (atomic_uint *)(void *)slot;

    if (atomic_exchange_explicit(word, status, memory_order_acq_rel) & SLOT_WAITED_FOR) {
        bm_futex_wake(word);
        link->calls++;
    }
}

#endif
