/* SPDX-License-Identifier: Apache-2.0
 *
 * libbench_mmap: named ways to move a file's bytes (kernels), and a driver that times their phases.
 *
 * A program that wants a file written by a kernel, and the phases back:
 *
 *     int dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
 *     struct bm_job job = {
 *         .dir_fd = dir, .name = "data", .file_size_bytes = bytes, .chunk_bytes = 65536,
 *         .source = data, .source_stride_bytes = 65536, // data holds all `bytes` bytes
 *     };
 *     struct bm_result result;
 *     int error = bm_kernel_run(bm_kernel_find("Mmap"), &job, &result);
 *
 * Conventions
 * - Functions return 0 or a negative errno value. Nothing prints, nothing exits.
 * - Sizes are bytes, times are nanoseconds of CLOCK_MONOTONIC.
 * - Thread-safe: several threads may run jobs at once, each with a file of its own.
 * - A kernel that stores into a mapping needs SIGBUS. bm_kernel_run() installs a handler, once a
 *   process. It hands a signal that does not come from a running fill to the handler before it.
 */
#ifndef BENCH_MMAP_KERNEL_H
#define BENCH_MMAP_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One way to move a file's bytes. Read-only, lives as long as the process. */
struct bm_kernel;

/* What a kernel does with the file's bytes. */
enum bm_kind {
    BM_KIND_WRITER,  /* writes them to the file */
    BM_KIND_READER,  /* reads them from it, and looks at every one */
    BM_KIND_CHANNEL, /* brings them from one process to another */
    BM_KINDS
};

/* The parts of a sample, in this order. */
enum bm_phase {
    BM_PHASE_CREATE, /* open the file */
    BM_PHASE_SIZE,   /* give it its size */
    BM_PHASE_MAP,    /* set up the mapping, the buffer, the ring */
    BM_PHASE_FILL,   /* bring the chunks into it; a reader looks at them */
    BM_PHASE_SYNC,   /* make it durable */
    BM_PHASE_UNMAP,  /* take down what BM_PHASE_MAP set up */
    BM_PHASE_CLOSE,  /* close the file */
    BM_PHASES
};

/* "create", "size", ... */
const char *bm_phase_name(enum bm_phase phase);

/* What the file is before a sample. */
enum bm_file_state {
#define BM_FILE_STATE(symbol, name, flags, summary) BM_FILE_STATE_##symbol,
#include "bench_mmap/file_states.def"
#undef BM_FILE_STATE
    BM_FILE_STATES
};

/* How durable it must be after. */
enum bm_sync_mode {
#define BM_SYNC_MODE(symbol, name, summary) BM_SYNC_MODE_##symbol,
#include "bench_mmap/sync_modes.def"
#undef BM_SYNC_MODE
    BM_SYNC_MODES
};

/* What the two processes of a channel do. */
enum bm_mode {
#define BM_MODE(symbol, name, summary) BM_MODE_##symbol,
#include "bench_mmap/modes.def"
#undef BM_MODE
    BM_MODES
};

/* In which order the chunks are visited. */
enum bm_order {
#define BM_ORDER(symbol, name, summary) BM_ORDER_##symbol,
#include "bench_mmap/orders.def"
#undef BM_ORDER
    BM_ORDERS
};

/* Whether a file of this state is something to write, or to read. */
bool bm_file_state_suits(enum bm_file_state state, enum bm_kind kind);
const char *bm_file_state_name(enum bm_file_state state);
const char *bm_file_state_summary(enum bm_file_state state);
const char *bm_mode_name(enum bm_mode mode);
const char *bm_mode_summary(enum bm_mode mode);
const char *bm_sync_mode_name(enum bm_sync_mode mode);
const char *bm_sync_mode_summary(enum bm_sync_mode mode);
const char *bm_order_name(enum bm_order order);
const char *bm_order_summary(enum bm_order order);

/* By name; -EINVAL where nothing has that name. BM_FILE_STATE_NONE cannot be asked for. */
int bm_file_state_find(const char *name, enum bm_file_state *state);
int bm_sync_mode_find(const char *name, enum bm_sync_mode *mode);
int bm_order_find(const char *name, enum bm_order *order);

/* All kernels, in the order in which they are listed; NULL beyond the end, and for a name that no
 * kernel has. */
size_t bm_kernel_count(void);
const struct bm_kernel *bm_kernel_at(size_t index);
const struct bm_kernel *bm_kernel_find(const char *name);
/* One of the few that stand for the others: bench_mmap measures these where nobody asks for more.
 */
bool bm_kernel_is_headline(size_t index);

