/* SPDX-License-Identifier: Apache-2.0
 *
 * Reports: their rows, their context, and their formats.
 */
#include "test_report.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static const char *text_at(json_t *rows, size_t i, const char *key)
{
    const char *text = json_string_value(json_object_get(json_array_get(rows, i), key));
    return text ? text : "";
}

static void add_late_context(void *user)
{
    int *calls = user;
    ++*calls;
    assert_int_equal(benchmark_add_context("late", "after \"all\" \xe9"), 0);
}

static void context_of_the_last_moment_is_in_the_header(void **state)
{
    (void)state;
    int calls = 0;
    register_measure("One", NULL);
    assert_int_equal(benchmark_add_context("early", "before"), 0);
    assert_int_equal(benchmark_add_context("early", "again"), -EEXIST);
    assert_int_equal(benchmark_add_context("from_argv", "again"), -EEXIST);
    assert_int_equal(benchmark_add_context(NULL, "x"), -EINVAL);
    assert_int_equal(benchmark_add_context("", "x"), -EINVAL);
    assert_int_equal(benchmark_add_context("x", NULL), -EINVAL);
    const struct benchmark_run_options options = {.before_report = add_late_context,
                                                  .user = &calls};
    assert_int_equal(report(BENCHMARK_FORMAT_JSON, &options, NULL), 0);
    assert_int_equal(calls, 1);

    json_t *root = load_report();
    json_t *context = json_object_get(root, "context");
    assert_string_equal(json_string_value(json_object_get(context, "early")), "before");
    assert_string_equal(json_string_value(json_object_get(context, "late")), "after \"all\" ?");
    assert_string_equal(json_string_value(json_object_get(context, "from_argv")), "value");
    assert_string_equal(json_string_value(json_object_get(context, "executable")), "program?");
    json_decref(root);
}

static void rows_are_in_the_order_of_registration(void **state)
{
    (void)state;
    char name[16];
    for (int i = 0; i < 8; i++) {
        snprintf(name, sizeof(name), "Row%d", 9 - i);
        register_measure(name, NULL);
    }
    set_flag("--benchmark_repetitions=3");
    set_flag("--benchmark_enable_random_interleaving=true");
    assert_int_equal(report(BENCHMARK_FORMAT_JSON, NULL, NULL), 0);

    json_t *root = load_report();
    json_t *rows = json_object_get(root, "benchmarks");
    assert_int_equal(json_array_size(rows), 8 * (3 + 4));
    static const char *const suffixes[] = {"", "", "", "_mean", "_median", "_stddev", "_cv"};
    for (size_t i = 0; i < json_array_size(rows); i++) {
        char expected[64];
        snprintf(expected, sizeof(expected), "Row%d/iterations:2/manual_time%s", 9 - (int)i / 7,
                 suffixes[i % 7]);
        assert_string_equal(text_at(rows, i, "name"), expected);
        json_t *index = json_object_get(json_array_get(rows, i), "repetition_index");
        if (i % 7 < 3)
            assert_int_equal(json_integer_value(index), i % 7);
        else
            assert_null(index);
    }
    json_decref(root);
}

/* 1.7 reports the coefficient of variation of zeros as NaN, which is no JSON. */
static void what_is_no_number_does_not_spoil_the_json(void **state)
{
    (void)state;
    register_measure("One", NULL);
    set_flag("--benchmark_repetitions=2");
    assert_int_equal(report(BENCHMARK_FORMAT_JSON, NULL, NULL), 0);
    json_t *root = load_report();
    json_t *rows = json_object_get(root, "benchmarks");
    assert_int_equal(json_array_size(rows), 6);
    for (size_t i = 0; i < 6; i++) {
        json_t *row = json_array_get(rows, i);
        assert_near(json_number_value(json_object_get(row, "zero")), 0);
        assert_non_null(json_object_get(row, "zero"));
        assert_null(json_object_get(row, "endless"));
    }
    assert_near(json_number_value(json_object_get(json_array_get(rows, 0), "real_time")), 5e8);
    json_decref(root);
}

