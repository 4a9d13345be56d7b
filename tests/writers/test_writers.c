/* SPDX-License-Identifier: Apache-2.0
 * Every writer gives the right bytes in every file state, sync mode and order. */
#include "src/kernel/kernel.h"
#include "tests/support/make_job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file against the source by other means than bm_kernel_verify(). */
static void assert_file_holds(const struct bm_job *job)
{
    char path[128], *text;
    struct stat status;

    snprintf(path, sizeof path, "%s/%s", job_directory.path, job->name);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_size, job->file_size_bytes);
    text = test_read_file(path);
    assert_non_null(text);
    assert_memory_equal(text, job_source, job->file_size_bytes);
    free(text);
}

static void write_once(const struct bm_kernel *writer, const struct bm_job *job)
{
    struct bm_result result;
    uint64_t sum = 0, offset = 0;
    int error = bm_kernel_prepare(writer, job);

    if (error == 0)
        error = bm_kernel_run(writer, job, &result);
    if (error == 0)
        error = bm_kernel_verify(writer, job, &offset);
    if (error != 0)
        fail_msg("%s/%s/%s%s size %llu chunk %llu: %s in %s at %llu", writer->name,
                 bm_file_state_name(job->state), bm_sync_mode_name(job->sync),
                 job->chunks != NULL ? "/random" : "", (unsigned long long)job->file_size_bytes,
                 (unsigned long long)job->chunk_bytes, strerror(-error),
                 bm_phase_name(result.failed_phase), (unsigned long long)offset);
    for (int phase = 0; phase < BM_PHASES; phase++) {
        sum += result.phase_ns[phase];
        assert_true(writer->phase[phase] != NULL || result.phase_ns[phase] == 0);
    }
    assert_int_equal(sum, result.total_ns);
    assert_true(result.phase_ns[BM_PHASE_FILL] > 0);
    if (bm_kernel_has_file(writer)) {
        assert_file_holds(job);
        assert_true(result.calls >= 3);
        assert_int_equal(bm_job_remove(job), 0);
    }
}

/* All with sync:none and file:new; elsewhere, where each costs a flush of the disk or more, the
 * few (1), or two (2) where the tests are to be quick. */
static const struct {
    uint64_t size, chunk;
    int elsewhere;
} shapes[] = {
    {1, 1, 1},
    {1, 4096, 0},
    {4095, 1, 0},
    {4095, 4095, 0},
    {4095, 4096, 1},
    {4097, 1, 0},
    {4097, 512, 2},
    {4097, 4096, 0},
    {4097, 8192, 0},
    {10000, 4096, 1},
    {65536, 4096, 0},
    {65537, 4096, 0},
    {300000, 65536, 2},
    {1000000, 7777, 0},
    {1000000, 65536, 0},
    {1 << 20, 1 << 20, 1},
    {3 << 20, 1 << 20, 0},
    {(3 << 20) + 1, 1 << 20, 0},
    {(2 << 20) + 4096, 512, 0},
    {2 << 20, 4 << 20, 0},
    {3 << 20, 3 << 20, 0},
};

/* In random order, where the writer can: the state is another matter. */
static void write_shuffled(const struct bm_kernel *writer, struct bm_job job)
{
    char reason[BM_REASON_BYTES];

    if (bm_kernel_accepts_order(writer, BM_ORDER_RANDOM, reason) != 0)
        return;
    assert_int_equal(bm_job_list(&job, BM_ORDER_RANDOM, job.chunk_bytes), 0);
    write_once(writer, &job);
    bm_job_unlist(&job);
}

static void write_all_shapes(const struct bm_kernel *writer, const struct bm_limits *limits,
                             enum bm_file_state state, enum bm_sync_mode mode)
{
    bool simple = state == BM_FILE_STATE_NEW || state == BM_FILE_STATE_NONE;
    int rank = simple && mode == BM_SYNC_MODE_NONE ? 0 : test_extent(2, 1, 1);

    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        struct bm_job job = make_job(shapes[i].size, shapes[i].chunk);
        job.state = state;
        job.sync = mode;
        if (shapes[i].elsewhere < rank || job.file_size_bytes % limits->size_multiple_bytes != 0 ||
            job.chunk_bytes % limits->chunk_multiple_bytes != 0 ||
            job.chunk_bytes > limits->chunk_max_bytes)
            continue;
        write_once(writer, &job);
        if (simple)
            write_shuffled(writer, job);
    }
}

