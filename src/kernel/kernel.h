/* SPDX-License-Identifier: Apache-2.0
 *
 * What a kernel is made of, and what kernels share. skeleton.c shows one with comments.
 */
#ifndef BENCH_MMAP_KERNEL_KERNEL_H
#define BENCH_MMAP_KERNEL_KERNEL_H

#include "bench_mmap/kernel.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum kernel_flags {
    KERNEL_CONTROL = 1 << 0,  /* measures the machine, and has no file */
    KERNEL_MAPPING = 1 << 1,  /* works on a shared mapping: its fill is guarded against SIGBUS */
    KERNEL_LOCKS = 1 << 2,    /* holds a lock of the C library in its fill: no jump out of it */
    KERNEL_APPENDS = 1 << 3,  /* writes at the end of the file only */
    KERNEL_SIZES = 1 << 4,    /* differs from another kernel only in how the file gets its size */
    KERNEL_GATHERS = 1 << 5,  /* moves several chunks with one call: they become durable together */
    KERNEL_WINDOWS = 1 << 6,  /* has only a part of the file mapped at a time */
    KERNEL_IDLE = 1 << 7,     /* moves no bytes: it has no throughput */
    KERNEL_IN_ORDER = 1 << 8, /* takes the chunks in the file's order only, as those do that append,
                                 gather, or slide a window */
    KERNEL_REPLACES = 1 << 9, /* writes a file of its own, and gives it the name at the end */
    KERNEL_HUGE = 1 << 10,    /* asks for huge pages: those that came about are counted */
    KERNEL_QUEUES = 1 << 11,  /* has job->depth chunks under way at once */
};

enum file_state_flags {
    STATE_EXISTS = 1 << 0,    /* the file is there before the sample, */
    STATE_SIZED = 1 << 1,     /* has its size already, */
    STATE_TRUNCATED = 1 << 2, /* loses it when it is opened; */
    STATE_WRITTEN = 1 << 3,   /* is something to write, */
    STATE_READ = 1 << 4,      /* or to read */
};

/* One file being written or read: what the phases hand to each other. */
struct bm_sample {
    const struct bm_kernel *kernel;
    const struct bm_job *job;
    int fd;    /* -1 when not open */
    char *map; /* the mapping, or the memory that a control copies to; NULL when none */
    size_t map_bytes;
    void *handle; /* the kernel's own: a FILE, a ring; NULL when none */
    int pipe[2];  /* -1 when not open */
    int from_fd;  /* a file that holds the source; -1 when not open */
    char *buffer; /* what a reader reads into; NULL when none */
    size_t buffer_bytes;
    uint64_t sum;   /* of all that a reader has read: sum_words() of each chunk */
    uint64_t calls; /* system calls made by the phases so far, by arithmetic */
};

static inline struct bm_sample sample_of(const struct bm_kernel *kernel, const struct bm_job *job)
{
    return (struct bm_sample){
        .kernel = kernel, .job = job, .fd = -1, .pipe = {-1, -1}, .from_fd = -1};
}

/* A phase: 0 or -errno. Adds the system calls that it makes to sample->calls. */
typedef int bm_phase_function(struct bm_sample *sample);

/* One kernel. NULL means "this phase does nothing"; only [BM_PHASE_FILL] is required. */
struct bm_kernel {
    const char *name;    /* CamelCase, as in its table of src/registry */
    const char *summary; /* one line for a list: the system calls, and what sets it apart */
    enum bm_kind kind;
    unsigned flags;
    int open_flags; /* for bm_open_file(): the access mode, and what the kernel adds to it */

    /* Timed, in this order. Unmap and close are called after a failure too, whatever was built by
     * then: they must be safe on a half-built sample, and put -1 and NULL back. */
    bm_phase_function *phase[BM_PHASES];

    /* Runs instead of phase[BM_PHASE_FILL] where every chunk must be durable before the next. NULL:
     * the same loop does it, because bm_open_file() adds O_DSYNC. */
    bm_phase_function *fill_each;

    /* Runs instead of it where chunks go there and back. */
    bm_phase_function *fill_trips;

    /* Not timed: before the first and after the last phase, on every sample. */
    bm_phase_function *prepare;
    bm_phase_function *release;

    /* Whether it can run in this directory: 0, or -ENOTSUP with the reason. `sample` is a job of
     * one chunk on a file that does not exist yet. NULL: a whole sample shows it. */
    int (*probe)(struct bm_sample *sample, struct bm_limits *limits, char *reason);

    const struct bm_kernel *list_twin; /* what a job with a list of chunks runs; KERNEL() sets it */
};

/* Defines a kernel by its symbol, which is its name too, its summary and further members. Every
 * family is compiled a second time with LIST_WALK: its loops then take their chunks from a list,
 * and the same line defines the kernel's twin. Other globals would be there twice: helpers are
 * static, or stand in this folder. */
