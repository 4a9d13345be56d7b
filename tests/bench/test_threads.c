/* SPDX-License-Identifier: Apache-2.0 */
/* Several threads at once, each with a file of its own. */
#include "bench_mmap/kernel.h"
#include "src/base/clock.h"
#include "tests/support/run_bench.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

static void threads_have_rows_that_add_up(void **state)
{
    double start_s = clock_s(), elapsed_s;
    struct test_process process =
        RUN(out_flag, "--file_size=1M", "--chunks=64K", "--threads=1,2,4", "--verify=all",
            "--file=new,overwrite", "--benchmark_repetitions=3",
            "--benchmark_filter=^(Mmap|Write|CopyFileRange|Memcpy)/");
    size_t index, samples[5] = {0};
    json_error_t error;
    json_t *run, *row;

    (void)state;
    elapsed_s = clock_s() - start_s;
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
static void failing_thread_does_not_stop_the_others(void **state)
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
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_have_rows_that_add_up),
        cmocka_unit_test(failing_thread_does_not_stop_the_others),
    };

    return cmocka_run_group_tests(tests, bench_set_up, bench_tear_down);
}
