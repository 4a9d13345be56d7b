/* SPDX-License-Identifier: Apache-2.0
 * The process at the other end of a channel, which receives: started before a sample and gone after
 * it. Whoever dies or hangs, the other does not wait for ever. */
#ifndef BENCH_MMAP_KERNEL_PEER_H
#define BENCH_MMAP_KERNEL_PEER_H

#include "kernel.h"

#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

/* One direction. Each process works on a copy of its own. */
struct bm_link {
    int fds[2];          /* to read from, to write to; -1 when not open */
    bool is_split;       /* each process has one of the two, and closes the other */
    pid_t sender;        /* whose memory the chunks are in */
    char *shared;        /* memory of both; NULL when none */
    uint64_t size_bytes; /* of the memory, */
    uint64_t slot_bytes; /* and of each of the parts that it is cut into */
    char *buffer;        /* what is received, where it is copied */
    unsigned spins;      /* how often who waits looks again before it yields the processor */
    uint64_t next;       /* where the next chunk goes */
    uint64_t credits;    /* how many more may go without asking */
    uint64_t at;         /* in a file, */
    bool grows;          /* if chunks lie behind each other in it */
    uint64_t calls;
};

/* In memory of both. */
struct bm_receiver {
    atomic_uint state;        /* a futex */
    int error;                /* why it has ended */
    volatile uint64_t sum;    /* of what has come so far, */
    volatile uint64_t pieces; /* in so many pieces */
};

struct bm_channel {
    const struct bm_job *job;
    struct bm_link there, back; /* back: where chunks come back */
    uint64_t trips;             /* 0: the chunks of the file go there only */
    struct bm_receiver *receiver;
    pid_t receiver_pid;     /* 0: none */
    char receiver_stat[24]; /* its file in /proc */
    uint64_t pieces_seen;
    unsigned idle_looks;
    sigset_t signals;     /* this thread's before, */
    cpu_set_t processors; /* and where it could run */
};

/* Opens a link, of which the shared memory and the descriptors are closed by bm_channel_stop(). */
typedef int bm_open_function(struct bm_channel *channel, struct bm_link *link);

/* Receives all; in the other process. No lock of the C library may be taken in it. */
typedef int bm_serve_function(struct bm_channel *channel);

/* A kernel's prepare: starts the process, and comes back when that is ready to receive. The channel
 * is sample->handle. Errors: of opening; -EPIPE it died, -ETIMEDOUT it hangs, or its own. */
int bm_channel_start(struct bm_sample *sample, bm_open_function *open, bm_serve_function *serve);

/* A kernel's release: ends the process, whatever it does, and takes everything down. */
bm_phase_function bm_channel_stop;

/* Waits until the receiver has looked at all. Errors: its own. */
int bm_channel_finish(struct bm_channel *channel);

/* What stands behind an error of the sender's: the receiver's own, or -EPIPE where that is gone. */
OUT_OF_THE_WAY int bm_channel_error(const struct bm_channel *channel, int error);

/* The two ends of a link that is the other way round. */
static inline int bm_link_turn(const struct bm_link *link, struct bm_link *turned)
{
    *turned = *link;
    turned->fds[0] = link->fds[1];
    turned->fds[1] = link->fds[0];
    return 0;
}

/* Looks as often as a program that spins would; then, or at once where both have one processor, the
 * other may need the processor that this one waits on. 0: who waits sleeps. */
enum { LINK_SPINS = 20000 };

static inline void bm_link_spin(const struct bm_link *link, unsigned *times)
{
    if (++*times > link->spins)
        sched_yield();
}

/* Memory of both processes, of this many slots: of the file `fd`, or without (-1) of none. */
int bm_link_share(struct bm_link *link, int fd, uint64_t slots, uint64_t slot_bytes);

/* The chunks of the round trips: all are whole, from the source again and again. */
struct bm_trip {
    const char *from;
    uint64_t bytes, left; /* how many trips are left, this one among them */
    uint64_t index, chunks, stride_bytes;
};

static inline struct bm_trip bm_trip_first(const struct bm_job *job)
{
    uint64_t bytes = chunk_min(job->chunk_bytes, job->file_size_bytes);

    return (struct bm_trip){.from = job->source,
                            .bytes = bytes,
                            .left = bm_job_trips(job),
                            .chunks = job->file_size_bytes / bytes,
                            .stride_bytes = job->source_stride_bytes};
}

static inline void bm_trip_next(struct bm_trip *trip)
{
    trip->left--;
    trip->from += trip->stride_bytes;
    if (++trip->index == trip->chunks) {
        trip->from -= trip->index * trip->stride_bytes;
        trip->index = 0;
    }
}

/* A file in the job's directory that has no name any more, or -errno. */
int bm_open_unnamed(const struct bm_job *job);

void bm_futex_wait(const atomic_uint *word, unsigned value);
void bm_futex_wake(const atomic_uint *word);

#endif
