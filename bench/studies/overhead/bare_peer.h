/* SPDX-License-Identifier: Apache-2.0
 * Channels: two processes that make the same calls on each chunk. The receiver is started before
 * the clock is read; what is timed ends when it has looked at all. */
#ifndef BENCH_MMAP_BENCH_STUDIES_OVERHEAD_BARE_PEER_H
#define BENCH_MMAP_BENCH_STUDIES_OVERHEAD_BARE_PEER_H

#include "bare.h"

#include <linux/futex.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/syscall.h>

enum { SPINS = 20000 };

struct bare_channel {
    atomic_uint *state; /* of the receiver, in memory of both: 0, ready, done */
    pid_t sender, receiver;
    int fds[2];
    bool spins, is_split;
    char *shared;
    size_t shared_bytes, slot_bytes, next;
    uint64_t credits, at;
    char *buffer; /* of the receiver */
    cpu_set_t allowed;
};
enum { READY = 1, DONE };

static inline void futex(atomic_uint *word, int what, unsigned value)
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

/* What both processes have in common: of the file `fd`, or of none where that is -1. */
int bare_map_shared(struct bare_channel *link, int fd, size_t bytes);

/* A bare_writer's prepare() and release(). */
int bare_peer_start(struct bare_job *job, open_function *open_link, serve_function *serve);
void bare_peer_stop(struct bare_job *job);

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
    volatile uint64_t *seen =
        (volatile uint64_t *)(void *)(link.state + 4); /* as the channel: in memory of both */

    for (size_t left = job->file_bytes; left > 0;) {
        size_t bytes = bare_least(left, job->chunk_bytes);
        for (size_t missing = bytes; missing > 0;) {
            const char *data = NULL;
            ssize_t got = receive(&link, missing, &data);
            if (got <= 0)
                return -EIO;
            seen[0] += bare_sum(data, (size_t)got);
            seen[1]++;
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
    static int prepare_##name(struct bare_job *job)                                                \
    {                                                                                              \
        return bare_peer_start(job, open_link, serve_##name);                                      \
    }

#define BARE_CHANNEL(name_, how)                                                                   \
    {                                                                                              \
        .name = (name_), .write = write_##how, .prepare = prepare_##how, .release = bare_peer_stop \
    }

#endif