static void an_error_row_can_be_read_back(void **state)
{
    (void)state;
    struct benchmark_outcome outcome;
    must_register(&(struct benchmark_definition){.name = "Broken", .run = break_down});
    register_measure("Sound", NULL);
    assert_int_equal(report(BENCHMARK_FORMAT_JSON, NULL, &outcome), 0);
    assert_int_equal(outcome.error_runs, 1);
    assert_int_equal(outcome.matched, 2);
    json_t *root = load_report();
    json_t *rows = json_object_get(root, "benchmarks");
    assert_string_equal(text_at(rows, 0, "error_message"), "broken \"disk\" ? ?");
    assert_true(json_is_true(json_object_get(json_array_get(rows, 0), "error_occurred")));
    assert_null(json_object_get(json_array_get(rows, 1), "error_occurred"));
    json_decref(root);
}

/* The framework aborts over a counter that its CSV header does not have. */
static void csv_has_a_column_for_every_counter(void **state)
{
    (void)state;
    char first[] = "only_first", second[] = "only_second";
    register_measure("One", first);
    register_measure("Two", second);
    assert_int_equal(report(BENCHMARK_FORMAT_CSV, NULL, NULL), 0);
    char *text = whole_file(report_path);
    const char *header =
        "name,iterations,real_time,cpu_time,time_unit,bytes_per_second,items_per_second,label,"
        "error_occurred,error_message,\"only_first\",\"only_second\",\"zero\"\n";
    assert_int_equal(strncmp(text, header, strlen(header)), 0);
    const char *one = strstr(text, "\n\"One/iterations:2/manual_time\",2,5e+08,");
    const char *two = strstr(text, "\n\"Two/iterations:2/manual_time\",2,5e+08,");
    assert_non_null(one);
    assert_non_null(two);
    assert_non_null(strstr(one, ",ns,,,,,,7,,0\n"));
    assert_non_null(strstr(two, ",ns,,,,,,,7,0\n"));
    free(text);
}

static void a_report_can_look_like_the_console(void **state)
{
    (void)state;
    register_measure("One", NULL);
    assert_int_equal(report(BENCHMARK_FORMAT_CONSOLE, NULL, NULL), 0);
    char *text = whole_file(report_path);
    assert_non_null(strstr(text, "Run on ("));
    assert_non_null(strstr(text, "\nOne/iterations:2/manual_time"));
    assert_null(strchr(text, '\033'));
    free(text);
}

static bool keep_first_repetition(void *user, const struct benchmark_run *run)
{
    (void)user;
    return run->repetition_index == 0;
}

static void refused_rows_enter_no_report(void **state)
{
    (void)state;
    must_register(&(struct benchmark_definition){.name = "Broken", .run = break_down});
    register_measure("One", NULL);
    set_flag("--benchmark_repetitions=3");
    struct seen seen = {0};
    const struct benchmark_reporter reporter = {.user = &seen, .runs = see_runs};
    const struct benchmark_run_options options = {.display = &reporter,
                                                  .keep = keep_first_repetition};
    struct benchmark_outcome outcome;
    assert_int_equal(report(BENCHMARK_FORMAT_JSON, &options, &outcome), 0);
    assert_int_equal(seen.count, 2);
    assert_int_equal(outcome.error_runs, 1);
    json_t *root = load_report();
    assert_int_equal(json_array_size(json_object_get(root, "benchmarks")), 2);
    json_decref(root);
}

static void broken_at_last(struct benchmark_state *state, void *user)
{
    int *calls = user;
    if (++*calls == 3)
        benchmark_skip_with_error(state, "at last");
    while (benchmark_keep_running(state))
        ;
}

