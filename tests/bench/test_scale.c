/* SPDX-License-Identifier: Apache-2.0
 * Many threads and large files: bench_mmap from outside. */
#include "bench/message.h"
#include "bench_mmap/kernel.h"
#include "tests/support/confine.h"
#include "tests/support/make_sides.h"

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct test_directory directory;
static char self[256], dir_flag[96], out_flag[128], out_path[96];

static int set_up(void **state)
{
    (void)state;
    test_directory_create(&directory);
    snprintf(dir_flag, sizeof dir_flag, "--dir=%s", directory.path);
    snprintf(out_path, sizeof out_path, "%s/run.json", directory.path);
    snprintf(out_flag, sizeof out_flag, "--benchmark_out=%s", out_path);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    assert_int_equal(test_directory_count(&directory), 0);
    test_directory_remove(&directory);
    return 0;
}

#define RUN(...)                                                                                   \
    test_run((const char *const[]){BENCH_MMAP_PROGRAM, dir_flag, __VA_ARGS__, NULL}, NULL, NULL)

static double number(const json_t *row, const char *key)
{
    const json_t *value = json_object_get(row, key);

    if (!json_is_number(value))
        fail_msg("no number %s in %s", key, json_string_value(json_object_get(row, "name")));
    return json_number_value(value);
}

#define SIZE_BYTES 1048576.0

/* The bounds are those of arithmetic. The threads' time together is no shorter than that of one of
 * them on average, which is real_time, and no longer than the program ran. */
static void check_row(const json_t *row, double elapsed_s)
{
    const char *name = json_string_value(json_object_get(row, "name"));
    double threads = number(row, "threads"), real_s = 1e-9 * number(row, "real_time");
    double rate = number(row, "bytes_per_second"), phases_s = 0;
    char end[32];

    snprintf(end, sizeof end, "/manual_time/threads:%.0f", threads);
    assert_true(strlen(name) > strlen(end));
    assert_string_equal(name + strlen(name) - strlen(end), end);
    /* A sample of each thread, and each counter is what one of them took on average. */
    assert_true(number(row, "iterations") == threads);
    for (int phase = 0; phase < BM_PHASES; phase++) {
        char key[32];
        snprintf(key, sizeof key, "%s_ns", bm_phase_name((enum bm_phase)phase));
        phases_s += 1e-9 * number(row, key);
    }
    assert_true(real_s > 0 && phases_s > 0.99 * real_s && phases_s < 1.01 * real_s);
    assert_true(rate <= 1.01 * threads * SIZE_BYTES / real_s);
    assert_true(rate >= threads * SIZE_BYTES / elapsed_s);
    if (threads == 1)
        assert_true(rate >= 0.99 * SIZE_BYTES / real_s);
    if (strncmp(name, "Write/", 6) == 0)
        assert_true(number(row, "calls") == 16 + 2);
}

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void test_threads_have_rows_that_add_up(void **state)
{
    double start_s = now_s(), elapsed_s;
    struct test_process process =
        RUN(out_flag, "--file_size=1M", "--chunks=64K", "--threads=1,2,4", "--verify=all",
            "--file=new,overwrite", "--benchmark_repetitions=3",
            "--benchmark_filter=^(Mmap|Write|CopyFileRange|Memcpy)/");
    size_t index, samples[5] = {0};
    json_error_t error;
    json_t *run, *row;

    (void)state;
    elapsed_s = now_s() - start_s;
    assert_int_equal(process.status, 0);
    run = json_load_file(out_path, 0, &error);
    assert_non_null(run);
    json_array_foreach(json_object_get(run, "benchmarks"), index, row)
    {
        if (strcmp(json_string_value(json_object_get(row, "run_type")), "iteration") != 0)
            continue;
        check_row(row, elapsed_s);
        samples[(size_t)number(row, "threads")]++;
    }
    /* Two states, but one of the control. */
    assert_true(samples[1] >= 3 * (2 * 2 + 1) && samples[1] <= 3 * (2 * 3 + 1));
    assert_int_equal(samples[2], samples[1]);
    assert_int_equal(samples[4], samples[1]);
    json_decref(run);
    test_process_free(&process);
    assert_int_equal(unlink(out_path), 0);
}

