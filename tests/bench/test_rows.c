/* SPDX-License-Identifier: Apache-2.0 */
/* What bench_mmap prints: the answer, rows, the formats of the framework. */
#include "tests/support/run_bench.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Bytes a second of what moves none would be a figure without meaning. */
static void only_what_moves_bytes_has_a_throughput(void **state)
{
    struct test_process process =
        RUN(out_flag, "--file_size=64K", "--chunks=64K", "--benchmark_repetitions=2",
            "--benchmark_filter=^(Memcpy|NullWrite|EmptyCall)/");
    json_t *run, *rows, *row;
    size_t index;

    (void)state;
    assert_int_equal(process.status, 0);
    assert_int_equal(count_lines(process.out, "Memcpy "), 1);
    assert_non_null(strstr(process.out, "iB/s\n"));
    for (int i = 0; i < 2; i++) {
        const char *line = strstr(process.out, i == 0 ? "\nNullWrite " : "\nEmptyCall ");
        assert_non_null(line);
        assert_memory_equal(strchr(line + 1, '\n') - 2, " -", 2);
    }
    run = load(out_path);
    rows = json_object_get(run, "benchmarks");
    assert_true(json_array_size(rows) > 6);
    json_array_foreach(rows, index, row)
    {
        const char *name = json_string_value(json_object_get(row, "run_name"));
        assert_int_equal(strncmp(name, "Memcpy/", 7) == 0,
                         json_object_get(row, "bytes_per_second") != NULL);
    }
    json_decref(run);
    test_process_free(&process);
    assert_int_equal(unlink(out_path), 0);
}

/* One row a cell, in the order of the tables although the samples are interleaved at random. */
static void rows_are_one_a_cell_in_order(void **state)
{
    struct test_process process =
        RUN("--file_size=64K", "--chunks=4K..64K", "--benchmark_filter=^(Mmap|Write)/",
            "--benchmark_repetitions=2", "--rows");
    static const char *const names[] = {"Mmap", "Write"};
    const char *line = strstr(process.out, "\nwriter ");

    (void)state;
    assert_int_equal(process.status, 0);
    assert_non_null(line);
    line = strchr(line + 1, '\n') + 1; /* the rule */
    assert_int_equal(count_lines(line, ""), 1 + 10);
    for (int i = 0; i < 10; i++) {
        char expected[96];
        line = strchr(line, '\n') + 1;
        snprintf(expected, sizeof expected, "%-5s  %3d KiB  ", names[i / 5], 4 << i % 5);
        assert_memory_equal(line, expected, 6);
        assert_non_null(strstr(expected, "KiB"));
        if (strncmp(line + 5 + strspn(line + 5, " "), expected + 7 + strspn(expected + 7, " "),
                    6) != 0)
            fail_msg("%.40s is not %s", line, expected);
    }
    assert_null(strchr(process.err, '\r')); /* no progress line in a pipe */
    test_process_free(&process);
    /* Nothing but the answer without it. */
    process = RUN("--file_size=64K", "--chunks=4K,64K", "--benchmark_filter=^(Mmap|Write)/",
                  "--benchmark_repetitions=2");
    assert_int_equal(count_lines(process.out, "writer "), 0);
    assert_int_equal(count_lines(process.out, "Chunks of "), 2);
    test_process_free(&process);
    assert_int_equal(test_directory_count(&directory), 0);
}

static void the_answer_comes_from_the_run(void **state)
{
    struct test_process process =
        RUN("--file_size=64K", "--chunks=4K,64K", "--benchmark_filter=^(Mmap|Write)/");

    (void)state;
    assert_int_equal(process.status, 0);
    assert_non_null(strstr(process.out, "64 KiB, file new, sync none; "));
    assert_non_null(strstr(process.out, "\nChunks of 64 KiB: "));
    test_process_free(&process);
    /* On stderr where stdout has the framework's JSON. */
    process = RUN("--file_size=64K", "--chunks=4K,64K", "--benchmark_filter=^(Mmap|Write)/",
                  "--benchmark_format=json", "--summary=always");
    assert_int_equal(process.status, 0);
    assert_non_null(strstr(process.err, "64 KiB, file new, sync none; "));
    assert_int_equal(process.out[0], '{');
    assert_null(strstr(process.out, "\nChunks of 64 KiB: "));
    test_process_free(&process);
    process = RUN("--file_size=64K", "--chunks=4K", "--benchmark_filter=^Write/",
                  "--benchmark_out=/dev/full");
    assert_int_equal(process.status, 1);
    assert_non_null(strstr(process.err, "bench_mmap: --benchmark_out=/dev/full: No space left"));
    test_process_free(&process);
}

