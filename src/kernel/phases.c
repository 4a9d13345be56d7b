/* SPDX-License-Identifier: Apache-2.0
 * Phases that kernels share. */
#include "kernel.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int bm_open_file(struct bm_sample *sample)
{
    int flags = sample->kernel->open_flags | O_CLOEXEC | O_NOFOLLOW;
    unsigned state = bm_file_state_flags(sample->job->state);

    if (!(state & STATE_EXISTS))
        flags |= O_CREAT | O_EXCL;
    if (state & STATE_TRUNCATED)
        flags |= O_TRUNC;
    if (sample->job->sync == BM_SYNC_MODE_EACH && !bm_kernel_is_mapping(sample->kernel))
        flags |= O_DSYNC;
    sample->fd = openat(sample->job->dir_fd, sample->job->name, flags, 0600);
    sample->calls++;
    return sample->fd < 0 ? -errno : 0;
}

int bm_size_by_ftruncate(struct bm_sample *sample)
{
    if (bm_file_state_flags(sample->job->state) & STATE_SIZED)
        return 0;
    sample->calls++;
    return ftruncate(sample->fd, (off_t)sample->job->file_size_bytes) < 0 ? -errno : 0;
}

int bm_size_by_fallocate(struct bm_sample *sample)
{
    if (bm_file_state_flags(sample->job->state) & STATE_SIZED)
        return 0;
    sample->calls++;
    return fallocate(sample->fd, 0, 0, (off_t)sample->job->file_size_bytes) < 0 ? -errno : 0;
}

int bm_map(struct bm_sample *sample, uint64_t bytes, int flags, uint64_t at)
{
    int fd = flags & MAP_ANONYMOUS ? -1 : sample->fd;
    bool reads = fd >= 0 && (sample->kernel->open_flags & O_ACCMODE) == O_RDONLY;
    void *map;

    if (bytes > SIZE_MAX)
        return -EFBIG;
    map =
        mmap(NULL, (size_t)bytes, reads ? PROT_READ : PROT_READ | PROT_WRITE, flags, fd, (off_t)at);
    sample->calls++;
    if (map == MAP_FAILED)
        return -errno;
    sample->map = map;
    sample->map_bytes = (size_t)bytes;
    return 0;
}

int bm_map_file(struct bm_sample *sample)
{
    return bm_map(sample, sample->job->file_size_bytes, MAP_SHARED, 0);
}

int bm_map_advised(struct bm_sample *sample, int advice)
{
    int error = bm_map_file(sample);

    if (error != 0)
        return error;
    sample->calls++;
    return madvise(sample->map, sample->map_bytes, advice) < 0 ? -errno : 0;
}

int bm_unmap_file(struct bm_sample *sample)
{
    char *map = sample->map;

    if (map == NULL)
        return 0;
    sample->map = NULL;
    sample->calls++;
    return munmap(map, sample->map_bytes) < 0 ? -errno : 0;
}

void bm_touch(void *memory, uint64_t bytes)
{
    for (uint64_t at = 0; at < bytes; at += 4096)
        atomic_fetch_or((atomic_char *)memory + at, 0);
}

/* FUTEX_WAKE_OP "or"s 0 to a word in Linux, and wakes nobody. */
void bm_touch_by_calls(void *memory, uint64_t bytes)
{
    for (uint64_t at = 0; at < bytes; at += 4096) {
        char *word = (char *)memory + at;
        (void)syscall(SYS_futex, word, FUTEX_WAKE_OP_PRIVATE, 0, NULL, word,
                      FUTEX_OP(FUTEX_OP_OR, 0, FUTEX_OP_CMP_EQ, 0));
    }
}

/* Without huge pages, as what the other kernels read into. */
int bm_memory_of(struct bm_sample *sample, uint64_t bytes)
{
    void *buffer = bytes > SIZE_MAX ? MAP_FAILED
                                    : mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE,
                                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (buffer == MAP_FAILED)
        return -ENOMEM;
    (void)madvise(buffer, (size_t)bytes, MADV_NOHUGEPAGE);
    sample->buffer = memset(buffer, 0xa5, (size_t)bytes);
    sample->buffer_bytes = (size_t)bytes;
    return 0;
}

