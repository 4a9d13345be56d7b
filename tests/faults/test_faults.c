/* SPDX-License-Identifier: Apache-2.0
 * What writers and readers make of system calls that are interrupted, do less than they were asked
 * for, do nothing, or find the disk full; and that bytes which are wrong are found. */
#include "bench_mmap/kernel.h"
#include "src/base/clock.h"
#include "tests/support/faulty_places.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char self[256];

#define SIZE_BYTES ((uint64_t)4 << 20)
#define CHUNK_BYTES ((uint64_t)1 << 16)

static int write_once(const struct bm_kernel *writer, const struct bm_job *job)
{
    struct bm_result result;
    int error = bm_kernel_run(writer, job, &result);

    if (error != 0)
        return result.failed_phase == BM_PHASE_FILL ? error : -EPROTO;
    return bm_kernel_verify(writer, job, NULL);
}

/* One sample in sequence, and one in random order where the writer can. Exit status 0: both are
 * written and right. 1: cannot be here. Otherwise 100 + errno. */
static int run_sample(const char *name)
{
    const struct bm_kernel *writer = bm_kernel_find(name);
    struct test_directory directory;
    char reason[BM_REASON_BYTES];
    struct bm_limits limits;
    struct bm_job job = {.name = "file",
                         .file_size_bytes = SIZE_BYTES,
                         .chunk_bytes = CHUNK_BYTES,
                         .source_stride_bytes = CHUNK_BYTES};
    void *source;
    int error = bm_source_create(SIZE_BYTES, &source);

    test_directory_create(&directory);
    job.dir_fd = directory.fd;
    job.source = source;
    if (error == 0 && bm_kernel_probe(writer, directory.fd, "probe", &limits, reason) != 0)
        error = 1;
    if (getenv("BENCH_FAULT_LATER") != NULL)
        setenv("BENCH_FAULT", getenv("BENCH_FAULT_LATER"), 1);
    if (error == 0 && bm_kernel_kind(writer) == BM_KIND_READER) {
        job.state = BM_FILE_STATE_CACHED;
        error = bm_kernel_prepare(writer, &job);
    }
    if (error == 0)
        error = write_once(writer, &job);
    if (error == 0 && bm_kernel_accepts_order(writer, BM_ORDER_RANDOM, reason) == 0) {
        /* As it was before the first sample: a writer's is gone, a reader's there. */
        error = bm_kernel_prepare(writer, &job);
        if (error == 0)
            error = bm_job_list(&job, BM_ORDER_RANDOM, 1);
        if (error == 0 && bm_kernel_kind(writer) == BM_KIND_READER)
            error = bm_kernel_prepare(writer, &job);
        if (error == 0)
            error = write_once(writer, &job);
        bm_job_unlist(&job);
    }
    test_directory_remove(&directory);
    return error >= 0 ? error : 100 - error;
}

static const struct {
    const char *writer, *call;
} cases[] = {
    {"Write", "write"},
    {"WriteFalloc", "write"},
    {"Append", "write"},
    {"Pwrite", "pwrite"},
    {"Writev", "writev"},
    {"Dontcache", "pwritev2"},
    {"Direct", "write"},
    {"Splice", "vmsplice"},
    {"Splice", "splice"},
    {"Sendfile", "sendfile"},
    {"CopyFileRange", "copy_file_range"},
    {"Replace", "write"},
    {"ReadCall", "read"},
    {"ReadFstream", "read"},
    {"ReadPreadv", "preadv"},
    {"ReadDontcache", "preadv2"},
    {"ReadDirect", "read"},
    {"ReadSplice", "splice"},
    {"ReadSplice", "read"},
};

static void check(const char *writer, const char *fault, int status, int *seen)
{
    const char *argv[] = {self, "--sample", writer, NULL};
    const char *environment[] = {"LD_PRELOAD=" FAULT_LIBRARY, fault, NULL};
    struct test_process process = test_run(argv, environment, NULL);

    if (process.status != 1 && process.status != status)
        fail_msg("%s, %s: status %d, expected %d: %s", writer, fault, process.status, status,
                 process.err);
    *seen += process.status != 1;
    test_process_free(&process);
}

/* Only calls of a whole chunk: the probes' smaller ones go right. */
static void check_all(const char *kind, int every, int status)
{
    int seen = 0;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char fault[96];
        snprintf(fault, sizeof fault, "BENCH_FAULT=%s:%s:%d:%d", cases[i].call, kind, every,
                 (int)CHUNK_BYTES / 4);
        check(cases[i].writer, fault, status, &seen);
    }
    assert_true(seen >= 6);
}

static void test_interrupted_calls_are_made_again(void **state)
{
    (void)state;
    check_all("eintr", 2, 0);
}

