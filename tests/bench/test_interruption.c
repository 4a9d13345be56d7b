/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of the run file when a run is interrupted or fails. */
#include "tests/support/make_sides.h"
#include "tests/support/run_bench.h"

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void interrupted_run_keeps_what_it_has(void **state)
{
    const char *const more[] = {out_flag,
                                "--chunks=64K,1M",
                                "--benchmark_filter=Write",
                                "--benchmark_repetitions=3000",
                                "--progress=always",
                                NULL};
    struct test_process process = run_with(NULL, "measuring: ", more);
    json_t *run, *rows, *row;
    size_t index;

    (void)state;
    assert_int_equal(process.status, 128 + SIGINT);
    run = load(out_path);
    rows = json_object_get(run, "benchmarks");
    assert_true(json_array_size(rows) > 0);
    json_array_foreach(rows, index, row) assert_null(json_object_get(row, "error_occurred"));
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(run, "context"), "interrupted")),
        "Interrupt");
    assert_non_null(strstr(process.out, "It was interrupted after "));
    assert_non_null(strstr(process.out, "000 samples."));
    json_decref(run);
    test_process_free(&process);
    assert_int_equal(test_directory_count(&directory), 1);

    /* And a file that was there is as it was. */
    write_file(out_path, "old");
    process = run_with(NULL, "measuring: ", more);
    assert_int_equal(process.status, 128 + SIGINT);
    char *text = test_read_file(out_path);
    assert_string_equal(text, "old");
    free(text);
    char partial[128];
    snprintf(partial, sizeof partial, "%s.partial", out_path);
    json_decref(load(partial));
    test_process_free(&process);
    assert_int_equal(test_directory_count(&directory), 2);
    assert_int_equal(unlink(partial), 0);
    assert_int_equal(unlink(out_path), 0);
}

static void failed_run_leaves_the_old_file(void **state)
{
    struct test_process process;
    char *text;

    (void)state;
    write_file(out_path, "old");
    process = RUN(out_flag, "--benchmark_filter=Nothing");
    assert_int_equal(process.status, 1);
    text = test_read_file(out_path);
    assert_string_equal(text, "old");
    free(text);
    test_process_free(&process);
    assert_int_equal(test_directory_count(&directory), 1);
    process = RUN(out_flag, "--benchmark_filter=^Write/", "--chunks=1M");
    assert_int_equal(process.status, 0);
    json_decref(load(out_path));
    test_process_free(&process);
    assert_int_equal(test_directory_count(&directory), 1);
    assert_int_equal(unlink(out_path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interrupted_run_keeps_what_it_has),
        cmocka_unit_test(failed_run_leaves_the_old_file),
    };

    return cmocka_run_group_tests(tests, bench_set_up, bench_tear_down);
}
