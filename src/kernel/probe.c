/* SPDX-License-Identifier: Apache-2.0
 * What a writer can do in this directory, and which states and modes go with it. */
#include "kernel.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

bool bm_is_refusal(int error)
{
    return error == -EOPNOTSUPP || error == -ENOSYS || error == -EINVAL || error == -ENODEV ||
           error == -EXDEV || error == -EPERM;
}

/* A sample of one page shows whether the file system and the kernel can do it. */
static int try_sample(const struct bm_kernel *kernel, const struct bm_job *job, char *reason)
{
    struct bm_result result;
    int error = bm_kernel_run(kernel, job, &result);

    if (error == 0 && bm_kernel_verify(kernel, job, NULL) != 0)
        return bm_refuse(reason, "a trial file did not hold what was written");
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
                         .state =
                             bm_kernel_is_control(kernel) ? BM_FILE_STATE_NONE : BM_FILE_STATE_NEW};
    struct bm_sample sample = {
        .kernel = kernel, .job = &job, .fd = -1, .pipe = {-1, -1}, .from_fd = -1};
    void *source;
    int error;

    *limits = (struct bm_limits){.chunk_multiple_bytes = 1,
                                 .size_multiple_bytes = 1,
                                 .size_min_bytes = 1,
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
    if (!bm_kernel_is_control(kernel)) {
        int remove_error = bm_job_remove(&job);
        error = error != 0 ? error : remove_error;
    }
    bm_source_destroy(source, page);
    return error;
}

/* -EINVAL with the reason, where there is one. */
static int accept_unless(const char *why, char *reason)
{
    if (why == NULL)
        return 0;
    bm_refuse(reason, "%s", why);
    return -EINVAL;
}

int bm_kernel_accepts_state(const struct bm_kernel *kernel, enum bm_file_state state,
                            char reason[BM_REASON_BYTES])
{
    bool sized = (bm_file_state_flags(state) & STATE_SIZED) != 0;
    bool control = bm_kernel_is_control(kernel);
    const char *why = NULL;

    if (control != (state == BM_FILE_STATE_NONE))
        why = control ? "a control has no file" : "needs a file";
    else if (sized && (kernel->flags & KERNEL_APPENDS))
        why = "it appends: a file that has its size already would grow";
    else if (sized && (kernel->flags & KERNEL_SIZES))
        why = "the file has its size already: the same as without fallocate()";
    return accept_unless(why, reason);
}

int bm_kernel_accepts_sync(const struct bm_kernel *kernel, enum bm_sync_mode mode,
                           char reason[BM_REASON_BYTES])
{
    const char *why = NULL;

    if (mode == BM_SYNC_MODE_NONE)
        return 0;
    if (bm_kernel_is_control(kernel))
        why = "a control has nothing to make durable";
    else if (mode == BM_SYNC_MODE_MSYNC && !bm_kernel_is_mapping(kernel))
        why = "has no mapping";
    else if (mode == BM_SYNC_MODE_MSYNC && (kernel->flags & KERNEL_WINDOWS))
        why = "at the end no more than the last window is mapped";
    else if (mode == BM_SYNC_MODE_EACH && (kernel->flags & KERNEL_GATHERS))
        why = "several chunks go in one call: they become durable together";
    return accept_unless(why, reason);
}

/* Address space is asked for and given back: nothing else knows all its limits. */
int bm_kernel_accepts_size(const struct bm_kernel *kernel, uint64_t file_size_bytes,
                           char reason[BM_REASON_BYTES])
{
    void *space;

    if (!bm_kernel_is_mapping(kernel) || (kernel->flags & KERNEL_WINDOWS))
        return 0;
    space = file_size_bytes > SIZE_MAX ? MAP_FAILED
                                       : mmap(NULL, (size_t)file_size_bytes, PROT_NONE,
                                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (space == MAP_FAILED) {
        bm_refuse(reason,
                  "maps the whole file, which the address space (RLIMIT_AS) does not hold; "
                  "MmapWindow does not");
        return -EINVAL;
    }
    munmap(space, (size_t)file_size_bytes);
    return 0;
}