static void test_short_calls_are_continued(void **state)
{
    (void)state;
    check_all("short", 2, 0);
    check_all("short", 3, 0);
}

static void test_calls_that_do_nothing_are_an_error(void **state)
{
    (void)state;
    check_all("zero", 3, 100 + EIO);
}

static void test_full_disk_is_an_error(void **state)
{
    (void)state;
    check_all("enospc", 3, 100 + ENOSPC);
}

/* Linux 6.18 was seen to leave writes with the workers of io_uring for ever. */
static void test_stalled_ring_is_kicked_and_given_up_at_last(void **state)
{
    int seen = 0;

    (void)state;
    for (int i = 0; i < 2; i++) {
        const char *writer = i == 0 ? "Uring" : "UringFixed";
        check(writer, "BENCH_FAULT=io_uring:stall:3:0", 0, &seen);
        check(writer, "BENCH_FAULT=io_uring:stall:1000:0", 100 + ETIMEDOUT, &seen);
    }
    if (seen == 0)
        skip();
}

/* One that is never ready is asked a thousand times: a moment. */
static void test_ring_that_is_never_ready_is_given_up(void **state)
{
    static const char *const names[] = {"Uring", "UringFixed", "ReadUring"};
    int seen = 0;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        check(names[i], "BENCH_FAULT_LATER=completion:eagain:1:0", 100 + EAGAIN, &seen);
    if (seen == 0)
        skip();
}

/* bench_mmap with a fault: what it must exit with, and how many entries are in the directory then.
 */
static struct test_process run_with(const char *fault, int status, size_t left)
{
    struct test_directory directory;
    char flag[100], out[120];
    const char *argv[] = {BENCH_MMAP_PROGRAM,
                          flag,
                          "--chunks=64K",
                          "--file_size=1M",
                          "--benchmark_filter=^(Pwrite|Write)/",
                          "--benchmark_repetitions=2",
                          "--rows",
                          out,
                          NULL};
    const char *environment[] = {"LD_PRELOAD=" FAULT_LIBRARY, fault, NULL};

