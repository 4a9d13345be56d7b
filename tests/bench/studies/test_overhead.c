/* SPDX-License-Identifier: Apache-2.0
 * What bench_overhead does with a writer that has no bare loop, as a new one has none. */
#include "tests/support/run_bench.h"

#include <stdio.h>
#include <string.h>

#define MAX_WORDS 8

static struct test_process run(const char *const *words)
{
    const char *argv[MAX_WORDS + 3] = {BENCH_OVERHEAD_SKELETON_PROGRAM, dir_flag};

    for (int i = 0; i < MAX_WORDS && words[i] != NULL; i++)
        argv[i + 2] = words[i];
    return test_run(argv, NULL, NULL);
}

static void test_it_is_refused_where_it_is_asked_for(void **state)
{
    static const char *const cases[][MAX_WORDS] = {
        {"--writer=Skeleton", "--chunk=4K", "--file_size=64K"},
        {"--count", "Skeleton", "bare", "4K", "64K"},
        {"--files=2", "Skeleton", "bare", "4K", "64K"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct test_process process = run(cases[i]);
        assert_int_equal(process.status, 1);
        assert_string_equal(
            process.err, "bench_overhead_skeleton: Skeleton has no bare loop to compare it with\n");
        assert_string_equal(process.out, "");
        test_process_free(&process);
    }
}

/* What a mapping shows cannot be left unseen, nor what a writer writes. */
static void test_who_can_be_blind(void **state)
{
    static const char *const cases[][MAX_WORDS] = {
        {"--files=1", "ReadCall", "blind", "4K", "64K"},
        {"--files=1", "ReadMmap", "blind", "4K", "64K"},
        {"--files=1", "Write", "blind", "4K", "64K"},
        {"--files=1", "Skeleton", "blind", "4K", "64K"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct test_process process = run(cases[i]);
        assert_int_equal(process.status, i > 0);
        assert_int_equal(strncmp(process.out, "mean ", 5) == 0, i == 0);
        test_process_free(&process);
    }
}

static void test_its_kernel_can_be_run(void **state)
{
    static const char *const words[] = {"--count", "Skeleton", "kernel", "4K", "64K", NULL};
    struct test_process process = run(words);

    (void)state;
    assert_int_equal(process.status, 0);
    assert_string_equal(process.err, "");
    test_process_free(&process);
}

static void test_it_is_left_out_of_many_with_a_line(void **state)
{
    static const char *const words[] = {"--writer=Write|Skeleton", "--chunk=4K", "--file_size=64K",
                                        "--max-pairs=12", NULL};
    struct test_process process = run(words);

    (void)state;
    assert_int_equal(process.status, 0);
    assert_string_equal(process.err, "");
    assert_non_null(strstr(process.out, "\nSkeleton          left out: there is no bare loop\n"));
    assert_non_null(strstr(process.out, "\nWrite "));
    assert_non_null(strstr(process.out, " of 1 lie within"));
    test_process_free(&process);
}

/* One with a list, one that takes none, and the sides of --count. */
static void test_the_list_walk_is_compared_with_the_plain_one(void **state)
{
    static const char *const all[] = {"--list",          "--writer=Pwrite|Append", "--chunk=4K",
                                      "--file_size=64K", "--max-pairs=12",         NULL};
    static const char *const none[] = {"--list", "--writer=Append", NULL};
    static const char *const one[] = {"--count", "Pwrite", "list", "4K", "64K", NULL};
    double more, low, high;

    (void)state;
    struct test_process process = run(all);
    assert_int_equal(process.status, 0);
    const char *line = strstr(process.out, " a chunk more: ");
    assert_non_null(line);
    assert_int_equal(sscanf(line, " a chunk more: %lf ns, %lf to %lf", &more, &low, &high), 3);
    assert_true(low <= more && more <= high);
    assert_non_null(strstr(process.out, "\nAppend            left out: it appends"));
    test_process_free(&process);
    process = run(none);
    assert_int_equal(process.status, 1);
    assert_non_null(strstr(process.err, "Append takes no list: it appends"));
    test_process_free(&process);
    process = run(one);
    assert_int_equal(process.status, 0);
    test_process_free(&process);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_is_refused_where_it_is_asked_for),
        cmocka_unit_test(test_who_can_be_blind),
        cmocka_unit_test(test_its_kernel_can_be_run),
        cmocka_unit_test(test_it_is_left_out_of_many_with_a_line),
        cmocka_unit_test(test_the_list_walk_is_compared_with_the_plain_one),
    };

    return cmocka_run_group_tests(tests, bench_set_up, bench_tear_down);
}
