/* SPDX-License-Identifier: Apache-2.0
 * What is not timed: bringing the file into its state before a sample, and finding out by trying
 * whether a kernel or a state is possible in a directory. */
#include "kernel.h"

#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)

int bm_job_remove(const struct bm_job *job)
{
    return unlinkat(job->dir_fd, job->name, 0) < 0 && errno != ENOENT ? -errno : 0;
}

int bm_write_fully(int fd, const char *from, uint64_t bytes)
{
    int error = 0;

    for (uint64_t done = 0; error == 0 && done < bytes;)
        error = count_moved(write(fd, from + done, chunk_min(bytes - done, CALL_MAX_BYTES)), &done);
    return error;
}

enum content { CONTENT_OTHER, CONTENT_OF_JOB };

/* What a writer overwrites differs from the source almost everywhere, so that verification finds a
 * sample that has written nothing. */
static int lay_down(int fd, const struct bm_job *job, enum content content)
{
    bool small = job->state == BM_FILE_STATE_OVERWRITE4K || job->state == BM_FILE_STATE_CACHED4K;
    size_t piece_bytes = small ? 4096 : MIB;
    char *piece = malloc(piece_bytes);
    int error = piece == NULL ? -ENOMEM : 0;

    if (piece != NULL)
        memset(piece, 0xa5, piece_bytes);
    for (uint64_t at = 0; error == 0 && at < job->file_size_bytes; at += piece_bytes) {
        size_t bytes = (size_t)chunk_min(piece_bytes, job->file_size_bytes - at);
        if (content == CONTENT_OF_JOB)
            bm_job_bytes(job, at, piece, bytes);
        error = bm_is_cancelled() ? -ECANCELED : bm_write_fully(fd, piece, bytes);
    }
    if (error == 0 && fsync(fd) < 0)
        error = -errno;
    free(piece);
    return error;
}

/* How many pages of the file are in the page cache, or -errno. Since Linux 5.2 mincore() shows it
 * only of a file that one may write. */
static int64_t count_cached(int fd, uint64_t file_size_bytes)
{
    unsigned char pages[4096];
    size_t page = (size_t)sysconf(_SC_PAGESIZE), part;
    char *map = mmap(NULL, (size_t)file_size_bytes, PROT_READ, MAP_SHARED, fd, 0);
    int64_t cached = map == MAP_FAILED ? -errno : 0;

    for (uint64_t at = 0; cached >= 0 && at < file_size_bytes; at += part) {
        part = (size_t)chunk_min(file_size_bytes - at, sizeof pages * page);
        if (mincore(map + at, part, pages) < 0)
            cached = -errno;
        for (size_t i = 0; cached >= 0 && i < (part + page - 1) / page; i++)
            cached += pages[i] & 1;
    }
    if (map != MAP_FAILED)
        munmap(map, (size_t)file_size_bytes);
    return cached;
}

int bm_file_is_cached(int fd, uint64_t file_size_bytes)
{
    int64_t cached = count_cached(fd, file_size_bytes);

    return cached < 0 ? (int)cached : cached > 0;
}

/* A page that a processor holds back in its batch for the LRU lists cannot be dropped yet, but
 * soon. */
static int drop_from_cache(int fd, uint64_t file_size_bytes)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    int cached = 1;

    for (int tries = 0; cached == 1 && tries < 100; tries++) {
        int error = posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        if (error != 0)
            return -error;
        if (tries > 0)
            nanosleep(&pause, NULL);
        cached = bm_file_is_cached(fd, file_size_bytes);
    }
    return cached == 1 ? -EBUSY : cached;
}

static int prepare_cold(int fd, const struct bm_job *job, enum content content)
{
    int error = lay_down(fd, job, content);

    return error != 0 ? error : drop_from_cache(fd, job->file_size_bytes);
}

/* The first extents must be unwritten, as FIEMAP shows them. A file system without FIEMAP (tmpfs)
 * is believed. */
static int check_unwritten(int fd)
{
    enum { EXTENTS = 16 };
    union {
        struct fiemap query;
        char room[sizeof(struct fiemap) + EXTENTS * sizeof(struct fiemap_extent)];
    } asked = {.room = {0}};
    struct fiemap *query = &asked.query;

    query->fm_length = FIEMAP_MAX_OFFSET;
    query->fm_extent_count = EXTENTS;
    if (ioctl(fd, FS_IOC_FIEMAP, query) < 0)
        return errno == EOPNOTSUPP || errno == ENOTTY ? 0 : -errno;
    for (unsigned i = 0; i < query->fm_mapped_extents; i++) {
        if (!(query->fm_extents[i].fe_flags & FIEMAP_EXTENT_UNWRITTEN))
            return -ENOTSUP;
    }
    return query->fm_mapped_extents > 0 ? 0 : -ENOTSUP;
}

static int prepare_prealloc(int fd, const struct bm_job *job, enum content content)
{
    (void)content;
    if (fallocate(fd, 0, 0, (off_t)job->file_size_bytes) < 0 || fsync(fd) < 0)
        return -errno;
    return check_unwritten(fd);
}

/* What is done with the empty file that has just been created; NULL: the state has no file. */
typedef int prepare_function(int fd, const struct bm_job *job, enum content content);
static prepare_function *const prepare_functions[BM_FILE_STATES] = {
    [BM_FILE_STATE_TRUNCATE] = lay_down,  [BM_FILE_STATE_PREALLOC] = prepare_prealloc,
    [BM_FILE_STATE_OVERWRITE] = lay_down, [BM_FILE_STATE_OVERWRITE4K] = lay_down,
    [BM_FILE_STATE_CACHED] = lay_down,    [BM_FILE_STATE_CACHED4K] = lay_down,
    [BM_FILE_STATE_COLD] = prepare_cold,
};

