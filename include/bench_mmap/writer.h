/* SPDX-License-Identifier: Apache-2.0
 *
 * libwriters: named ways to write a file, and a driver that times their phases.
 *
 * A program that wants a file written by a named writer, and the phases back:
 *
 *     int dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
 *     struct writer_job job = {
 *         .dir_fd = dir, .name = "data", .file_size_bytes = bytes, .chunk_bytes = 65536,
 *         .source = data, .source_stride_bytes = 65536, // data holds all `bytes` bytes
 *     };
 *     struct writer_result result;
 *     int error = writer_run(writer_find("Mmap"), &job, &result);
 *
 * Conventions
 * - Functions return 0 or a negative errno value. Nothing prints, nothing exits.
 * - Sizes are bytes, times are nanoseconds of CLOCK_MONOTONIC.
 * - Thread-safe: several threads may run jobs at once, each with a file of its own.
 * - A writer that stores into a mapping needs SIGBUS: writer_run() installs a handler, once a
 *   process, which hands signals that do not come from a running fill to the handler before it.
 */
#ifndef BENCH_MMAP_WRITER_H
#define BENCH_MMAP_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One way to write a file. Read-only, lives as long as the process. */
struct writer;

/* The parts of a sample, in this order. */
enum writer_phase {
    WRITER_CREATE, /* open the file */
    WRITER_SIZE,   /* give it its size */
    WRITER_MAP,    /* set up the mapping, the buffer, the ring */
    WRITER_FILL,   /* bring the chunks into it */
    WRITER_SYNC,   /* make it durable */
    WRITER_UNMAP,  /* take down what WRITER_MAP set up */
    WRITER_CLOSE,  /* close the file */
    WRITER_PHASES
};

/* "create", "size", ... */
const char *writer_phase_name(enum writer_phase phase);

/* What the file is before a sample. */
enum file_state {
#define FILE_STATE(symbol, name, flags, summary) FILE_STATE_##symbol,
#include "bench_mmap/file_states.def"
#undef FILE_STATE
    FILE_STATES
};

/* How durable it must be after. */
enum sync_mode {
#define SYNC_MODE(symbol, name, summary) SYNC_MODE_##symbol,
#include "bench_mmap/sync_modes.def"
#undef SYNC_MODE
    SYNC_MODES
};

const char *file_state_name(enum file_state state);
const char *file_state_summary(enum file_state state);
const char *sync_mode_name(enum sync_mode mode);
const char *sync_mode_summary(enum sync_mode mode);

/* By name; -EINVAL when there is none. FILE_STATE_NONE cannot be asked for. */
int file_state_find(const char *name, enum file_state *state);
int sync_mode_find(const char *name, enum sync_mode *mode);

/* All writers, in the order of writers.def; NULL beyond the end. */
size_t writer_count(void);
const struct writer *writer_at(size_t index);
const struct writer *writer_find(const char *name);

const char *writer_name(const struct writer *writer);
const char *writer_summary(const struct writer *writer);
/* A control measures the machine: it has no file, and FILE_STATE_NONE is its only state. */
bool writer_is_control(const struct writer *writer);
/* Not the controls that only make calls: they have no throughput. */
bool writer_moves_bytes(const struct writer *writer);
/* A writer that stores into a shared mapping of the file. */
bool writer_is_mapping(const struct writer *writer);

#define WRITER_REASON_BYTES 200

/* What a writer needs in a directory. */
struct writer_limits {
    uint64_t chunk_multiple_bytes; /* the chunk must be a multiple of it */
    uint64_t size_multiple_bytes;  /* the file size must be a multiple of it */
    uint64_t size_min_bytes;       /* the file size must not be less */
    uint64_t source_max_bytes;     /* as much of the source as a job uses must not be more */
    uint64_t pinned_max_bytes;     /* the same for all jobs together that run at the same time, */
    uint64_t pinned_extra_bytes;   /* where each needs so much besides */
};

/* Finds out whether `writer` can run in the directory `dir_fd` on this kernel: tries what it needs
 * on a file `name` there, which must not exist and is removed again. On success fills `limits`.
 * Otherwise `reason` (never NULL) holds a short sentence without a full stop.
 * Errors: -ENOTSUP it cannot run here; others: `name` could not be created, written or removed. */