static void lost_output_is_an_error(void **state)
{
    static const char *const flags[] = {"--rows", "--benchmark_list_tests", "--writers",
                                        "--version", "--help"};

    (void)state;
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        const char *argv[] = {"sh",
                              "-c",
                              "exec \"$0\" \"$1\" \"$2\" --file_size=64K --chunks=4K "
                              "--benchmark_filter=^Write/ --benchmark_repetitions=1 >/dev/full",
                              BENCH_MMAP_PROGRAM,
                              dir_flag,
                              flags[i],
                              NULL};
        struct test_process process = test_run(argv, NULL, NULL);
        if (process.status != 1 || strstr(process.err, "bench_mmap: standard output: ") == NULL)
            fail_msg("%s: status %d: %s", flags[i], process.status, process.err);
        test_process_free(&process);
    }
    assert_int_equal(test_directory_count(&directory), 0);
}

/* It is made from JSON, which the file need not be. */
static void the_answer_is_there_whatever_the_file_is(void **state)
{
    static const char *const formats[][2] = {{"--benchmark_out_format=csv", "name,iterations,"},
                                             {"--benchmark_out_format=console", "----"}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct test_process process =
            RUN(out_flag, formats[i][0], "--file_size=64K", "--chunks=4K,64K",
                "--benchmark_filter=^(Mmap|Write)/", "--benchmark_repetitions=2");
        char *text = test_read_file(out_path);
        assert_int_equal(process.status, 0);
        assert_non_null(strstr(process.out, "\nChunks of 64 KiB: "));
        assert_non_null(strstr(text, formats[i][1]));
        assert_null(strstr(process.err, "no answer"));
        free(text);
        test_process_free(&process);
        assert_int_equal(unlink(out_path), 0);
    }
}

static void framework_formats_are_there(void **state)
{
    struct test_process process;
    json_error_t error;
    json_t *run;

    (void)state;
    process = RUN("--chunks=1M", "--benchmark_filter=^Write/", "--benchmark_format=json",
                  "--benchmark_repetitions=2");
    assert_int_equal(process.status, 0);
    run = json_loads(process.out, 0, &error);
    assert_non_null(run);
    assert_int_equal(json_array_size(json_object_get(run, "benchmarks")), 6);
    json_decref(run);
    test_process_free(&process);

    process = RUN("--chunks=1M", "--benchmark_filter=^Write/", "--benchmark_format=csv",
                  "--benchmark_repetitions=1");
    assert_int_equal(process.status, 0);
    assert_int_equal(count_lines(process.out, "name,iterations,real_time,cpu_time"), 1);
    assert_int_equal(count_lines(process.out, "\"Write/file:new"), 1);
    test_process_free(&process);

    process = RUN("--chunks=1M", "--benchmark_filter=^Write/", "--benchmark_format=console",
                  "--benchmark_repetitions=2");
    assert_int_equal(process.status, 0);
    assert_int_equal(count_lines(process.out, "Write/file:new"), 4);
    assert_non_null(strstr(process.out, "manual_time_median"));
    test_process_free(&process);

    process = RUN("--chunks=1M,2M", "--benchmark_filter=^Write/", "--benchmark_list_tests");
    assert_int_equal(process.status, 0);
    assert_string_equal(process.out,
                        "Write/file:new/sync:none/size:10485760/chunk:1048576/manual_time\n"
                        "Write/file:new/sync:none/size:10485760/chunk:2097152/manual_time\n");
    test_process_free(&process);
}

static void more_iterations_are_averaged(void **state)
{
    struct test_process process =
        RUN("--file_size=64K", "--chunks=4K", "--benchmark_filter=^Write/",
            "--benchmark_min_time=0.01", "--benchmark_format=json", "--benchmark_repetitions=1");
    json_error_t error;
    json_t *run = json_loads(process.out, 0, &error), *row;

    (void)state;
    assert_int_equal(process.status, 0);
    assert_non_null(run);
    row = json_array_get(json_object_get(run, "benchmarks"), 0);
    assert_true(number(row, "iterations") > 1);
    assert_true(number(row, "calls") == 18);
    json_decref(run);
    test_process_free(&process);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_moves_bytes_has_a_throughput),
        cmocka_unit_test(rows_are_one_a_cell_in_order),
        cmocka_unit_test(the_answer_comes_from_the_run),
        cmocka_unit_test(the_answer_is_there_whatever_the_file_is),
        cmocka_unit_test(lost_output_is_an_error),
        cmocka_unit_test(framework_formats_are_there),
        cmocka_unit_test(more_iterations_are_averaged),
    };

    return cmocka_run_group_tests(tests, bench_set_up, bench_tear_down);
}