int bm_buffer_of(struct bm_sample *sample, uint64_t bytes)
{
    int error = bm_memory_of(sample, bytes);

    if (error == 0)
        bm_touch_by_calls(sample->buffer, bytes);
    return error;
}

int bm_buffer_create(struct bm_sample *sample)
{
    return bm_buffer_of(sample, sample->job->chunk_bytes);
}

int bm_buffer_destroy(struct bm_sample *sample)
{
    if (sample->buffer != NULL)
        munmap(sample->buffer, sample->buffer_bytes);
    sample->buffer = NULL;
    return 0;
}

int bm_open_pipe(struct bm_sample *sample)
{
    sample->calls += 2;
    if (pipe2(sample->pipe, O_CLOEXEC) < 0) {
        sample->pipe[0] = sample->pipe[1] = -1;
        return -errno;
    }
    return fcntl(sample->pipe[1], F_SETPIPE_SZ, BM_PIPE_BYTES) < 0 ? -errno : 0;
}

int bm_close_pipe(struct bm_sample *sample)
{
    for (int i = 0; i < 2; i++) {
        if (sample->pipe[i] >= 0) {
            close(sample->pipe[i]);
            sample->calls++;
        }
        sample->pipe[i] = -1;
    }
    return 0;
}

int bm_close_file(struct bm_sample *sample)
{
    int fd = sample->fd;

    if (fd < 0)
        return 0;
    sample->fd = -1;
    sample->calls++;
    /* Linux has closed the descriptor even when it says EINTR. */
    return close(fd) < 0 && errno != EINTR ? -errno : 0;
}

int bm_sync_file(struct bm_sample *sample)
{
    switch (sample->job->sync) {
    case BM_SYNC_MODE_FDATASYNC:
        sample->calls++;
        return fdatasync(sample->fd) < 0 ? -errno : 0;
    case BM_SYNC_MODE_FSYNC:
        sample->calls += 2;
        return fsync(sample->fd) < 0 || fsync(sample->job->dir_fd) < 0 ? -errno : 0;
    case BM_SYNC_MODE_MSYNC:
        sample->calls++;
        return msync(sample->map, sample->map_bytes, MS_SYNC) < 0 ? -errno : 0;
    default:
        return 0;
    }
}

int bm_sync_pages(char *map, uint64_t at, uint64_t bytes)
{
    uint64_t page = at & ~((uint64_t)sysconf(_SC_PAGESIZE) - 1);

    return msync(map + page, at + bytes - page, MS_SYNC) < 0 ? -errno : 0;
}

int bm_move_rest_of_list(const struct bm_sample *sample, bm_move_function *move,
                         const struct bm_chunk *entry, ssize_t moved)
{
    const struct bm_job *job = sample->job;
    uint64_t at = entry->offset_bytes, bytes = entry->bytes, done = 0;
    const char *from = (const char *)job->source + (job->source_stride_bytes != 0 ? at : 0);
    int error;

    while ((error = count_moved(moved, &done)) == 0 && done < bytes)
        moved = move(bm_ends_of(sample), from + done, bytes - done, at + done);
    return error;
}

int bm_move_rest(const struct bm_sample *sample, bm_move_function *move, uint64_t left_bytes,
                 ssize_t moved)
{
    const struct bm_job *job = sample->job;
    struct bm_chunk chunk = {.offset_bytes = job->file_size_bytes - left_bytes,
                             .bytes = chunk_min(job->chunk_bytes, left_bytes)};

    return bm_move_rest_of_list(sample, move, &chunk, moved);
}

static uint64_t calls_of(uint64_t bytes) { return (bytes + CALL_MAX_BYTES - 1) / CALL_MAX_BYTES; }

uint64_t bm_write_calls(const struct bm_job *job)
{
    uint64_t full = job->file_size_bytes / job->chunk_bytes;
    uint64_t tail = job->file_size_bytes % job->chunk_bytes, sum = 0;

    if (job->chunks == NULL)
        return full * calls_of(job->chunk_bytes) + calls_of(tail);
    if (job->chunk_bytes <= CALL_MAX_BYTES)
        return job->chunk_count;
    for (uint64_t i = 0; i < job->chunk_count; i++)
        sum += calls_of(job->chunks[i].bytes);
    return sum;
}
