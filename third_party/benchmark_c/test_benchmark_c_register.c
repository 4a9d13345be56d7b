/* SPDX-License-Identifier: Apache-2.0
 *
 * Registering, and the list of what is registered.
 */
#include "test_support.h"

#include <errno.h>

struct names {
    size_t count;
    char text[16][160];
};

static void take_name(void *user, const char *name)
{
    struct names *names = user;
    assert_true(names->count < COUNT(names->text));
    snprintf(names->text[names->count++], 160, "%s", name);
}

static void axes_are_multiplied_with_the_last_changing_fastest(void **state)
{
    (void)state;
    int64_t sizes[] = {10, 20};
    int64_t chunks[] = {1, 2, 3};
    char name[] = "Family/file:new";
    struct benchmark_axis axes[] = {{"size", sizes, 2}, {"chunk", chunks, 3}};
    must_register(&(struct benchmark_definition){
        .name = name, .run = spin, .axes = axes, .axis_count = 2, .clock = BENCHMARK_CLOCK_MANUAL});
    /* Everything is copied: what the caller does afterwards does not matter. */
    memset(name, 'x', sizeof(name) - 1);
    memset(axes, 0, sizeof(axes));
    memset(sizes, 0, sizeof(sizes));

    struct names names = {0};
    assert_int_equal(benchmark_list(NULL, take_name, &names), 0);
    assert_int_equal(names.count, 6);
    for (int i = 0; i < 6; i++) {
        char expected[160];
        snprintf(expected, sizeof(expected), "Family/file:new/size:%d/chunk:%d/manual_time",
                 i < 3 ? 10 : 20, i % 3 + 1);
        assert_string_equal(names.text[i], expected);
    }
}

static void a_list_obeys_its_filter(void **state)
{
    (void)state;
    must_register(&(struct benchmark_definition){.name = "Zebra", .run = spin});
    must_register(&(struct benchmark_definition){.name = "Apple", .run = spin, .iterations = 3});

    struct names names = {0};
    assert_int_equal(benchmark_list("", take_name, &names), 0);
    assert_int_equal(names.count, 2);
    assert_string_equal(names.text[0], "Zebra");
    assert_string_equal(names.text[1], "Apple/iterations:3");

    names.count = 0;
    assert_int_equal(benchmark_list("^App", take_name, &names), 0);
    assert_int_equal(names.count, 1);
    names.count = 0;
    assert_int_equal(benchmark_list("-^App", take_name, &names), 0);
    assert_int_equal(names.count, 1);
    assert_string_equal(names.text[0], "Zebra");
    names.count = 0;
    assert_int_equal(benchmark_list("nothing", take_name, &names), 0);
    assert_int_equal(names.count, 0);
    assert_int_equal(benchmark_list("(", take_name, &names), -EINVAL);
    assert_int_equal(benchmark_list("", NULL, &names), -EINVAL);

    /* Listing leaves no flag behind that would turn a run into a list. */
    struct seen seen;
    assert_int_equal(run_and_see("Apple", &seen, NULL), 0);
    assert_int_equal(seen.count, 1);
}

static void unsound_definitions_are_refused(void **state)
{
    (void)state;
    const int64_t value = 1;
    const int none = 0;
    const struct benchmark_axis empty = {"a", &value, 0};
    const struct benchmark_axis without = {"a", NULL, 1};
    const struct benchmark_definition bad[] = {
        {.name = NULL, .run = spin},
        {.name = "", .run = spin},
        {.name = "two\nlines", .run = spin},
        {.name = "latin1 \xe9", .run = spin},
        {.name = "N"},
        {.name = "N", .run = spin, .axes = &empty, .axis_count = 1},
        {.name = "N", .run = spin, .axes = &without, .axis_count = 1},
        {.name = "N", .run = spin, .axes = NULL, .axis_count = 1},
        {.name = "N", .run = spin, .threads = &none, .thread_count = 1},
        {.name = "N", .run = spin, .threads = NULL, .thread_count = 1},
        {.name = "N", .run = spin, .iterations = -1},
        {.name = "N", .run = spin, .repetitions = -1},
        {.name = "N", .run = spin, .clock = (enum benchmark_clock)77},
    };
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(benchmark_register(&bad[i]), -EINVAL);
    assert_int_equal(benchmark_register(NULL), -EINVAL);

    struct names names = {0};
    assert_int_equal(benchmark_list(NULL, take_name, &names), 0);
    assert_int_equal(names.count, 0);
}

static void settings_reach_the_framework(void **state)
{
    (void)state;
    must_register(&(struct benchmark_definition){
        .name = "Real", .run = spin, .clock = BENCHMARK_CLOCK_REAL, .repetitions = 2});
    struct seen seen = {0};
    /* A processor that is taken away in the first iteration makes it look long enough by itself. */
    for (int attempt = 0; attempt < 10 && seen.rows[0].run.iterations <= 1; attempt++)
        assert_int_equal(run_and_see(NULL, &seen, NULL), 0);
    assert_int_equal(seen.count, 2 + 4);
    assert_string_equal(seen.rows[0].name, "Real/repeats:2/real_time");
    assert_true(seen.rows[0].run.iterations > 1);
    assert_int_equal(seen.rows[1].run.repetition_index, 1);
    assert_int_equal(seen.rows[1].run.repetitions, 2);
    assert_string_equal(seen.rows[2].aggregate, "mean");
    assert_int_equal(seen.rows[2].run.repetition_index, -1);
    assert_string_equal(seen.rows[5].aggregate, "cv");
    assert_true(seen.rows[5].run.is_ratio);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(axes_are_multiplied_with_the_last_changing_fastest, start_clean),
        cmocka_unit_test_setup(a_list_obeys_its_filter, start_clean),
        cmocka_unit_test_setup(unsound_definitions_are_refused, start_clean),
        cmocka_unit_test_setup(settings_reach_the_framework, start_clean),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    benchmark_shutdown();
    return failed ? 1 : 0;
}
