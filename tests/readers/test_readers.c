/* SPDX-License-Identifier: Apache-2.0
 * What a reader promises besides the right bytes (writers.writers looks at these for all kernels):
 * wrong and short files are found, cold is cold, and who has a position leaves it where it was. */
#include "src/kernel/kernel.h"
#include "tests/support/make_job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE_BYTES ((uint64_t)131072)

static struct bm_job reading_job(void)
{
    struct bm_job job = make_job(SIZE_BYTES, 4096);

    job.state = BM_FILE_STATE_CACHED;
    return job;
}

static int open_for_change(const struct bm_job *job)
{
    int fd = openat(job->dir_fd, job->name, O_RDWR | O_CLOEXEC);

    assert_true(fd >= 0);
    return fd;
}

static void change_byte(const struct bm_job *job, uint64_t at)
{
    int fd = open_for_change(job);
    char byte;

    assert_int_equal(pread(fd, &byte, 1, (off_t)at), 1);
    byte ^= 1;
    assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
    close(fd);
}

static void cut_short(const struct bm_job *job, uint64_t bytes)
{
    int fd = open_for_change(job);

    assert_int_equal(ftruncate(fd, (off_t)bytes), 0);
    close(fd);
}

/* One wrong byte anywhere, and a file that ends early, in the middle of a page and at one's end. */
static void wrong_and_short_files_are_found(void **state)
{
    static const uint64_t places[] = {0, 4097, SIZE_BYTES - 1};
    struct bm_job job = reading_job();
    size_t readers = 0;

    (void)state;
    for (size_t i = 0; i < bm_kernel_count(); i++) {
        const struct bm_kernel *reader = bm_kernel_at(i);
        char reason[BM_REASON_BYTES];
        struct bm_limits limits;
        struct bm_result result;
        int error;
        if (reader->kind != BM_KIND_READER || !bm_kernel_has_file(reader) ||
            bm_kernel_probe(reader, job.dir_fd, "probe", &limits, reason) != 0)
            continue;
        readers++;
        for (size_t p = 0; p < sizeof places / sizeof places[0]; p++) {
            assert_int_equal(bm_kernel_prepare(reader, &job), 0);
            change_byte(&job, places[p]);
            assert_int_equal(bm_kernel_run(reader, &job, &result), -EBADMSG);
            assert_int_equal(result.failed_phase, BM_PHASE_FILL);
            change_byte(&job, places[p]);
            assert_int_equal(bm_kernel_run(reader, &job, &result), 0);
        }
        cut_short(&job, SIZE_BYTES / 2 + 10);
        error = bm_kernel_run(reader, &job, &result);
        if (error != -EIO && error != -EBADMSG)
            fail_msg("%s of a short file: %s", reader->name, strerror(-error));
        cut_short(&job, SIZE_BYTES / 2);
        assert_int_equal(bm_kernel_run(reader, &job, &result), -EIO);
        assert_int_equal(bm_job_remove(&job), 0);
    }
    assert_true(readers >= 10);
}

static off_t position;

static int look_and_close(struct bm_sample *sample)
{
    position = lseek(sample->fd, 0, SEEK_CUR);
    return bm_close_file(sample);
}

/* The exercise's first question: what reads by an offset of its own, or from a mapping, does not
 * move the position that read() uses. */
static void positions_stay_where_they_were(void **state)
{
    static const struct {
        const char *reader;
        off_t position;
    } cases[] = {
        {"ReadCall", SIZE_BYTES}, {"ReadSplice", SIZE_BYTES},
        {"ReadPread", 0},         {"ReadPreadv", 0},
        {"ReadMmap", 0},          {"ReadMmapPopulate", 0},
        {"ReadMmapWillneed", 0},
    };
    struct bm_job job = reading_job();
    struct bm_result result;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bm_kernel looking = *bm_kernel_find(cases[i].reader);
        looking.phase[BM_PHASE_CLOSE] = look_and_close;
        position = -1;
        assert_int_equal(bm_kernel_prepare(&looking, &job), 0);
        assert_int_equal(bm_kernel_run(&looking, &job, &result), 0);
        assert_int_equal(position, cases[i].position);
    }
    assert_int_equal(bm_job_remove(&job), 0);
}

