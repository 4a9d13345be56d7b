/* SPDX-License-Identifier: Apache-2.0 */
/* What bench_mmap leaves behind, and directories that it cannot use. */
#include "tests/support/run_bench.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A directory that a killed run left goes; one that is in use, or holds somebody's file, stays. */
static void abandoned_directories_are_removed(void **state)
{
    struct test_process process;
    struct stat status;
    int fd;

    (void)state;
    assert_int_equal(mkdirat(directory.fd, ".bench_mmap-0123456789ab", 0700), 0);
    fd = openat(directory.fd, ".bench_mmap-0123456789ab/sample.0", O_CREAT | O_WRONLY, 0600);
    close(fd);
    assert_int_equal(mkdirat(directory.fd, ".bench_mmap-000000000001", 0700), 0);
    fd = openat(directory.fd, ".bench_mmap-000000000001/letters.txt", O_CREAT | O_WRONLY, 0600);
    close(fd);
    assert_int_equal(mkdirat(directory.fd, ".bench_mmap-000000000002", 0700), 0);
    fd = openat(directory.fd, ".bench_mmap-000000000002", O_RDONLY | O_DIRECTORY);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_int_equal(mkdirat(directory.fd, ".bench_mmap-mine", 0700), 0);
    process = RUN("--chunks=1M", "--benchmark_filter=^Write/", "--benchmark_repetitions=1");
    assert_int_equal(process.status, 0);
    assert_int_equal(fstatat(directory.fd, ".bench_mmap-0123456789ab", &status, 0), -1);
    assert_int_equal(fstatat(directory.fd, ".bench_mmap-000000000001/letters.txt", &status, 0), 0);
    assert_int_equal(fstatat(directory.fd, ".bench_mmap-000000000002", &status, 0), 0);
    assert_int_equal(fstatat(directory.fd, ".bench_mmap-mine", &status, 0), 0);
    assert_int_equal(test_directory_count(&directory), 3);
    close(fd);
    test_process_free(&process);
    test_directory_remove(&directory);
    bench_set_up(NULL);
}

static void killed_run_is_cleaned_up_by_the_next(void **state)
{
    pid_t child = fork();
    struct test_process process;

    (void)state;
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
        execl(BENCH_MMAP_PROGRAM, BENCH_MMAP_PROGRAM, dir_flag, out_flag, (char *)NULL);
        _exit(127);
    }
    while (test_directory_count(&directory) == 0)
        usleep(1000);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_int_equal(test_directory_count(&directory), 1);
    process = RUN("--chunks=1M", "--benchmark_filter=^Write/", "--benchmark_repetitions=1");
    assert_int_equal(process.status, 0);
    assert_non_null(strstr(process.err, "removed"));
    assert_int_equal(test_directory_count(&directory), 0);
    test_process_free(&process);
}

static void readonly_directory_gets_a_sentence(void **state)
{
    const char *argv[] = {"unshare",
                          "-m",
                          "sh",
                          "-c",
                          "mount --bind \"$1\" \"$1\" && mount -o remount,ro,bind \"$1\" && "
                          "exec \"$0\" --dir=\"$1\"",
                          BENCH_MMAP_PROGRAM,
                          directory.path,
                          NULL};
    struct test_process process;

    (void)state;
    if (geteuid() != 0) {
        struct test_process plain;
        assert_int_equal(fchmod(directory.fd, 0500), 0);
        plain = RUN("--progress=never");
        assert_int_equal(fchmod(directory.fd, 0700), 0);
        assert_int_equal(plain.status, 1);
        assert_one_sentence(plain.err, "bench_mmap: --dir=");
        test_process_free(&plain);
        return;
    }
    process = test_run(argv, NULL, NULL);
    if (strstr(process.err, "unshare") != NULL || strstr(process.err, "mount:") != NULL) {
        test_process_free(&process);
        printf("skipped: no mount here\n");
        skip();
    }
    assert_int_equal(process.status, 1);
    assert_non_null(strstr(process.err, "Read-only file system"));
    assert_one_sentence(process.err, "bench_mmap: --dir=");
    test_process_free(&process);
}

/* tmpfs of 24 MiB in a mount namespace of its own; `script` has $0 the program and $1 the place. */
static struct test_process run_on_small_disk(const char *script)
{
    char all[1024];
    const char *argv[] = {"unshare",          "-m",           "sh", "-c", all,
                          BENCH_MMAP_PROGRAM, directory.path, NULL};

    snprintf(all, sizeof all, "mount -t tmpfs -o size=24m small \"$1\" || exit 99; %s", script);
    return test_run(argv, NULL, NULL);
}

static bool has_small_disk(void)
{
    struct test_process process = run_on_small_disk("true");
    bool has = geteuid() == 0 && process.status == 0;

    test_process_free(&process);
    if (!has)
        printf("skipped: needs root and mount namespaces\n");
    return has;
}

