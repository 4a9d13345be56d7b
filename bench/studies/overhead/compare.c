/* SPDX-License-Identifier: Apache-2.0 */
#include "compare.h"

#include "bench/signals.h"
#include "src/base/clock.h"
#include "src/statistics/quantiles.h"
#include "src/statistics/rank_tests.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/resource.h>

static bool reads(const struct task *task)
{
    return bm_kernel_kind(task->writer) == BM_KIND_READER && bm_kernel_has_file(task->writer);
}

static struct bm_job job_of(const struct task *task, const char *name)
{
    return (struct bm_job){.dir_fd = task->dir_fd,
                           .name = name,
                           .file_size_bytes = task->file_bytes,
                           .chunk_bytes = task->chunk_bytes,
                           .source = task->source,
                           .cpus = task->cpus,
                           .state = !bm_kernel_has_file(task->writer) ? BM_FILE_STATE_NONE
                                    : reads(task)                     ? BM_FILE_STATE_CACHED
                                                                      : BM_FILE_STATE_NEW};
}

/* What is read, the chunk again and again; it stays until the end. Not with bm_kernel_prepare(),
 * whose work a chunk would be counted with that of the kernel. */
static int lay_down(const struct task *task, const char *name)
{
    size_t size = (size_t)task->file_bytes, done = (size_t)task->chunk_bytes;
    int fd = openat(task->dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), error;
    char *bytes;

    if (fd < 0)
        return errno == EEXIST ? 0 : -errno;
    bytes = malloc(size);
    error = bytes == NULL ? -ENOMEM : 0;
    done = done < size ? done : size;
    if (error == 0)
        memcpy(bytes, task->source, done);
    for (; error == 0 && done < size; done *= 2)
        memcpy(bytes + done, bytes, done < size - done ? done : size - done);
    if (error == 0 && (write(fd, bytes, size) != (ssize_t)size || fsync(fd) < 0))
        error = -EIO;
    free(bytes);
    return bare_close(fd, error);
}

static int write_bare(enum side side, const struct task *task, const char *name,
                      struct bm_result *result)
{
    const struct bare_writer *bare = task->bare;
    struct bare_job job = {.dir_fd = task->dir_fd,
                           .name = name,
                           .source = task->source,
                           .chunk_bytes = task->chunk_bytes,
                           .file_bytes = task->file_bytes,
                           .blind = side == SIDE_BLIND,
                           .cpus = task->cpus,
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

int task_list(struct task *task)
{
    task->listed = job_of(task, NULL);
    return bm_job_list(&task->listed, BM_ORDER_SEQUENTIAL, 0);
}

int side_write(enum side side, const struct task *task, const char *name, struct bm_result *result)
{
    struct bm_job job = job_of(task, name);
    int error = !reads(task) ? 0 : lay_down(task, name);

    if (error != 0)
        return error;
    if (side == SIDE_BARE || side == SIDE_BLIND)
        return write_bare(side, task, name, result);
    if (side == SIDE_LIST) {
        job.chunks = task->listed.chunks;
        job.chunk_count = task->listed.chunk_count;
    }
    return bm_kernel_run(task->writer, &job, result);
}

/* Removes it, where there is one; where `verify` says so, it is compared before with what should be
 * in it. */
static int side_remove(const struct task *task, const char *name, bool verify)
{
    struct bm_job job = job_of(task, name);
    int error, remove_error;

    if (!bm_kernel_has_file(task->writer))
        return 0;
    error = verify ? bm_kernel_verify(task->writer, &job, NULL) : 0;
    remove_error = reads(task) ? 0 : bm_job_remove(&job);
    return error != 0 ? error : remove_error;
}

struct pairs {
    enum side side[2]; /* what is looked at, and what it is compared with */
    double *times_ns[2];
    double *log_ratios;
    unsigned long count;
};

static int write_and_remove(enum side side, const struct task *task, const char *name, bool verify,
                            double *time_ns)
{
    struct bm_result result;
    int error = side_write(side, task, name, &result);
    int remove_error = side_remove(task, name, verify && error == 0);

    *time_ns = (double)result.total_ns;
    return error != 0 ? error : remove_error;
}

/* Both sides once, in random order. */
static int add_pair(struct pairs *pairs, const struct task *task, const char *name)
{
    unsigned char random;
    double time_ns[2];
    int error = getrandom(&random, 1, 0) == 1 ? 0 : -EIO;

    for (int i = 0; i < 2 && error == 0; i++) {
        int which = (i + random) & 1;
        if (signals_received() != 0)
            return -ECANCELED;
        error = write_and_remove(pairs->side[which], task, name, false, &time_ns[which]);
    }
    if (error != 0)
        return error;
    for (int which = 0; which < 2; which++)
        pairs->times_ns[which][pairs->count] = time_ns[which];
    pairs->log_ratios[pairs->count++] = log(time_ns[0] / time_ns[1]);
    return 0;
}

/* Not counted: brings code and data in, and sees that both write what they should. */
static int warm_up(const struct pairs *pairs, const struct task *task, const char *name)
{
    double time_ns;
    int error = write_and_remove(pairs->side[0], task, name, true, &time_ns);

    return error != 0 ? error : write_and_remove(pairs->side[1], task, name, true, &time_ns);
}

static bool is_narrow(const struct interval *ratio)
{
    return ratio->high - ratio->low < 2 * COMPARE_HALF_WIDTH;
}

static int estimate_ratio(const struct pairs *pairs, struct interval *ratio)
{
    int error = signed_rank(pairs->log_ratios, pairs->count, 0.95, ratio);

    if (error == 0)
        *ratio = interval_exp(*ratio);
    return error;
}

/* The estimate costs the square of the pairs: it is made when there are a quarter more. */
static int add_pairs(struct pairs *pairs, const struct task *task, const char *name,
                     const struct compare_limits *limits, struct interval *ratio)
{
    double end = clock_s() + limits->seconds;
    unsigned long next_look = COMPARE_MIN_PAIRS;
    int error = 0;

    while (error == 0) {
        bool last = (double)pairs->count >= limits->pairs ||
                    (pairs->count >= COMPARE_MIN_PAIRS && clock_s() > end);
        if (last || pairs->count == next_look) {
            error = estimate_ratio(pairs, ratio);
            if (error != 0 || last || is_narrow(ratio))
                return error;
            next_look += next_look / 4;
        }
        error = add_pair(pairs, task, name);
    }
    return error;
}

/* Two processes wait for each other, and how long is chance. */
static enum verdict judge(const struct task *task, const struct interval *ratio)
{
    double margin =
        bm_kernel_kind(task->writer) == BM_KIND_CHANNEL ? COMPARE_CHANNEL_MARGIN : COMPARE_MARGIN;