static int cached(const struct bm_job *job)
{
    int fd = open_for_change(job), result = bm_file_is_cached(fd, job->file_size_bytes);

    close(fd);
    return result;
}

static void states_are_what_they_say(void **state)
{
    const struct bm_kernel *reader = bm_kernel_find("ReadCall");
    char reason[BM_REASON_BYTES];
    struct bm_job job = reading_job();
    struct bm_result result;

    (void)state;
    assert_int_equal(bm_kernel_prepare(reader, &job), 0);
    assert_int_equal(cached(&job), 1);
    assert_int_equal(bm_job_remove(&job), 0);
    job.state = BM_FILE_STATE_COLD;
    if (bm_file_state_probe(job.dir_fd, "probe", BM_FILE_STATE_COLD, reason) != 0)
        skip();
    for (int i = 0; i < 2; i++) {
        assert_int_equal(bm_kernel_prepare(reader, &job), 0);
        assert_int_equal(cached(&job), 0);
        assert_int_equal(bm_kernel_run(reader, &job, &result), 0);
        assert_int_equal(cached(&job), 1);
    }
    assert_int_equal(bm_job_remove(&job), 0);
}

static ino_t inode_of(const struct bm_job *job)
{
    struct stat status;

    assert_int_equal(fstatat(job->dir_fd, job->name, &status, 0), 0);
    return status.st_ino;
}

/* Laying a file down takes longer than reading it: one that is right stays, any other goes. */
static void a_file_that_is_right_stays(void **state)
{
    const struct bm_kernel *reader = bm_kernel_find("ReadCall");
    struct bm_job job = reading_job();
    struct bm_result result;
    ino_t first;

    (void)state;
    assert_int_equal(bm_kernel_prepare(reader, &job), 0);
    first = inode_of(&job);
    /* Its number is not given to another as long as it has a second name. */
    assert_int_equal(linkat(job.dir_fd, job.name, job.dir_fd, "second", 0), 0);
    assert_int_equal(bm_kernel_prepare(reader, &job), 0);
    assert_int_equal(inode_of(&job), first);
    change_byte(&job, 70000);
    assert_int_equal(bm_kernel_prepare(reader, &job), 0);
    assert_int_not_equal(inode_of(&job), first);
    assert_int_equal(bm_kernel_run(reader, &job, &result), 0);
    assert_int_equal(unlinkat(job.dir_fd, "second", 0), 0);
    assert_int_equal(bm_job_remove(&job), 0);
}

static uint64_t memory_bytes;

static int fill_and_see_memory(struct bm_sample *sample)
{
    memory_bytes = sample->buffer_bytes;
    return bm_kernel_find("ReadMemory")->phase[BM_PHASE_FILL](sample);
}

/* One chunk again and again would come from the cache, whatever the size of the file. */
static void the_control_looks_at_as_much_memory_as_the_file_has(void **state)
{
    static const struct {
        uint64_t size, chunk, memory;
    } cases[] = {{1 << 20, 4096, 1 << 20},
                 {(1 << 20) + 100, 4096, 1 << 20},
                 {(40 << 20) + 77, 1 << 16, 32 << 20},
                 {1 << 20, 1 << 20, 0},
                 {1000, 4096, 0}};
    struct bm_kernel spy = *bm_kernel_find("ReadMemory");
    struct bm_result result;

    (void)state;
    spy.phase[BM_PHASE_FILL] = fill_and_see_memory;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bm_job job = make_job(cases[i].size, cases[i].chunk);
        job.state = BM_FILE_STATE_NONE;
        job.source_stride_bytes = 0;
        assert_int_equal(bm_kernel_run(&spy, &job, &result), 0);
        assert_int_equal(memory_bytes, cases[i].memory);
        job.source_stride_bytes = job.chunk_bytes;
        if (job.file_size_bytes <= JOB_SOURCE_BYTES)
            assert_int_equal(bm_kernel_run(&spy, &job, &result), 0);
        memory_bytes = 0;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_and_short_files_are_found),
        cmocka_unit_test(positions_stay_where_they_were),
        cmocka_unit_test(states_are_what_they_say),
        cmocka_unit_test(a_file_that_is_right_stays),
        cmocka_unit_test(the_control_looks_at_as_much_memory_as_the_file_has),
    };

    return cmocka_run_group_tests(tests, job_set_up, job_tear_down);
}
