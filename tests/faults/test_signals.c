/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals at random instants of a run of all kernels: nothing is left but a run file that can be
 * read, or none; what a run that was killed leaves, the next one clears. A few instants;
 * BENCH_MMAP_TESTS=long takes 200 of each. BENCH_MMAP_SEED draws the same once more.
 */
#include "src/base/clock.h"
#include "src/base/random.h"
#include "tests/support/run_bench.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { INSTANTS_LONG = 200, INSTANTS = 2, GONE_WITHIN_S = 30 };

static struct random instants;
static double longest_end_s;

static pid_t start(const char *threads)
{
    fflush(NULL);
    pid_t child = fork();

    if (child == 0) {
        int null = open("/dev/null", O_RDWR);
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
        execl(BENCH_MMAP_PROGRAM, "bench_mmap", dir_flag, out_flag, threads, "--all",
              "--chunks=64K", "--file_size=512K", "--benchmark_repetitions=2", (char *)NULL);
        _exit(127);
    }
    assert_true(child > 0);
    return child;
}

/* -1: it had not ended after so long. */
static int wait_for(pid_t child, double patience_s)
{
    double begin_s = clock_s();
    int status;

    while (waitpid(child, &status, WNOHANG) == 0) {
        if (clock_s() - begin_s > patience_s) {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
            return -1;
        }
        nanosleep(&(struct timespec){0, 2000000}, NULL);
    }
    if (clock_s() - begin_s > longest_end_s)
        longest_end_s = clock_s() - begin_s;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static size_t others_than_the_run(void)
{
    int has_run = access(out_path, F_OK) == 0;
    return test_directory_count(&directory) - (size_t)has_run;
}

static void check_run_file(void)
{
    if (access(out_path, F_OK) != 0)
        return;
    json_decref(load(out_path));
    assert_int_equal(unlink(out_path), 0);
}

static void interrupt(const char *threads, int signal, double duration_s)
{
    double pause_s = duration_s * random_unit(&instants);
    pid_t child = start(threads);

    nanosleep(
        &(struct timespec){(time_t)pause_s, (long)(1e9 * (pause_s - (double)(time_t)pause_s))},
        NULL);
    kill(child, signal);
    int status = wait_for(child, GONE_WITHIN_S);
    if (status != 0 && status != 128 + signal)
        fail_msg("signal %d after %.3f s, %s: status %d", signal, pause_s, threads, status);
    if (signal != SIGKILL && others_than_the_run() != 0)
        fail_msg("signal %d after %.3f s, %s: something is left", signal, pause_s, threads);
    check_run_file();
    if (signal != SIGKILL || others_than_the_run() == 0)
        return;
    assert_int_equal(others_than_the_run(), 1);
    struct test_process next = RUN("--benchmark_filter=^EmptyCall/", "--benchmark_repetitions=1");
    assert_int_equal(next.status, 0);
    test_process_free(&next);
    assert_int_equal(others_than_the_run(), 0);
}

static void leaves_nothing_whenever_a_signal_comes(void **state)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGKILL};
    static const char *const threads[] = {"--threads=1", "--threads=4"};
    const char *word = getenv("BENCH_MMAP_TESTS"), *seed = getenv("BENCH_MMAP_SEED");
    uint64_t number = seed != NULL ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL);
    int each = word != NULL && strcmp(word, "long") == 0 ? INSTANTS_LONG : INSTANTS;

    (void)state;
    print_message("seed %llu\n", (unsigned long long)number);
    random_seed(&instants, number);
    for (size_t t = 0; t < 2; t++) {
        double begin_s = clock_s();
        assert_int_equal(wait_for(start(threads[t]), 600), 0);
        double duration_s = clock_s() - begin_s;
        check_run_file();
        longest_end_s = 0;
        for (size_t s = 0; s < sizeof signals / sizeof signals[0]; s++)
            for (int i = 0; i < each; i++)
                interrupt(threads[t], signals[s], duration_s);
        print_message("%s: %d of each signal within %.2f s; the longest took %.2f s to end\n",
                      threads[t], each, duration_s, longest_end_s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(leaves_nothing_whenever_a_signal_comes)};
    return cmocka_run_group_tests(tests, bench_set_up, bench_tear_down);
}
