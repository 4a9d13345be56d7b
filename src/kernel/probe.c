/* SPDX-License-Identifier: Apache-2.0
 * Whether a kernel can run in a directory: found out by trying. */
#include "kernel.h"

#include <string.h>
#include <unistd.h>

/* A sample of one page shows whether Linux and the file system can do it. */
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
    struct bm_sample sample = sample_of(kernel, &job);
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