static void full_disk_is_refused_before_the_start(void **state)
{
    struct test_process process;

    (void)state;
    if (!has_small_disk())
        skip();
    process = run_on_small_disk("\"$0\" --dir=\"$1\" --file_size=64M; s=$?; ls -A \"$1\"; exit $s");
    assert_int_equal(process.status, 1);
    assert_non_null(strstr(process.err, "24.0 MiB free"));
    assert_one_sentence(process.err, "bench_mmap: ");
    assert_string_equal(process.out, "");
    test_process_free(&process);
}

/* The disk fills up while it runs: rows with errors, the others go on, nothing crashes. */
static void disk_that_fills_up_gives_error_rows(void **state)
{
    struct test_process process;

    (void)state;
    if (!has_small_disk())
        skip();
    process = run_on_small_disk(
        "(sleep 0.4; while :; do head -c 20m /dev/zero >\"$1/big\"; done) 2>/dev/null & p=$!; "
        "COLUMNS=120 \"$0\" --dir=\"$1\" --file_size=10M --chunks=1M --benchmark_repetitions=300 "
        "--benchmark_filter='^(Mmap|Write|Memcpy)/' "
        "--rows --benchmark_out=/dev/null; s=$?; kill $p; wait; rm -f \"$1/big\"; ls -A \"$1\"; "
        "exit $s");
    assert_int_equal(process.status, 1);
    assert_non_null(strstr(process.out, "No space left on device"));
    assert_int_equal(count_lines(process.out, "Mmap "), 1);
    assert_int_equal(count_lines(process.out, "Memcpy "), 1);
    assert_null(strstr(process.out, ".bench_mmap-"));
    test_process_free(&process);
}

/* The framework calls exit() over a file that it cannot open: /dev/null, the third time. */
static void an_exit_from_below_leaves_nothing(void **state)
{
    const char *argv[] = {"strace",
                          "-qf",
                          "-o/dev/null",
                          "-P/dev/null",
                          "-einject=openat:error=EMFILE:when=3",
                          BENCH_MMAP_PROGRAM,
                          dir_flag,
                          out_flag,
                          "--chunks=1M",
                          "--benchmark_filter=^Write/",
                          "--benchmark_repetitions=1",
                          NULL};

    (void)state;
    if (!test_can_trace())
        skip();
    for (int when = 2; when <= 3; when++) {
        char inject[64];
        snprintf(inject, sizeof inject, "-einject=openat:error=EMFILE:when=%d", when);
        argv[4] = inject;
        struct test_process process = test_run(argv, NULL, NULL);
        assert_int_equal(process.status, 1);
        assert_non_null(strstr(process.err, when == 3 ? "bench_mmap: Google Benchmark ended"
                                                      : "bench_mmap: /dev/null: Too many open"));
        assert_int_equal(test_directory_count(&directory), 0);
        test_process_free(&process);
    }
}

/* And over files of /sys, before anything is there. */
static void a_partial_sys_is_found_out_before_the_start(void **state)
{
    const char *argv[] = {"unshare",
                          "-m",
                          "sh",
                          "-c",
                          "cpu=/sys/devices/system/cpu; mount -t tmpfs cpu $cpu || exit 99; "
                          "d=$cpu/cpu0/cache/index0; mkdir -p $d; echo 32K >$d/size; exec strace "
                          "-qfo\"$2\" -emkdirat "
                          "\"$0\" --dir=\"$1\" --chunks=1M",
                          BENCH_MMAP_PROGRAM,
                          directory.path,
                          out_path,
                          NULL};
    struct test_process process = {0};

    (void)state;
    if (!test_can_trace() || (process = test_run(argv, NULL, NULL)).status == 99)
        skip();
    char *calls = test_read_file(out_path);
    assert_int_equal(process.status, 1);
    assert_non_null(strstr(process.err, "/sys/devices/system/cpu"));
    assert_non_null(strstr(process.err, "bench_mmap: Google Benchmark ended"));
    assert_null(strstr(calls, "mkdirat"));
    free(calls);
    test_process_free(&process);
    assert_int_equal(unlink(out_path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(abandoned_directories_are_removed),
        cmocka_unit_test(killed_run_is_cleaned_up_by_the_next),
        cmocka_unit_test(readonly_directory_gets_a_sentence),
        cmocka_unit_test(full_disk_is_refused_before_the_start),
        cmocka_unit_test(disk_that_fills_up_gives_error_rows),
        cmocka_unit_test(an_exit_from_below_leaves_nothing),
        cmocka_unit_test(a_partial_sys_is_found_out_before_the_start),
    };

    return cmocka_run_group_tests(tests, bench_set_up, bench_tear_down);
}