const char *bm_kernel_name(const struct bm_kernel *kernel);
const char *bm_kernel_summary(const struct bm_kernel *kernel);
enum bm_kind bm_kernel_kind(const struct bm_kernel *kernel);
/* A control measures the machine for the kernels of its kind. */
bool bm_kernel_is_control(const struct bm_kernel *kernel);
/* Controls and channels have no file: BM_FILE_STATE_NONE is their only state. */
bool bm_kernel_has_file(const struct bm_kernel *kernel);
/* False for a control that only makes calls: it has no throughput. */
bool bm_kernel_moves_bytes(const struct bm_kernel *kernel);
/* True where the kernel works on a shared mapping of the file. */
bool bm_kernel_is_mapping(const struct bm_kernel *kernel);
/* True where the kernel asks for huge pages of the file. None need come about. */
bool bm_kernel_wants_huge_pages(const struct bm_kernel *kernel);

#define BM_REASON_BYTES 200

/* What a kernel needs in a directory. */
struct bm_limits {
    uint64_t chunk_multiple_bytes; /* the chunk must be a multiple of it */
    uint64_t size_multiple_bytes;  /* the file size must be a multiple of it */
    uint64_t size_min_bytes;       /* the file size must not be less */
    uint64_t chunk_max_bytes;      /* the chunk must not be larger */
    uint64_t source_max_bytes;     /* a job must not use more of the source */
    uint64_t pinned_max_bytes;     /* all jobs that run at the same time must not use more of it, */
    uint64_t pinned_extra_bytes;   /* where each job counts so much more */
};

/* Finds out whether `kernel` can run in the directory `dir_fd` on this Linux: tries what it needs
 * on a file `name` there, which must not exist and is removed again. On success fills `limits`.
 * Otherwise `reason` (never NULL) holds a short sentence without a full stop.
 * Errors: -ENOTSUP it cannot run here; others: `name` could not be created, written or removed. */
int bm_kernel_probe(const struct bm_kernel *kernel, int dir_fd, const char *name,
                    struct bm_limits *limits, char reason[BM_REASON_BYTES]);

/* Whether `kernel` can have this state, this sync mode, or this order.
 * 0, or -EINVAL with the reason. */
int bm_kernel_accepts_state(const struct bm_kernel *kernel, enum bm_file_state state,
                            char reason[BM_REASON_BYTES]);
int bm_kernel_accepts_sync(const struct bm_kernel *kernel, enum bm_sync_mode mode,
                           char reason[BM_REASON_BYTES]);
int bm_kernel_accepts_order(const struct bm_kernel *kernel, enum bm_order order,
                            char reason[BM_REASON_BYTES]);

/* How many chunks kernels with a queue have under way at once, and how many they may have. */
enum { BM_DEPTH = 32, BM_DEPTH_MOST = 256 };
bool bm_kernel_has_depth(const struct bm_kernel *kernel);

/* Whether the kernel's chunks can be timed one by one, with so many under way at once (0: as
 * normally). 0, or -EINVAL with the reason. */
int bm_kernel_accepts_laps(const struct bm_kernel *kernel, unsigned depth,
                           char reason[BM_REASON_BYTES]);

/* Whether a file of this size can be had. 0, or -EINVAL with the reason. */
int bm_kernel_accepts_size(const struct bm_kernel *kernel, uint64_t file_size_bytes,
                           char reason[BM_REASON_BYTES]);

/* Whether the file system can bring a file into this state, by trying it with a file `name`. On
 * -ENOTSUP `reason` says why not. Errors: those of bm_kernel_prepare() and bm_job_remove(). */
int bm_file_state_probe(int dir_fd, const char *name, enum bm_file_state state,
                        char reason[BM_REASON_BYTES]);

/* One chunk of a job that lists them. */
struct bm_chunk {
    uint64_t offset_bytes; /* in the file */
    uint64_t bytes;        /* at least 1, at most the job's chunk_bytes; ends within the file */
};

struct bm_job {
    int dir_fd;               /* the directory; opened for reading (it is fsynced), not O_PATH */
    const char *name;         /* the file's name in it: no slash */
    uint64_t file_size_bytes; /* at least 1 */
    uint64_t chunk_bytes;     /* at least 1; the last chunk of the file may be shorter */
    const void *source;       /* page-aligned for O_DIRECT and vmsplice */
    /* 0: each chunk is the first chunk_bytes of the source. chunk_bytes: the source is as long as
     * the file and chunk number i comes from offset i * chunk_bytes. */
    uint64_t source_stride_bytes;
    enum bm_file_state state; /* 0 is "new": the file must not exist */
    enum bm_sync_mode sync;   /* 0 is "none" */
    enum bm_mode mode;        /* of a channel; 0 is "stream" */
    const int *cpus;          /* of a channel: the processors of sender and receiver; NULL: any */