    if (ratio->low >= 1 - margin && ratio->high <= 1 + margin)
        return VERDICT_INSIDE;
    if (ratio->low > 1 + margin || ratio->high < 1 - margin)
        return VERDICT_OUTSIDE;
    return VERDICT_UNKNOWN;
}

int compare(const struct task *task, const char *name, const struct compare_limits *limits,
            struct comparison *comparison)
{
    double *room = calloc((size_t)3 * COMPARE_MAX_PAIRS, sizeof *room);
    struct pairs pairs = {.side = {limits->list   ? SIDE_LIST
                                   : limits->self ? SIDE_BARE
                                                  : SIDE_KERNEL,
                                   limits->list ? SIDE_KERNEL : SIDE_BARE},
                          .times_ns = {room, room + COMPARE_MAX_PAIRS},
                          .log_ratios = room + (size_t)2 * COMPARE_MAX_PAIRS};
    int error = room == NULL ? -ENOMEM : warm_up(&pairs, task, name);

    if (error == 0)
        error = add_pairs(&pairs, task, name, limits, &comparison->ratio);
    if (error == 0) {
        for (int which = 0; which < 2; which++)
            comparison->median_ns[which] = stats_median_of(pairs.times_ns[which], pairs.count);
        comparison->pairs = pairs.count;
        comparison->verdict = judge(task, &comparison->ratio);
    }
    if (reads(task) && bm_job_remove(&(struct bm_job){.dir_fd = task->dir_fd, .name = name}) != 0)
        error = error != 0 ? error : -EIO;
    free(room);
    return error;
}

static const struct bare_writer *const families[] = {
    bare_write_family,  bare_mmap_family,    bare_copy_family,
    bare_uring_family,  bare_control_family, bare_read_family,
    bare_stream_family, bare_message_family, bare_slot_family,
};

const struct bare_writer *bare_find(const char *name)
{
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        for (const struct bare_writer *bare = families[i]; bare->name != NULL; bare++) {
            if (strcmp(bare->name, name) == 0)
                return bare;
        }
    }
    return NULL;
}

int bare_run(const struct bare_writer *bare, const struct bare_job *job)
{
    int fd;

    if (bare->open_flags == 0)
        return bare->write(job, -1);
    fd = bare_create(job, bare->open_flags);
    return fd < 0 ? fd : bare_close(fd, bare->write(job, fd));
}