#ifdef LIST_WALK
#define WALKS_LIST true
#define KERNEL(symbol, what, ...)                                                                  \
    const struct bm_kernel bm_list_kernel_##symbol = {                                             \
        .name = #symbol, .summary = (what), __VA_ARGS__}
#else
#define WALKS_LIST false
#define KERNEL(symbol, what, ...)                                                                  \
    extern const struct bm_kernel bm_list_kernel_##symbol;                                         \
    const struct bm_kernel bm_kernel_##symbol = {                                                  \
        .name = #symbol, .summary = (what), .list_twin = &bm_list_kernel_##symbol, __VA_ARGS__}
#endif

/* Not in the table: skeleton.c. */
extern const struct bm_kernel bm_kernel_skeleton;

static inline uint64_t chunk_min(uint64_t a, uint64_t b) { return a < b ? a : b; }

#ifdef LIST_WALK
/* One chunk of the job's list at a time. */
struct chunk {
    const char *from;
    uint64_t at, bytes; /* in the file; 0 beyond the end */
    const struct bm_chunk *entry, *end;
    const char *source;
    uint64_t source_mask; /* all bits where the source is walked too, none where it is not */
    uint64_t *lap_ns;     /* of this chunk; NULL: nobody wants it */
    uint64_t began_ns;
};

/* Keeps how long a chunk took that began then, and returns when the next one begins. */
uint64_t bm_lap(uint64_t *lap_ns, uint64_t began_ns);

static inline void chunk_load(struct chunk *chunk)
{
    chunk->bytes = 0;
    if (chunk->entry == chunk->end)
        return;
    chunk->at = chunk->entry->offset_bytes;
    chunk->bytes = chunk->entry->bytes;
    chunk->from = chunk->source + (chunk->at & chunk->source_mask);
}

static inline struct chunk chunk_first(const struct bm_job *job)
{
    struct chunk chunk = {.entry = job->chunks,
                          .end = job->chunks + job->chunk_count,
                          .source = job->source,
                          .source_mask = job->source_stride_bytes != 0 ? UINT64_MAX : 0,
                          .lap_ns = job->laps_ns};

    chunk_load(&chunk);
    if (chunk.lap_ns != NULL)
        chunk.began_ns = bm_lap(chunk.lap_ns, 0);
    return chunk;
}

static inline void chunk_next(struct chunk *chunk)
{
    if (__builtin_expect(chunk->lap_ns != NULL, 0))
        chunk->began_ns = bm_lap(chunk->lap_ns++, chunk->began_ns);
    chunk->entry++;
    chunk_load(chunk);
}

static inline bool chunk_is_last(const struct chunk *chunk)
{
    return chunk->entry + 1 == chunk->end;
}

static inline uint64_t chunk_count(const struct bm_job *job) { return job->chunk_count; }
#else
/* One chunk at a time at successively higher offsets. All of it lives in registers. */
struct chunk {
    const char *from;
    uint64_t at;         /* offset in the file */
    uint64_t bytes;      /* 0 beyond the end */
    uint64_t left_bytes; /* from its offset to the end of the file */
    uint64_t full_bytes, stride_bytes;
};

static inline struct chunk chunk_first(const struct bm_job *job)
{
    return (struct chunk){.from = job->source,
                          .bytes = chunk_min(job->chunk_bytes, job->file_size_bytes),
                          .left_bytes = job->file_size_bytes,
                          .full_bytes = job->chunk_bytes,
                          .stride_bytes = job->source_stride_bytes};
}

static inline void chunk_next(struct chunk *chunk)
{
    chunk->at += chunk->bytes;
    chunk->from += chunk->stride_bytes;
    chunk->left_bytes -= chunk->bytes;
    chunk->bytes = chunk_min(chunk->full_bytes, chunk->left_bytes);
}

static inline bool chunk_is_last(const struct chunk *chunk)
{
    return chunk->left_bytes == chunk->bytes;
}

static inline uint64_t chunk_count(const struct bm_job *job)
{
    return (job->file_size_bytes + job->chunk_bytes - 1) / job->chunk_bytes;
}
#endif

#define FOR_EACH_CHUNK(chunk, job)                                                                 \
    for (struct chunk chunk = chunk_first(job); chunk.bytes != 0; chunk_next(&chunk))

/* The job for a walk over the chunks that only looks at how large they are: it is not timed. */
static inline struct bm_job job_untimed(const struct bm_job *job)
{
    struct bm_job untimed = *job;

    untimed.laps_ns = NULL;
    return untimed;
}

/* A loop over the chunks makes one call for each. What is left of a chunk after a call that did not
 * take all of it is moved by a function of its own, out of the loop's way. */
