/* SPDX-License-Identifier: Apache-2.0
 * One sample: the phases of a kernel, with a clock reading between them. */
#include "kernel.h"
#include "src/base/clock.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <unistd.h>

/* A control that takes its chunks in order only works them off in laps, which a list has not. */
static bool takes_lists(const struct bm_kernel *kernel, const struct bm_job *job)
{
    char reason[BM_REASON_BYTES];

    return kernel->list_twin != NULL && job->chunk_count > 0 &&
           ((job->order == BM_ORDER_SEQUENTIAL && bm_kernel_has_file(kernel)) ||
            bm_kernel_accepts_order(kernel, BM_ORDER_RANDOM, reason) == 0) &&
           (job->laps_ns == NULL || bm_kernel_accepts_laps(kernel, job->depth, reason) == 0);
}

static bool is_list_sound(const struct bm_job *job)
{
    uint64_t end = 0;

    for (uint64_t i = 0; i < job->chunk_count; i++) {
        const struct bm_chunk *chunk = &job->chunks[i];
        if (chunk->bytes == 0 || chunk->bytes > job->chunk_bytes ||
            chunk->offset_bytes > job->file_size_bytes ||
            chunk->bytes > job->file_size_bytes - chunk->offset_bytes)
            return false;
        if (job->order == BM_ORDER_SEQUENTIAL &&
            (chunk->offset_bytes != end ||
             chunk->bytes != chunk_min(job->chunk_bytes, job->file_size_bytes - end)))
            return false;
        end = chunk->offset_bytes + chunk->bytes;
    }
    return job->order != BM_ORDER_SEQUENTIAL || end == job->file_size_bytes;
}

static int check_job(const struct bm_kernel *kernel, const struct bm_job *job)
{
    bool needs_file = bm_kernel_has_file(kernel);

    if (job->file_size_bytes == 0 || job->file_size_bytes > INT64_MAX || job->chunk_bytes == 0)
        return -EINVAL;
    if (job->source_stride_bytes != 0 && job->source_stride_bytes != job->chunk_bytes)
        return -EINVAL;
    if (needs_file ? !bm_file_state_suits(job->state, kernel->kind)
                   : job->state != BM_FILE_STATE_NONE)
        return -EINVAL;
    if (job->chunks != NULL ? !takes_lists(kernel, job) || !is_list_sound(job)
                            : job->laps_ns != NULL)
        return -EINVAL;
    if (job->depth > (bm_kernel_has_depth(kernel) ? BM_DEPTH_MOST : 0))
        return -EINVAL;
    if (job->mode == BM_MODE_ROUNDTRIP &&
        (kernel->fill_trips == NULL || job->chunk_bytes > BM_TRIP_MAX_BYTES))
        return -EINVAL;
    return bm_is_cancelled() ? -ECANCELED : 0;
}

static int run_phase(struct bm_sample *sample, enum bm_phase phase)
{
    return phase == BM_PHASE_FILL ? bm_guard_fill(sample) : sample->kernel->phase[phase](sample);
}

/* Nothing stands between two clock readings but one phase. */
static int run_phases(struct bm_sample *sample, struct bm_result *result)
{
    const struct bm_kernel *kernel = sample->kernel;
    uint64_t start = clock_ns();

    for (enum bm_phase phase = 0; phase < BM_PHASES; phase++) {
        if (kernel->phase[phase] == NULL)
            continue;
        int error = run_phase(sample, phase);
        uint64_t end = clock_ns();
        result->phase_ns[phase] = end - start;
        start = end;
        if (error != 0) {
            result->failed_phase = phase;
            return error;
        }
    }
    return 0;
}

int bm_bus_error(const struct bm_job *job, int error)
{
    struct statfs space;

    if (error != -EFAULT)
        return error;
    return fstatfs(job->dir_fd, &space) == 0 &&
                   space.f_bavail * (uint64_t)space.f_bsize < job->file_size_bytes
               ? -ENOSPC
               : -EIO;
}

/* SIGBUS does not say why a page cannot be had. Writing a byte there with pwrite() makes the file
 * system say it. Where that works, another process has truncated the file in the meantime: -EIO, or
 * there was no room when it was asked for: XFS then gives back what it holds in reserve.
 * The sample has failed already, so these bytes do no harm. For a reader there is no such way. */
static int explain_bus_error(const struct bm_sample *sample)
{
    uint64_t end = sample->job->file_size_bytes;
    off_t data_end = lseek(sample->fd, 0, SEEK_END);
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

    if (sample->kernel->kind != BM_KIND_WRITER)
        return sample->kernel->kind == BM_KIND_READER ? -EIO : bm_bus_error(sample->job, -EFAULT);
    /* With windows the file grows as it is filled. */
    if (data_end >= 0 && (uint64_t)data_end < end && !(sample->kernel->flags & KERNEL_WINDOWS))
        return -EIO;
    for (uint64_t at = 0; at < end; at += page) {
        if (pwrite(sample->fd, "", 1, (off_t)at) < 0)
            return -errno;
    }
    return bm_bus_error(sample->job, -EFAULT);
}

static void tear_down(struct bm_sample *sample)
{
    for (enum bm_phase phase = BM_PHASE_UNMAP; phase <= BM_PHASE_CLOSE; phase++)
        if (sample->kernel->phase[phase] != NULL)
            sample->kernel->phase[phase](sample);
}

int bm_kernel_run(const struct bm_kernel *kernel, const struct bm_job *job,
                  struct bm_result *result)
{
    struct rusage before, after;
    struct bm_sample sample;
    uint64_t huge_before = 0;
    int error = check_job(kernel, job);

    memset(result, 0, sizeof *result);
    if (error != 0)
        return error;
    if (job->chunks != NULL)
        kernel = kernel->list_twin;
    sample = sample_of(kernel, job);
    bm_guard_install();
    if (kernel->prepare != NULL && (error = kernel->prepare(&sample)) != 0)
        goto release;

    if (kernel->flags & KERNEL_HUGE)
        huge_before = bm_huge_mapped_bytes();
    if (job->around != NULL)
        job->around(job->user, true);
    getrusage(RUSAGE_THREAD, &before);
    error = run_phases(&sample, result);
    getrusage(RUSAGE_THREAD, &after);
    if (job->around != NULL)
        job->around(job->user, false);
    if (kernel->flags & KERNEL_HUGE)
        result->huge_bytes = bm_huge_mapped_bytes() - huge_before;

    for (int phase = 0; phase < BM_PHASES; phase++)
        result->total_ns += result->phase_ns[phase];
    result->calls = sample.calls;
    result->minor_faults = (uint64_t)(after.ru_minflt - before.ru_minflt);
    result->major_faults = (uint64_t)(after.ru_majflt - before.ru_majflt);
    result->voluntary_switches = (uint64_t)(after.ru_nvcsw - before.ru_nvcsw);
    result->involuntary_switches = (uint64_t)(after.ru_nivcsw - before.ru_nivcsw);
    if (error == -EFAULT && bm_shares_memory(kernel))
        error = explain_bus_error(&sample);
    if (error == 0 && kernel->kind != BM_KIND_WRITER && sample.sum != bm_job_sum(job)) {
        result->failed_phase = BM_PHASE_FILL;
        error = -EBADMSG;
    }
    if (error != 0)
        tear_down(&sample);
release:
    if (kernel->release != NULL)
        kernel->release(&sample);
    return error;
}
