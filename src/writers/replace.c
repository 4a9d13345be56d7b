/* SPDX-License-Identifier: Apache-2.0
 * The safe save: whoever opens the name finds all the old bytes or all the new ones, after a power
 * cut, too. */
#include "loops.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

/* The temporary file. */
struct beside {
    struct bm_job job;
    bool exists;
    char name[NAME_MAX + 1];
};

/* rename() would not complain of a file that should not be there. */
static bool is_in_the_way(const struct bm_job *job)
{
    return !(bm_file_state_flags(job->state) & STATE_EXISTS) &&
           faccessat(job->dir_fd, job->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Not timed. A temporary file that is there was left by a process that was killed. */
static int prepare_beside(struct bm_sample *sample)
{
    struct beside *beside;

    if (is_in_the_way(sample->job))
        return -EEXIST;
    if ((beside = calloc(1, sizeof *beside)) == NULL)
        return -ENOMEM;
    sample->handle = beside;
    beside->job = *sample->job;
    beside->job.name = beside->name;
    beside->job.state = BM_FILE_STATE_NEW;
    if (snprintf(beside->name, sizeof beside->name, "%s.new", sample->job->name) > NAME_MAX)
        return -ENAMETOOLONG;
    return bm_job_remove(&beside->job);
}

static int release_beside(struct bm_sample *sample)
{
    free(sample->handle);
    sample->handle = NULL;
    return 0;
}

static int open_beside(struct bm_sample *sample)
{
    const struct bm_job *job = sample->job;
    struct beside *beside = sample->handle;

    sample->job = &beside->job;
    int error = bm_open_file(sample);
    sample->job = job;
    beside->exists = error == 0;
    return error;
}

/* Without the first call a power cut could leave the name with an empty file; the last makes the
 * name durable, too. */
static int sync_and_rename(struct bm_sample *sample)
{
    const struct bm_job *job = sample->job;
    struct beside *beside = sample->handle;
    bool data_only = job->sync == BM_SYNC_MODE_FDATASYNC;

    sample->calls += 2;
    if ((data_only ? fdatasync(sample->fd) : fsync(sample->fd)) < 0 ||
        renameat(job->dir_fd, beside->name, job->dir_fd, job->name) < 0)
        return -errno;
    beside->exists = false;
    if (job->sync != BM_SYNC_MODE_FSYNC)
        return 0;
    sample->calls++;
    return fsync(job->dir_fd) < 0 ? -errno : 0;
}

static int close_beside(struct bm_sample *sample)
{
    struct beside *beside = sample->handle;
    int error = bm_close_file(sample);

    if (beside->exists)
        (void)bm_job_remove(&beside->job);
    beside->exists = false;
    return error;
}

KERNEL(Replace, "write() to a file beside it, then fsync() and rename() over it (both in sync)",
       .flags = KERNEL_REPLACES, .open_flags = O_WRONLY, .prepare = prepare_beside,
       .phase = {[BM_PHASE_CREATE] = open_beside,
                 [BM_PHASE_FILL] = fill_by_write,
                 [BM_PHASE_SYNC] = sync_and_rename,
                 [BM_PHASE_CLOSE] = close_beside},
       .release = release_beside);
