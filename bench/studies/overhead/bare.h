/* SPDX-License-Identifier: Apache-2.0
 *
 * What the kernels of libbench_mmap are measured against: for a writer the system calls that it
 * makes, in the plainest loop that does them, on a new file and without a sync. Nothing of
 * libbench_mmap is in them. A writer need not have one. */
#ifndef BENCH_MMAP_BENCH_STUDIES_OVERHEAD_BARE_H
#define BENCH_MMAP_BENCH_STUDIES_OVERHEAD_BARE_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#ifdef __cplusplus
extern "C" {
#endif

struct bare_job {
    int dir_fd;
    const char *name;   /* of the file, which must not exist */
    const char *source; /* each chunk is its first chunk_bytes */
    size_t chunk_bytes, file_bytes;
    bool blind;      /* what a call has read is not looked at */
    const int *cpus; /* of a channel's sender and receiver; NULL: any */

    /* What bare_writer.prepare() makes. */
    int source_fd; /* a file that holds the source; -1: none */
    char *memory;  /* of file_bytes, or of memory_bytes for what is read; NULL: none */
    size_t memory_bytes;
    int pipe[2];
    struct bare_channel *channel; /* the other process, and what is between the two */
};

/* All return 0 or -errno, and leave nothing open or mapped. */
struct bare_writer {
    const char *name; /* as in writers.def or readers.def */
    int open_flags;   /* the file is created with these; 0: it is not created */
    int (*write)(const struct bare_job *job, int fd);

    /* Not timed; NULL: not needed. */
    int (*prepare)(struct bare_job *job);
    void (*release)(struct bare_job *job);

    bool can_be_blind;
};

/* NULL when there is none. */
const struct bare_writer *bare_find(const char *name);

/* What is timed: creates the file, writes it and closes it. */
int bare_run(const struct bare_writer *bare, const struct bare_job *job);

/* As the kernels do before the clock is read: a system call has accessed each page, too. */
void bare_touch_by_calls(char *memory, size_t bytes);

/* The families: tables that end with a NULL name. */
extern const struct bare_writer bare_write_family[], bare_mmap_family[], bare_copy_family[],
    bare_uring_family[], bare_control_family[], bare_read_family[], bare_stream_family[],
    bare_message_family[], bare_slot_family[];

/* Creates the file; a descriptor or -errno. */
static inline int bare_create(const struct bare_job *job, int flags)
{
    int fd =
        openat(job->dir_fd, job->name, flags | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

    return fd < 0 ? -errno : fd;
}

/* Closes it, and returns `error`, or what close() says where that is 0. */
static inline int bare_close(int fd, int error)
{
    return close(fd) < 0 && error == 0 ? -errno : error;
}

#define BARE_INLINED inline __attribute__((always_inline))

static inline size_t bare_least(size_t a, size_t b) { return a < b ? a : b; }

/* One system call a chunk, which must take all of it. Inlined, with the call. */
typedef ssize_t bare_call(const struct bare_job *job, int fd, size_t at, size_t bytes);

static BARE_INLINED int bare_calls(const struct bare_job *job, int fd, bare_call *call)
{
    size_t size = job->file_bytes, bytes;

    for (size_t left = size; left > 0; left -= bytes) {
        bytes = bare_least(left, job->chunk_bytes);
        ssize_t moved = call(job, fd, size - left, bytes);
        if (moved != (ssize_t)bytes)
            return moved < 0 ? -errno : -EIO;
    }
    return 0;
}

/* A bare_writer.write() that does only that. */
#define BARE_CALLS(name, call)                                                                     \
    static int name(const struct bare_job *job, int fd) { return bare_calls(job, fd, call); }

/* With a buffer of 1 MiB for a stream of the C library. */
typedef int bare_buffered(const struct bare_job *job, char *buffer, size_t buffer_bytes);
int bare_in_large_buffer(const struct bare_job *job, bare_buffered *move);

int bare_write_chunks(const struct bare_job *job, int fd); /* by write() */

/* The same for stores into memory. */
typedef void bare_store(char *to, const char *from, size_t bytes);

static BARE_INLINED void bare_stores(char *to, const struct bare_job *job, bare_store *store)
{
    size_t size = job->file_bytes, chunk = job->chunk_bytes;

    for (size_t at = 0; at < size; at += chunk)
        store(to + at, job->source, bare_least(size - at, chunk));
}

static inline int bare_open(const struct bare_job *job, int flags)
{
    int fd = openat(job->dir_fd, job->name, O_RDONLY | flags | O_CLOEXEC | O_NOFOLLOW);

    return fd < 0 ? -errno : fd;
}

/* The words of a chunk that was read; its last bytes one by one. */
static BARE_INLINED uint64_t bare_sum(const char *from, size_t bytes)
{
    uint64_t sum = 0, word;
    size_t at = 0;

    for (; at + sizeof word <= bytes; at += sizeof word) {
        memcpy(&word, from + at, sizeof word);
        sum += word;
    }
    for (; at < bytes; at++)
        sum += (unsigned char)from[at];
    return sum;
}

/* Where sums go, so that nothing of a loop can be left out. */
extern volatile uint64_t bare_sink;

/* What is read into: one chunk, or as many as are asked for at once. */
int bare_prepare_chunk(struct bare_job *job);
int bare_prepare_chunks(struct bare_job *job);
void bare_release_buffer(struct bare_job *job);
#define BARE_BUFFERED(name_, read, how)                                                            \
    {                                                                                              \
        .name = (name_), .write = (read), .prepare = (how), .release = bare_release_buffer,        \
        .can_be_blind = true                                                                       \
    }

static inline void bare_copy(char *to, const char *from, size_t bytes) { memcpy(to, from, bytes); }

#ifdef __cplusplus
}
#endif

#endif