#define OUT_OF_THE_WAY __attribute__((noinline, cold))
#define INLINED inline __attribute__((always_inline))

/* Before a call that moves at the file offset. It is there already when the chunks come one behind
 * the other, and nobody seeks then. */
static INLINED bool seeks(const struct bm_job *job)
{
    return WALKS_LIST && job->order != BM_ORDER_SEQUENTIAL;
}

static INLINED int seek_to(const struct bm_job *job, int fd, uint64_t at)
{
    return seeks(job) && lseek(fd, (off_t)at, SEEK_SET) < 0 ? -errno : 0;
}

enum where { AT_OWN_OFFSET, AT_FILE_OFFSET };

/* Adds what a call has moved to *done. 0 to go on, also after EINTR; -errno; -EIO for no progress.
 */
static inline int count_moved(ssize_t moved, uint64_t *done)
{
    if (moved > 0)
        *done += (uint64_t)moved;
    else if (moved == 0)
        return -EIO;
    else if (errno != EINTR)
        return -errno;
    return 0;
}

/* A pipe with room for what an unprivileged process may ask for: /proc/sys/fs/pipe-max-size. */
#define BM_PIPE_BYTES 1048576
bm_phase_function bm_open_pipe;
bm_phase_function bm_close_pipe;

/* Accesses each page through the caller's own addresses, and changes nothing. After MAP_POPULATE
 * this is still wanted: a hypervisor without nested page tables fills its own at the first access,
 * in which a page of memory that "has been touched" takes 6 us under PVM. */
void bm_touch(void *memory, uint64_t bytes);

/* The same for memory that begins a page and that system calls will read or write: PVM has other
 * page tables while Linux runs, and a call's first access to a page takes 5 us, whoever touched it.
 */
void bm_touch_by_calls(void *memory, uint64_t bytes);

/* What a reader reads into: touched both ways, page-aligned; not timed. As large as a chunk, or as
 * asked for. Memory is what no call reads into. */
bm_phase_function bm_buffer_create;
int bm_buffer_of(struct bm_sample *sample, uint64_t bytes);
int bm_memory_of(struct bm_sample *sample, uint64_t bytes);
bm_phase_function bm_buffer_destroy;

/* As much of the source as the job uses. */
static inline uint64_t source_bytes(const struct bm_job *job)
{
    return job->source_stride_bytes == 0 ? chunk_min(job->chunk_bytes, job->file_size_bytes)
                                         : job->file_size_bytes;
}

/* The bytes as 64-bit words, those behind the last whole word one by one. */
static INLINED uint64_t sum_words(const char *from, uint64_t bytes)
{
    uint64_t sum = 0, at = 0, word;

    for (; at + sizeof word <= bytes; at += sizeof word) {
        memcpy(&word, from + at, sizeof word);
        sum += word;
    }
    for (; at < bytes; at++)
        sum += (unsigned char)from[at];
    return sum;
}

/* Keeps the stores of one chunk apart from those of the next. */
static inline void compiler_barrier(void) { __asm__ volatile("" : : : "memory"); }

bm_phase_function bm_open_file;         /* openat() as the state and open_flags ask */
bm_phase_function bm_size_by_ftruncate; /* where the state has not sized it already */
bm_phase_function bm_size_by_fallocate; /* the same, with blocks */
bm_phase_function bm_map_file;          /* mmap() of the whole file, shared */
bm_phase_function bm_sync_file;         /* as job->sync asks */
bm_phase_function bm_unmap_file;
bm_phase_function bm_close_file;

/* mmap() of the file from `at` on, for reading or for both as it is open, or with MAP_ANONYMOUS of
 * memory: sample->map. */
int bm_map(struct bm_sample *sample, uint64_t bytes, int flags, uint64_t at);

/* A page of it may not be had: a mapping's, or one of the file that a channel's slots are in. */
static inline bool bm_shares_memory(const struct bm_kernel *kernel)
{
    return (kernel->flags & KERNEL_MAPPING) != 0 || kernel->kind == BM_KIND_CHANNEL;
}

/* Of -EFAULT for a page of a shared file that could not be had: -ENOSPC where the file system has
 * less room than the job's file, else -EIO. Other errors stay. In a signal handler, too. */
int bm_bus_error(const struct bm_job *job, int error);

/* bm_map_file(), and madvise() of all of it. */
int bm_map_advised(struct bm_sample *sample, int advice);

/* What decides whether a file can have huge pages. */
struct bm_huge_place {
    char type[32], options[256]; /* of the mount; empty: not known */
    char shmem_enabled[64];      /* "always within_size advise [never] deny force" */
    unsigned linux_major, linux_minor;
    bool is_allocated; /* the file: by fallocate(), before it is mapped */
};
enum bm_huge { BM_HUGE_NEVER, BM_HUGE_POSSIBLE, BM_HUGE_UNKNOWN };
enum bm_huge bm_huge_of(const struct bm_huge_place *place);