/* One of the rows that a display of aggregates leaves out. */
static void an_error_that_is_not_shown_is_counted(void **state)
{
    (void)state;
    for (int everywhere = 0; everywhere < 2; everywhere++) {
        int calls = 0;
        benchmark_clear_registered();
        must_register(&(struct benchmark_definition){
            .name = "Last", .run = broken_at_last, .user = &calls, .iterations = 1});
        set_flag("--benchmark_repetitions=3");
        set_flag(everywhere ? "--benchmark_report_aggregates_only=true"
                            : "--benchmark_display_aggregates_only=true");
        struct seen seen = {0};
        const struct benchmark_reporter reporter = {.user = &seen, .runs = see_runs};
        const struct benchmark_run_options options = {.display = &reporter};
        struct benchmark_outcome outcome;
        assert_int_equal(report(BENCHMARK_FORMAT_JSON, &options, &outcome), 0);
        assert_int_equal(outcome.error_runs, 1);
        assert_int_equal(seen.count, 4);
        assert_string_equal(seen.rows[0].aggregate, "mean");
        json_t *root = load_report();
        assert_int_equal(json_array_size(json_object_get(root, "benchmarks")),
                         everywhere ? 4 : 3 + 4);
        json_decref(root);
    }
}

static void the_c_reporter_sees_begin_rows_and_end(void **state)
{
    (void)state;
    register_measure("One", NULL);
    register_measure("Two", NULL);
    struct seen seen;
    set_flag("--benchmark_filter=Two");
    assert_int_equal(run_and_see(NULL, &seen, NULL), 0);
    assert_int_equal(seen.begins, 1);
    assert_int_equal(seen.ends, 1);
    assert_int_equal(seen.count, 1);
    assert_string_equal(seen.rows[0].run_name, "Two/iterations:2/manual_time");
    assert_near(seen.rows[0].run.real_time_s, 0.5);
    assert_near(counter_of(&seen.rows[0], "zero"), 0);
}

static void a_warm_up_can_come_before_the_run(void **state)
{
    (void)state;
    register_measure("One", NULL);
    set_flag("--benchmark_repetitions=1");
    const struct benchmark_run_options nothing = {0};
    assert_int_equal(benchmark_run(&nothing, NULL), 0);
    assert_int_equal(benchmark_run(NULL, NULL), 0);
    set_flag("--benchmark_repetitions=5");
    struct seen seen;
    assert_int_equal(run_and_see(NULL, &seen, NULL), 0);
    assert_int_equal(seen.count, 5 + 4);
    assert_int_equal(report(BENCHMARK_FORMAT_JSON, NULL, NULL), 0);
    json_t *root = load_report();
    json_t *context = json_object_get(root, "context");
    assert_string_equal(json_string_value(json_object_get(context, "executable")), "program?");
    assert_int_equal(json_array_size(json_object_get(root, "benchmarks")), 5 + 4);
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(context_of_the_last_moment_is_in_the_header, start_clean),
        cmocka_unit_test_setup(rows_are_in_the_order_of_registration, start_clean),
        cmocka_unit_test_setup(what_is_no_number_does_not_spoil_the_json, start_clean),
        cmocka_unit_test_setup(an_error_row_can_be_read_back, start_clean),
        cmocka_unit_test_setup(csv_has_a_column_for_every_counter, start_clean),
        cmocka_unit_test_setup(a_report_can_look_like_the_console, start_clean),
        cmocka_unit_test_setup(refused_rows_enter_no_report, start_clean),
        cmocka_unit_test_setup(an_error_that_is_not_shown_is_counted, start_clean),
        cmocka_unit_test_setup(the_c_reporter_sees_begin_rows_and_end, start_clean),
        cmocka_unit_test_setup(a_warm_up_can_come_before_the_run, start_clean),
    };
    /* Reports name the program, with what is no UTF-8 replaced, and the context of its flags. */
    char *argv[] = {"program\xff", "--benchmark_context=from_argv=value", NULL};
    int argc = 2;
    benchmark_initialize(&argc, argv, NULL);
    int failed = cmocka_run_group_tests(tests, make_directory, remove_directory);
    benchmark_shutdown();
    return failed ? 1 : 0;
}
