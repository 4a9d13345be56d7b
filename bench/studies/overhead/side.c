/* SPDX-License-Identifier: Apache-2.0 */
#include "side.h"
#include "src/base/clock.h"

#include <sys/resource.h>

static struct bm_job job_of(const struct task *task, const char *name)
{
    return (struct bm_job){.dir_fd = task->dir_fd,
                           .name = name,
                           .file_size_bytes = task->file_bytes,
                           .chunk_bytes = task->chunk_bytes,
                           .source = task->source,
                           .state = bm_kernel_is_control(task->writer) ? BM_FILE_STATE_NONE
                                                                       : BM_FILE_STATE_NEW};
}

static int write_bare(const struct task *task, const char *name, struct bm_result *result)
{
    const struct bare_writer *bare = task->bare;
    struct bare_job job = {.dir_fd = task->dir_fd,
                           .name = name,
                           .source = task->source,
                           .chunk_bytes = task->chunk_bytes,
                           .file_bytes = task->file_bytes,
                           .source_fd = -1};
    int error = bare->prepare != NULL ? bare->prepare(&job) : 0;
    struct rusage usage;

    *result = (struct bm_result){0};
    if (error == 0) {
        getrusage(RUSAGE_THREAD, &usage);
        uint64_t start_ns = clock_ns();
        error = bare_run(bare, &job);
        result->total_ns = clock_ns() - start_ns;
        getrusage(RUSAGE_THREAD, &usage);
    }
    if (bare->release != NULL)
        bare->release(&job);
    return error;
}

int side_write(enum side side, const struct task *task, const char *name, struct bm_result *result)
{
    const struct bm_job job = job_of(task, name);

    return side == SIDE_KERNEL ? bm_kernel_run(task->writer, &job, result)
                               : write_bare(task, name, result);
}

int side_remove(const struct task *task, const char *name, bool verify)
{
    struct bm_job job = job_of(task, name);
    int error, remove_error;

    if (bm_kernel_is_control(task->writer))
        return 0;
    error = verify ? bm_kernel_verify(task->writer, &job, NULL) : 0;
    remove_error = bm_job_remove(&job);
    return error != 0 ? error : remove_error;
}