/* A probe: whether Linux can map huge pages of files here. Only where that is not known it is
 * tried, with this trial kernel on a file of the job's state: it puts bm_huge_kilobytes() of its
 * mapping into *(uint64_t *)job->user. Where they can be, none need come about in a sample. */
int bm_probe_huge(const struct bm_kernel *trial, const struct bm_job *job, struct bm_limits *limits,
                  char *reason);
uint64_t bm_huge_kilobytes(const void *map);

/* The size of the huge page that one PMD entry maps; 0 where Linux has none. */
uint64_t bm_huge_page_bytes(void);

/* Calls look() for each line of the file, until it returns true. */
typedef bool bm_line_function(const char *line, void *user);
void bm_look_at_lines(const char *path, bm_line_function *look, void *user);

/* How much of files Linux has mapped in huge pages since it runs, for all processes. */
uint64_t bm_huge_mapped_bytes(void);

/* What a system call moves bytes between, besides the memory. */
struct bm_ends {
    int to, from;       /* the file; a file that holds the source, or -1 */
    const char *source; /* the memory that `from` holds, from its start */
};

static inline struct bm_ends bm_ends_of(const struct bm_sample *sample)
{
    return (struct bm_ends){
        .to = sample->fd, .from = sample->from_fd, .source = sample->job->source};
}

/* One system call that moves at most `bytes` from `from` to the offset `at` of the file, and what
 * it returns. */
typedef ssize_t bm_move_function(struct bm_ends ends, const char *from, uint64_t bytes,
                                 uint64_t at);

/* Goes on with the chunk that starts left_bytes before the end of the file, or with that of a list,
 * after a call that has returned `moved` and so has not taken all of it. They are told so little
 * because the loop would have to keep in registers what it passes. */
OUT_OF_THE_WAY int bm_move_rest(const struct bm_sample *sample, bm_move_function *move,
                                uint64_t left_bytes, ssize_t moved);
OUT_OF_THE_WAY int bm_move_rest_of_list(const struct bm_sample *sample, bm_move_function *move,
                                        const struct bm_chunk *entry, ssize_t moved);

#ifdef LIST_WALK
#define MOVE_REST(sample, move, chunk, moved)                                                      \
    bm_move_rest_of_list(sample, move, (chunk).entry, moved)
#else
#define MOVE_REST(sample, move, chunk, moved) bm_move_rest(sample, move, (chunk).left_bytes, moved)
#endif

/* The stream that owns the descriptor, for who closes it now; NULL: none was opened. */
static inline void *take_stream(struct bm_sample *sample)
{
    void *stream = sample->handle;

    if (stream != NULL)
        sample->fd = -1;
    sample->handle = NULL;
    return stream;
}

/* A probe of those that C++ programs have. */
int bm_probe_linked(bool is_linked, char *reason);

/* msync() of the pages in which these bytes of the mapping lie. Not added to sample->calls. */
int bm_sync_pages(char *map, uint64_t at, uint64_t bytes);

/* The system calls of a loop that makes one for each chunk, or more where one cannot take it. */
uint64_t bm_write_calls(const struct bm_job *job);

/* Linux moves at most this much in one call. */
#define CALL_MAX_BYTES UINT64_C(0x7ffff000)

unsigned bm_file_state_flags(enum bm_file_state state);

/* Whether any page of the file is in the page cache: 1, 0 or -errno. */
int bm_file_is_cached(int fd, uint64_t file_size_bytes);

/* The bytes that the job's file holds from `at` on. */
void bm_job_bytes(const struct bm_job *job, uint64_t at, char *to, size_t bytes);

/* What a reader of them should have added up. */
uint64_t bm_job_sum(const struct bm_job *job);

/* Writes all of it. */
int bm_write_fully(int fd, const char *from, uint64_t bytes);

/* Writes the reason, like printf(); always returns -ENOTSUP. */
int bm_refuse(char *reason, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Whether this is the -errno with which Linux, a file system or a seccomp filter refuses a call
 * that it does not know. A directory that may not be written to gives others: -EACCES, -EROFS. */
bool bm_is_refusal(int error);

/* Installs the handler of SIGBUS, the first time. */
void bm_guard_install(void);

/* Calls the fill phase. A SIGBUS in it is -EFAULT, bm_cancel() is -ECANCELED. */
int bm_guard_fill(struct bm_sample *sample);
bool bm_is_cancelled(void);

/* Ten times a second while a fill of this thread runs, look(user) is called in a signal handler: an
 * error that it returns is the fill's. NULL: no more. Errors: of timer_create(). */
typedef int bm_look_function(void *user);
int bm_guard_watch(bm_look_function *look, void *user);

#endif