    test_directory_create(&directory);
    snprintf(flag, sizeof flag, "--dir=%s", directory.path);
    snprintf(out, sizeof out, "--benchmark_out=%s/run.json", directory.path);
    if (strstr(fault, "tmpfile") == NULL && strstr(fault, "linkat") == NULL)
        argv[7] = NULL;
    if (strstr(fault, "linkat") != NULL) /* an old run, which is replaced in one step */
        close(openat(directory.fd, "run.json", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (strstr(fault, "flock:enospc") != NULL) /* as a run that was killed leaves it */
        assert_int_equal(mkdirat(directory.fd, ".bench_mmap-0123456789ab", 0700), 0);
    struct test_process process = test_run(argv, environment, NULL);
    if (process.status != status)
        fail_msg("%s: status %d: %s", fault, process.status, process.err);
    assert_int_equal(test_directory_count(&directory), left);
    test_directory_remove(&directory);
    return process;
}

/* The wrong byte is in the warm-up, whose rows nobody sees: the measured rows must tell. */
static void test_wrong_byte_is_an_error_row(void **state)
{
    struct test_process process = run_with("BENCH_FAULT=pwrite:corrupt:1:65536", 1, 0);

    (void)state;
    assert_non_null(
        strstr(process.out, "verify: the file differs from what was written at byte 32768"));
    assert_non_null(strstr(process.out, "iB/s\n")); /* the other writer's row is whole */
    test_process_free(&process);
}

/* Whatever goes wrong while the directory is made or removed is told, and nothing is left but what
 * could not be removed. */
static void test_the_directory_is_made_or_the_reason_told(void **state)
{
    static const struct {
        const char *fault;
        int status;
        size_t left;
        const char *words;
    } places[] = {
        {"BENCH_FAULT=flock:enospc:1:0", 0, 1, "is on a file system without locks: what a run"},
        {"BENCH_FAULT=flock:stall:1:0", 0, 0, ""},
        {"BENCH_FAULT=fstat:enospc:1:0", 1, 0, "for the files there: Input/output error"},
        {"BENCH_FAULT=fstat:corrupt:1:0", 1, 0, "for the files there: Operation not permitted"},
        {"BENCH_FAULT=fstat:short:1:0", 0, 0, ""},
        {"BENCH_FAULT=tmpfile:enospc:1:0", 0, 1, ""}, /* run.json only */
        {"BENCH_FAULT=pread:eio:1:0", 1, 0, "failed: Input/output error"},
        {"BENCH_FAULT=mkdirat:eio:1:0", 128 + SIGINT, 0, ""},
        {"BENCH_FAULT=linkat:eio:1:0", 128 + SIGINT, 1, ""}, /* run.json only */
        {"BENCH_FAULT=exit:eio:1:0", 128 + SIGHUP, 0, ""},   /* when all is done */
        {"BENCH_FAULT=rmdir:enospc:1:0", 1, 1, "bench_mmap: could not remove .bench_mmap-"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        struct test_process process = run_with(places[i].fault, places[i].status, places[i].left);
        if (strstr(process.err, places[i].words) == NULL)
            fail_msg("%s: %s", places[i].fault, process.err);
        test_process_free(&process);
    }
}

/* Until so many files of samples were seen, or a minute is over. */
static int see_samples(int count)
{
    char pattern[128];
    struct stat file;
    ino_t last = 0;
    double end_s = clock_s() + 60;

    snprintf(pattern, sizeof pattern, "%s/.bench_mmap-*/sample.0", work.path);
    while (count > 0 && clock_s() < end_s) {
        glob_t found;
        if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0) {
            int is_new = stat(found.gl_pathv[0], &file) == 0 && file.st_ino != last;
            last = is_new ? file.st_ino : last;
            count -= is_new;
        }
        globfree(&found);
    }
    return count == 0;
}

/* Two samples warm up, and are told nowhere. Linux lets it happen between two samples only, when no
 * file is open to be written. */
static void become_read_only(const char *path)
{
    for (int i = see_samples(10) ? 0 : 1000000; i < 1000000; i++)
        if (mount(NULL, path, NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0)
            _exit(0);
    _exit(1);
}

static void a_disk_that_becomes_read_only_is_told(void **state)
{
    char flag[100], path[80];
    int status;

    (void)state;
    if (faulty_places_set_up(SIZE_BYTES) != 0 || file_system_make(0) != 0) {
        print_message("skipped: test_faults: a file system cannot be mounted\n");
        faulty_places_tear_down();
        skip();
    }
    snprintf(path, sizeof path, "%.*s", (int)(strlen(work.path) - strlen("/work")), work.path);
    snprintf(flag, sizeof flag, "--dir=%s", work.path);
    const char *const measure[] = {BENCH_MMAP_PROGRAM,
                                   flag,
                                   "--file_size=256K",
                                   "--chunks=64K",
                                   "--benchmark_filter=^(Mmap|Write)/",
                                   "--benchmark_repetitions=1000",
                                   "--benchmark_format=json",
                                   NULL},
                      *const next[] = {BENCH_MMAP_PROGRAM,
                                       flag,
                                       "--file_size=64K",
                                       "--chunks=64K",
                                       "--benchmark_filter=^EmptyCall/",
                                       "--benchmark_repetitions=1",
                                       NULL};
    fflush(NULL);
    pid_t other = fork();
    if (other == 0)
        become_read_only(path);
    struct test_process process = test_run(measure, NULL, NULL);
    assert_int_equal(waitpid(other, &status, 0), other);
    assert_int_equal(status, 0);
    assert_int_equal(process.status, 1);
    assert_non_null(strstr(process.out, "\"fill_ns\": ")); /* what was measured before */
    assert_non_null(strstr(process.out, ": Read-only file system"));
    assert_non_null(strstr(process.err, "could not remove .bench_mmap-"));
    test_process_free(&process);
    assert_int_equal(mount(NULL, path, NULL, MS_REMOUNT, NULL), 0);
    process = test_run(next, NULL, NULL);
    assert_int_equal(process.status, 0);
    assert_non_null(strstr(process.err, "which a run that was killed had left"));
    test_process_free(&process);
    assert_int_equal(test_directory_count(&work), 0);
    assert_int_equal(file_system_remove(), 0);
    faulty_places_tear_down();
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_interrupted_calls_are_made_again),
        cmocka_unit_test(test_short_calls_are_continued),
        cmocka_unit_test(test_calls_that_do_nothing_are_an_error),
        cmocka_unit_test(test_full_disk_is_an_error),
        cmocka_unit_test(test_stalled_ring_is_kicked_and_given_up_at_last),
        cmocka_unit_test(test_ring_that_is_never_ready_is_given_up),
        cmocka_unit_test(test_wrong_byte_is_an_error_row),
        cmocka_unit_test(test_the_directory_is_made_or_the_reason_told),
        cmocka_unit_test(a_disk_that_becomes_read_only_is_told),
    };
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);

    if (argc == 3 && strcmp(argv[1], "--sample") == 0)
        return run_sample(argv[2]);
#ifdef __SANITIZE_ADDRESS__
    puts("skipped: the sanitizer wants to be loaded first");
    return TEST_SKIPPED;
#endif
    if (length < 0 || getenv("LD_PRELOAD") != NULL) {
        puts("skipped: something else is preloaded");
        return TEST_SKIPPED;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
