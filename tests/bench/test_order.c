/* SPDX-License-Identifier: Apache-2.0 */
/* --order: which cells there are, and what they do. */
#include "tests/support/run_bench.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static json_t *measured(struct test_process process, json_t **selection)
{
    json_t *run = json_loads(process.out, 0, NULL), *rows;

    if (process.status != 0 || run == NULL)
        fail_msg("status %d: %s", process.status, process.err);
    rows = json_incref(json_object_get(run, "benchmarks"));
    *selection = json_incref(json_object_get(json_object_get(run, "context"), "selection"));
    json_decref(run);
    test_process_free(&process);
    return rows;
}

static int calls_of(const json_t *rows, const char *name)
{
    return (int)number(bench_row(rows, name), "calls");
}

#define FIRST_PART "file:new/sync:none/order:random/size:65536/chunk:12288/manual_time"

/* Six chunks, of which the last is short; every byte of every sample is compared. */
static void every_kernel_that_can_visits_its_chunks_in_random_order(void **state)
{
    json_t *selection, *row;
    json_t *rows =
        measured(RUN("--order=all", "--all", "--file_size=64K", "--chunks=12K", "--verify=all",
                     "--benchmark_repetitions=1", "--benchmark_format=json"),
                 &selection);
    size_t i, shuffled = 0, plain = 0, controls = 0;

    (void)state;
    json_array_foreach(rows, i, row)
    {
        const char *name = json_string_value(json_object_get(row, "run_name"));
        assert_null(json_object_get(row, "error_occurred"));
        if (strstr(name, "/file:none/") != NULL)
            controls++;
        else if (strstr(name, "/sync:none/order:random/size:65536/chunk:12288/") != NULL)
            shuffled++;
        else if (strstr(name, "/sync:none/size:65536/chunk:12288/") != NULL)
            plain++;
    }
    assert_int_equal(controls + shuffled + plain, json_array_size(rows));
    assert_int_equal(controls, 4);
    /* All but Append, Writev and MmapWindow. */
    assert_int_equal(plain - shuffled, 3);
    assert_non_null(strstr(json_string_value(selection), " order:sequential,random size:"));
    assert_int_equal(calls_of(rows, "Write/" FIRST_PART), 2 + 2 * 6);
    assert_int_equal(calls_of(rows, "Pwrite/" FIRST_PART), 2 + 6);
    assert_int_equal(calls_of(rows, "Mmap/" FIRST_PART), 5);
    json_decref(selection);
    json_decref(rows);
}

static void what_cannot_is_left_out_with_a_line(void **state)
{
    struct test_process process = RUN("--order=random", "--benchmark_filter=^(Write|Append)/",
                                      "--file_size=64K", "--chunks=4K", "--benchmark_list_tests");

    (void)state;
    assert_int_equal(process.status, 0);
    assert_string_equal(
        process.out, "Write/file:new/sync:none/order:random/size:65536/chunk:4096/manual_time\n");
    test_process_free(&process);
    process = RUN("--order=random", "--benchmark_filter=^(Write|Append)/", "--file_size=64K",
                  "--chunks=4K", "--benchmark_repetitions=1");
    assert_int_equal(process.status, 0);
    assert_non_null(strstr(process.err, "\nleft out: 1 kernel whose only order is the file's "));
    test_process_free(&process);
    process = RUN("--writers", "--dir=/tmp");
    assert_non_null(strstr(process.out, "not with order:random: it appends"));
    test_process_free(&process);
}

/* Nobody has asked for an order: names and selection are those of older runs. */
static void without_the_flag_nothing_is_said_of_it(void **state)
{
    json_t *selection;
    json_t *rows = measured(RUN("--benchmark_filter=^Write/", "--file_size=64K", "--chunks=4K",
                                "--benchmark_repetitions=1", "--benchmark_format=json"),
                            &selection);

    (void)state;
    assert_int_equal(calls_of(rows, "Write/file:new/sync:none/size:65536/chunk:4096/manual_time"),
                     2 + 16);
    assert_null(strstr(json_string_value(selection), "order"));
    json_decref(selection);
    json_decref(rows);
}

/* They share the list, and each has a file of its own. */
static void threads_work_in_random_order(void **state)
{
    json_t *selection;
    json_t *rows = measured(RUN("--order=random", "--threads=1,3", "--benchmark_filter=^Write/",
                                "--file_size=64K", "--chunks=12K", "--verify=all",
                                "--benchmark_repetitions=2", "--benchmark_format=json"),
                            &selection);
    const char *name = "Write/" FIRST_PART "/threads:3";

    (void)state;
    assert_int_equal(json_array_size(rows) >= 4, 1);
    assert_true(calls_of(rows, name) > 0);
    json_decref(selection);
    json_decref(rows);
}

static void readers_read_in_random_order(void **state)
{
    json_t *selection;
    json_t *rows =
        measured(RUN("--kind=read", "--all", "--order=all", "--file_size=64K", "--chunks=12K",
                     "--verify=all", "--benchmark_repetitions=1", "--benchmark_format=json"),
                 &selection);
    json_t *row;
    size_t i;

    (void)state;
    json_array_foreach(rows, i, row) assert_null(json_object_get(row, "error_occurred"));
    assert_int_equal(calls_of(rows,
                              "ReadCall/file:cached/sync:none/order:random/size:65536/chunk:12288/"
                              "manual_time"),
                     2 + 2 * 6);
    json_decref(selection);
    json_decref(rows);
}

static void a_channel_has_no_order(void **state)
{
    struct test_process process = RUN("--kind=channel", "--order=random");

    (void)state;
    assert_int_equal(process.status, 1);
    assert_one_sentence(process.err, "bench_mmap: --order=random: ");
    test_process_free(&process);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kernel_that_can_visits_its_chunks_in_random_order),
        cmocka_unit_test(what_cannot_is_left_out_with_a_line),
        cmocka_unit_test(without_the_flag_nothing_is_said_of_it),
        cmocka_unit_test(threads_work_in_random_order),
        cmocka_unit_test(readers_read_in_random_order),
        cmocka_unit_test(a_channel_has_no_order),
    };

    return cmocka_run_group_tests(tests, bench_set_up, bench_tear_down);
}