static bool can_be(const struct bm_kernel *writer, enum bm_file_state state, enum bm_sync_mode mode)
{
    char reason[BM_REASON_BYTES];

    return bm_kernel_accepts_state(writer, state, reason) == 0 &&
           bm_kernel_accepts_sync(writer, mode, reason) == 0 &&
           (state == BM_FILE_STATE_NONE ||
            bm_file_state_probe(job_directory.fd, "probe", state, reason) == 0);
}

static void test_every_writer_writes_the_right_bytes(void **state)
{
    (void)state;
    for (size_t w = 0; w < bm_kernel_count(); w++) {
        const struct bm_kernel *writer = bm_kernel_at(w);
        char reason[BM_REASON_BYTES];
        struct bm_limits limits;
        int combinations = 0;

        /* tests/channels has them, and the two processes of each would take long here. */
        if (writer->kind == BM_KIND_CHANNEL)
            continue;
        if (bm_kernel_probe(writer, job_directory.fd, "probe", &limits, reason) != 0) {
            printf("%s: not here: %s\n", writer->name, reason);
            continue;
        }
        for (int s = 0; s < BM_FILE_STATES; s++) {
            for (int m = 0; m < BM_SYNC_MODES; m++) {
                if (!can_be(writer, (enum bm_file_state)s, (enum bm_sync_mode)m))
                    continue;
                combinations++;
                write_all_shapes(writer, &limits, (enum bm_file_state)s, (enum bm_sync_mode)m);
            }
        }
        assert_true(combinations > 0);
    }
}

static void test_skeleton_works(void **state)
{
    struct bm_job job = make_job(100000, 4096);

    (void)state;
    write_once(&bm_kernel_skeleton, &job);
}

static int break_off(struct bm_sample *sample)
{
    (void)sample;
    return -EIO;
}

/* Whatever goes wrong, and whatever a process that was killed has left. */
static void test_replace_leaves_the_old_file_or_the_new_one(void **state)
{
    static const int phases[] = {BM_PHASE_FILL, BM_PHASE_SYNC};
    struct bm_job job = make_job(100000, 4096);
    struct bm_result result;
    struct stat before, after;

    (void)state;
    job.state = BM_FILE_STATE_OVERWRITE;
    assert_int_equal(bm_kernel_prepare(bm_kernel_find("Replace"), &job), 0);
    assert_int_equal(fstatat(job.dir_fd, job.name, &before, 0), 0);
    for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++) {
        struct bm_kernel spy = *bm_kernel_find("Replace");
        spy.phase[phases[i]] = break_off;
        assert_int_equal(bm_kernel_run(&spy, &job, &result), -EIO);
        assert_int_equal(test_directory_count(&job_directory), 1);
        assert_int_equal(bm_kernel_verify(&spy, &job, NULL), -EBADMSG);
    }
    close(openat(job.dir_fd, "file.new", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    assert_int_equal(bm_kernel_run(bm_kernel_find("Replace"), &job, &result), 0);
    assert_int_equal(fstatat(job.dir_fd, job.name, &after, 0), 0);
    assert_true(before.st_ino != after.st_ino);
    assert_true(result.phase_ns[BM_PHASE_SYNC] > 0);
    assert_file_holds(&job);
    assert_int_equal(test_directory_count(&job_directory), 1);
    assert_int_equal(bm_job_remove(&job), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_writer_writes_the_right_bytes),
        cmocka_unit_test(test_skeleton_works),
        cmocka_unit_test(test_replace_leaves_the_old_file_or_the_new_one),
    };

    return cmocka_run_group_tests(tests, job_set_up, job_tear_down);
}