int bm_file_state_probe(int dir_fd, const char *name, enum bm_file_state state,
                        char reason[BM_REASON_BYTES])
{
    struct bm_job job = {.dir_fd = dir_fd,
                         .name = name,
                         .file_size_bytes = (uint64_t)sysconf(_SC_PAGESIZE),
                         .chunk_bytes = 1,
                         .state = state};
    int error = bm_kernel_prepare(NULL, &job);
    int remove_error = bm_job_remove(&job);

    if (bm_is_refusal(error) && state == BM_FILE_STATE_PREALLOC)
        return bm_refuse(reason, "there is no fallocate() here that leaves blocks unwritten: %s",
                         strerror(-error));
    if (bm_is_refusal(error) && state == BM_FILE_STATE_COLD)
        return bm_refuse(reason, "the page cache cannot be emptied or looked at: %s",
                         strerror(-error));
    if (error == -EBUSY)
        return bm_refuse(reason,
                         "the page cache cannot be emptied: on a file system in memory it is "
                         "where the file is");
    return error != 0 ? error : remove_error;
}

/* Whether the file that is there can be read once more: it holds the job's bytes, and where it has
 * to be cached, all of it is. */
static bool can_stay(const struct bm_kernel *kernel, const struct bm_job *job)
{
    int fd = openat(job->dir_fd, job->name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    bool cold = job->state == BM_FILE_STATE_COLD, stays;

    if (fd < 0)
        return false;
    stays = cold || count_cached(fd, job->file_size_bytes) ==
                        (int64_t)((job->file_size_bytes - 1) / (uint64_t)sysconf(_SC_PAGESIZE) + 1);
    stays = stays && bm_kernel_verify(kernel, job, NULL) == 0 &&
            (!cold || drop_from_cache(fd, job->file_size_bytes) == 0);
    close(fd);
    return stays;
}

int bm_kernel_prepare(const struct bm_kernel *kernel, const struct bm_job *job)
{
    bool reads = kernel != NULL && kernel->kind == BM_KIND_READER;
    int fd, error = bm_is_cancelled() ? -ECANCELED : 0;

    if (error != 0 || job->state == BM_FILE_STATE_NONE)
        return error;
    if (reads && can_stay(kernel, job))
        return 0;
    error = bm_job_remove(job);
    if (error != 0 || prepare_functions[job->state] == NULL)
        return error;
    fd = openat(job->dir_fd, job->name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return -errno;
    error = prepare_functions[job->state](fd, job, reads ? CONTENT_OF_JOB : CONTENT_OTHER);
    if (close(fd) < 0 && error == 0)
        error = -errno;
    if (error != 0)
        bm_job_remove(job);
    return error;
}

/* A sample of one page shows whether Linux and the file system can do it. */
static int try_sample(const struct bm_kernel *kernel, const struct bm_job *job, char *reason)
{
    struct bm_result result;
    int error = kernel->kind == BM_KIND_READER ? bm_kernel_prepare(kernel, job) : 0;

    if (error != 0)
        return error;
    error = bm_kernel_run(kernel, job, &result);
    if (error == 0)
        error = bm_kernel_verify(kernel, job, NULL);
    if (error == -EBADMSG)
        return bm_refuse(reason, kernel->kind == BM_KIND_READER
                                     ? "what was read of a trial file is not what it holds"
                                     : "a trial file did not hold what was written");
    if (kernel->kind == BM_KIND_CHANNEL && error != 0 && error != -ECANCELED)
        return bm_refuse(reason, "a trial failed: %s", strerror(-error));
    if (bm_is_refusal(error))
        return bm_refuse(reason, "%s failed on a trial file: %s",
                         bm_phase_name(result.failed_phase), strerror(-error));
    return error;
}

int bm_kernel_probe(const struct bm_kernel *kernel, int dir_fd, const char *name,
                    struct bm_limits *limits, char reason[BM_REASON_BYTES])
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    struct bm_job job = {.dir_fd = dir_fd,
                         .name = name,
                         .file_size_bytes = page,
                         .chunk_bytes = page,
                         .state = !bm_kernel_has_file(kernel)      ? BM_FILE_STATE_NONE
                                  : kernel->kind == BM_KIND_READER ? BM_FILE_STATE_CACHED
                                                                   : BM_FILE_STATE_NEW};
    struct bm_sample sample = sample_of(kernel, &job);
    void *source;
    int error;

    *limits = (struct bm_limits){.chunk_multiple_bytes = 1,
                                 .size_multiple_bytes = 1,
                                 .size_min_bytes = 1,
                                 .chunk_max_bytes = UINT64_MAX,
                                 .source_max_bytes = UINT64_MAX,
                                 .pinned_max_bytes = UINT64_MAX};
    reason[0] = '\0';
    error = bm_source_create(page, &source);
    if (error != 0)
        return error;
    job.source = source;
    if (kernel->probe != NULL)
        error = kernel->probe(&sample, limits, reason);
    if (reason[0] == '\0' && bm_is_refusal(error))
        error = bm_refuse(reason, "trying it failed: %s", strerror(-error));
    if (error == 0)
        error = try_sample(kernel, &job, reason);
    if (bm_kernel_has_file(kernel)) {
        int remove_error = bm_job_remove(&job);
        error = error != 0 ? error : remove_error;
    }
    bm_source_destroy(source, page);
    return error;
}