    /* NULL, or for a caller with clocks of its own: called with true just before the first phase
     * and with false just after the last. Its own time is not in the result. */
    void (*around)(void *user, bool begin);
    void *user;

    /* NULL: the chunks are visited one behind the other. Otherwise so many chunks in this order,
     * each byte of the file in one of them. A chunk comes from the start of the source (stride 0:
     * then bm_kernel_verify() wants each to begin at a multiple of chunk_bytes), or from the offset
     * that it has in the file. The list is the caller's, and stays as it is. A kernel whose calls
     * move at the file offset seeks before each of them, but not in a list whose order is
     * sequential (0), which holds the chunks that there are without a list. */
    struct bm_chunk *chunks;
    uint64_t chunk_count;
    enum bm_order order;

    /* NULL, or with a list room for chunk_count times: how long each took, with one reading of the
     * clock. */
    uint64_t *laps_ns;

    /* How many chunks are under way at once, of a kernel that has a queue; 0: BM_DEPTH. */
    unsigned depth;
};

struct bm_result {
    uint64_t phase_ns[BM_PHASES]; /* 0 for a phase that the kernel does not have */
    uint64_t total_ns;            /* their sum: from before create to after close */
    uint64_t calls;               /* system calls in it, by arithmetic: no retries counted */
    uint64_t minor_faults, major_faults;
    uint64_t voluntary_switches, involuntary_switches;
    enum bm_phase failed_phase; /* when bm_kernel_run() failed: where */
    /* Of a kernel that wants huge pages: how much Linux mapped in huge pages of files meanwhile,
     * for all processes. */
    uint64_t huge_bytes;
};

/* Gives the job the list of its chunks in this order; the same seed gives the same list. It takes
 * 16 bytes a chunk. bm_job_unlist() frees it, and makes the job a plain one; it is no error where
 * there is none. Errors: -EINVAL no file or no chunk size; -ENOMEM. */
int bm_job_list(struct bm_job *job, enum bm_order order, uint64_t seed);
void bm_job_unlist(struct bm_job *job);

/* How often a chunk goes there and back in a sample, which no chunk larger than this does; 0 in a
 * stream. */
#define BM_TRIP_MAX_BYTES 65536
uint64_t bm_job_trips(const struct bm_job *job);

/* Brings the file into job->state: not timed. A reader's file holds the job's bytes, that of a
 * writer, or without a kernel (NULL), others. A reader's file that is there and right stays as it
 * is: each state wants a name of its own. Errors: of openat, write, fallocate, fsync;
 * -ECANCELED; -EBUSY the page cache could not be emptied (cold); -ENOTSUP the file system turned
 * out not to hold the state. */
int bm_kernel_prepare(const struct bm_kernel *kernel, const struct bm_job *job);

/* Moves the file's bytes once, and times the phases. The file must be in job->state, as
 * bm_kernel_prepare() leaves it. What a reader has read is added up, and the sum compared with that
 * of the job's bytes: -EBADMSG where they differ. All descriptors and mappings are gone when it
 * returns, whatever it returns; the file stays. Errors: -EINVAL a job that makes no sense, or a
 * list for a kernel that takes its chunks in the file's order only; -ENOSPC, -EDQUOT, -EIO, -EFBIG
 * ... from the system calls; -ECANCELED after bm_cancel(). A SIGBUS in the mapping becomes the
 * error that the file system gives for that place (-ENOSPC), or -EIO where it gives none (another
 * process truncated the file). */
int bm_kernel_run(const struct bm_kernel *kernel, const struct bm_job *job,
                  struct bm_result *result);

/* Compares the file, through a descriptor of its own, with the job's bytes.
 * Controls have nothing to compare. Errors: -EBADMSG the bytes or the size differ, with
 * *offset_bytes (may be NULL) the first that does; others from openat and pread. */
int bm_kernel_verify(const struct bm_kernel *kernel, const struct bm_job *job,
                     uint64_t *offset_bytes);

/* Removes the file; it is no error where there is none. Errors: of unlinkat. */
int bm_job_remove(const struct bm_job *job);

/* A source: page-aligned, touched, incompressible, different at each place. Errors: -ENOMEM. */
int bm_source_create(size_t bytes, void **source);
void bm_source_destroy(void *source, size_t bytes);

/* Every job from now on ends with -ECANCELED. Async-signal-safe, for a handler installed with
 * SA_NODEFER. A fill that runs in any thread is left at once, by a jump out of a handler (other
 * threads get a SIGBUS for it); where the kernel holds a lock of the C library, the sample is
 * finished first. */
void bm_cancel(void);

#ifdef __cplusplus
}
#endif
#endif