int writer_probe(const struct writer *writer, int dir_fd, const char *name,
                 struct writer_limits *limits, char reason[WRITER_REASON_BYTES]);

/* Whether `writer` and this state, or this sync mode, make sense together.
 * 0, or -EINVAL with the reason. */
int writer_accepts_state(const struct writer *writer, enum file_state state,
                         char reason[WRITER_REASON_BYTES]);
int writer_accepts_sync(const struct writer *writer, enum sync_mode mode,
                        char reason[WRITER_REASON_BYTES]);

/* Whether a file of this size can be written. 0, or -EINVAL with the reason. */
int writer_accepts_size(const struct writer *writer, uint64_t file_size_bytes,
                        char reason[WRITER_REASON_BYTES]);

/* Whether the file system can bring a file into this state, by trying it with a file `name`. On
 * -ENOTSUP `reason` says why not. Errors: as of writer_prepare() and writer_remove(). */
int file_state_probe(int dir_fd, const char *name, enum file_state state,
                     char reason[WRITER_REASON_BYTES]);

struct writer_job {
    int dir_fd;               /* the directory; opened for reading (it is fsynced), not O_PATH */
    const char *name;         /* the file's name in it: no slash */
    uint64_t file_size_bytes; /* at least 1 */
    uint64_t chunk_bytes;     /* at least 1; the last chunk of the file may be shorter */
    const void *source;       /* page-aligned for O_DIRECT and vmsplice */
    /* 0: each chunk is the first chunk_bytes of the source. chunk_bytes: the source is as long as
     * the file and chunk number i comes from offset i * chunk_bytes. */
    uint64_t source_stride_bytes;
    enum file_state state; /* 0 is "new": the file must not exist */
    enum sync_mode sync;   /* 0 is "none" */

    /* For a harness with clocks of its own, NULL for none: called with true just before the first
     * phase and with false just after the last, outside of what is timed here. */
    void (*around)(void *user, bool begin);
    void *user;
};

struct writer_result {
    uint64_t phase_ns[WRITER_PHASES]; /* 0 for a phase that the writer does not have */
    uint64_t total_ns;                /* their sum: from before create to after close */
    uint64_t calls;                   /* system calls in it, by arithmetic: no retries counted */
    uint64_t minor_faults, major_faults;
    uint64_t voluntary_switches, involuntary_switches;
    enum writer_phase failed_phase; /* when writer_run() failed: where */
};

/* Brings the file into job->state: not timed. The writer may be NULL.
 * Errors: of openat, write, fallocate, fsync; -ECANCELED; -EBUSY the page cache could not be
 * emptied (cold); -ENOTSUP the file system cannot hold the state, as found by looking. */
int writer_prepare(const struct writer *writer, const struct writer_job *job);

/* Writes the file once, timing the phases. The file must be in job->state: writer_prepare(). All
 * descriptors and mappings are gone when it returns, whatever it returns; the file stays.
 * Errors: -EINVAL a job that makes no sense; -ENOSPC, -EDQUOT, -EIO, -EFBIG ... from the system
 * calls; a SIGBUS in the mapping is what the file system says of that place (-ENOSPC), or -EIO when
 * it says nothing (another process truncated the file); -ECANCELED after writer_cancel(). */
int writer_run(const struct writer *writer, const struct writer_job *job,
               struct writer_result *result);

/* Compares the file, through a descriptor of its own, with what the job should have written.
 * Controls have nothing to compare. Errors: -EBADMSG the bytes or the size differ, with
 * *offset_bytes (may be NULL) the first that does; others from openat and pread. */
int writer_verify(const struct writer *writer, const struct writer_job *job,
                  uint64_t *offset_bytes);

/* Removes the file; none there is no error. Errors: of unlinkat. */
int writer_remove(const struct writer_job *job);

/* A source: page-aligned, touched, incompressible, different at each place. Errors: -ENOMEM. */
int writer_source_create(size_t bytes, void **source);
void writer_source_destroy(void *source, size_t bytes);

/* Async-signal-safe, for a handler installed with SA_NODEFER: every job from now on ends with
 * -ECANCELED. A fill that runs in this thread is left at once, by a jump out of the handler, unless
 * the writer holds a lock of the C library: then the sample is finished first. */
void writer_cancel(void);

#ifdef __cplusplus
}
#endif
#endif