/* One of four threads finds the disk full, in one of two writers. */
static void test_failing_thread_does_not_stop_the_others(void **state)
{
    const char *argv[] = {BENCH_MMAP_PROGRAM,
                          dir_flag,
                          "--file_size=1M",
                          "--chunks=1M",
                          "--threads=4",
                          "--benchmark_repetitions=1",
                          "--benchmark_format=json",
                          "--benchmark_filter=^(Pwrite|Write)/",
                          NULL};
    const char *environment[] = {"LD_PRELOAD=" FAULT_LIBRARY, "BENCH_FAULT=write:enospc:4:1048576",
                                 NULL};
#ifdef __SANITIZE_ADDRESS__
    printf("skipped: the sanitizer wants to be loaded first\n");
    skip();
#endif
    struct test_process process = test_run(argv, environment, NULL);
    json_error_t error;
    size_t index, failed = 0, good = 0;
    json_t *run, *row;

    (void)state;
    assert_int_equal(process.status, 1);
    run = json_loads(process.out, 0, &error);
    assert_non_null(run);
    json_array_foreach(json_object_get(run, "benchmarks"), index, row)
    {
        const char *message = json_string_value(json_object_get(row, "error_message"));
        failed += message != NULL;
        good += message == NULL;
        if (message != NULL)
            assert_non_null(strstr(message, "No space left on device"));
    }
    assert_int_equal(failed, 1);
    assert_int_equal(good, 1);
    json_decref(run);
    test_process_free(&process);
}

static void test_bad_thread_counts_get_a_sentence(void **state)
{
    static const char *const arguments[] = {"--threads=0",   "--threads=65", "--threads=x",
                                            "--threads=",    "--threads",    "--threads=-1",
                                            "--threads=1,,", "--threads=2x", "--threads=1,65"};

    (void)state;
    for (size_t i = 0; i < sizeof arguments / sizeof arguments[0]; i++) {
        struct test_process process = RUN(arguments[i]);
        if (process.status != 1 || strstr(process.err, "--threads") == NULL)
            fail_msg("%s: status %d: %s", arguments[i], process.status, process.err);
        assert_one_sentence(process.err, "bench_mmap: ");
        assert_string_equal(process.out, "");
        test_process_free(&process);
    }
}

#define MIB (1024.0 * 1024.0)
#define LARGE_MIB 256

/* Memory that is nobody else's: not the pages of the file, which a mapping counts as its own. */
static double anonymous_bytes(pid_t child)
{
    char path[64], *text, *line;
    unsigned long long kilobytes = 0;

    snprintf(path, sizeof path, "/proc/%d/status", (int)child);
    text = test_read_file(path);
    line = text != NULL ? strstr(text, "\nRssAnon:") : NULL;
    if (line != NULL)
        sscanf(line, " RssAnon: %llu", &kilobytes);
    free(text);
    return 1024.0 * (double)kilobytes;
}

/* The most that is seen while it runs. */
static double most_anonymous_bytes(const char *const *argv)
{
    const struct timespec pause = {.tv_nsec = 2000000};
    double most = 0;
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        if (freopen("/dev/null", "w", stdout) != NULL && freopen("/dev/null", "w", stderr) != NULL)
            execv(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    while (waitpid(child, &status, WNOHANG) == 0) {
        double bytes = anonymous_bytes(child);
        most = bytes > most ? bytes : most;
        nanosleep(&pause, NULL);
    }
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_true(most > 0);
    return most;
}

static void test_large_file_takes_little_memory(void **state)
{
    static const unsigned chunks_mib[] = {1, LARGE_MIB};

    (void)state;
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    printf("skipped: sanitizers need memory of their own\n");
    skip();
#endif
    for (size_t i = 0; i < sizeof chunks_mib / sizeof chunks_mib[0]; i++) {
        char size[32], chunk[32];
        const char *argv[] = {
            BENCH_MMAP_PROGRAM,
            dir_flag,
            size,
            chunk,
            "--benchmark_repetitions=1",
            "--benchmark_min_warmup_time=0",
            "--benchmark_filter=^(Mmap|MmapWindow|Write|StdioLarge|Sendfile|Memcpy)/",
            NULL};
        double most;
        snprintf(size, sizeof size, "--file_size=%dM", LARGE_MIB);
        snprintf(chunk, sizeof chunk, "--chunks=%uM", chunks_mib[i]);
        most = most_anonymous_bytes(argv);
        if (most > (chunks_mib[i] + 64) * MIB)
            fail_msg("chunks of %u MiB: %.0f MiB of anonymous memory", chunks_mib[i], most / MIB);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads_have_rows_that_add_up),
        cmocka_unit_test(test_failing_thread_does_not_stop_the_others),
        cmocka_unit_test(test_bad_thread_counts_get_a_sentence),
        cmocka_unit_test(test_large_file_takes_little_memory),
    };

    confine_main(argc, argv);
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
        return 1;
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
