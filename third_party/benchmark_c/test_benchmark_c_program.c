/* SPDX-License-Identifier: Apache-2.0
 *
 * A program over the shim: its flags and filters, what it cannot do, and how its main() ends.
 */
#include "test_report.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static int run_bad_filters(void *argument)
{
    (void)argument;
    struct benchmark_outcome outcome;
    struct benchmark_run_options options = {.filter = "(", .out_format = BENCHMARK_FORMAT_JSON};
    if (benchmark_run(&options, &outcome) != -EINVAL || !strstr(outcome.message, "compile"))
        return 1;
    options.filter = "absent";
    if (benchmark_run(&options, &outcome) != -ENOENT || !strstr(outcome.message, "absent"))
        return 2;
    return outcome.matched == 0 && !outcome.report ? 0 : 3;
}

static void bad_filters_are_told_apart_and_nothing_is_printed(void **state)
{
    (void)state;
    register_measure("One", NULL);
    struct child child = in_child(run_bad_filters, NULL);
    assert_int_equal(child.status, 0);
    assert_string_equal(child.out, "");
    assert_string_equal(child.err, "");
    end_child(&child);
}

static void many_inputs_hide_no_refusal(void **state)
{
    (void)state;
    int64_t values[101];
    for (int i = 0; i < 101; i++)
        values[i] = i;
    const struct benchmark_axis axis = {"v", values, 101};
    must_register(&(struct benchmark_definition){
        .name = "Many", .run = measure, .axes = &axis, .axis_count = 1});
    struct benchmark_outcome outcome;
    const struct benchmark_run_options options = {.filter = "absent"};
    assert_int_equal(benchmark_run(&options, &outcome), -ENOENT);
    assert_int_equal(strncmp(outcome.message, "Failed to match", 15), 0);
}

static void an_unknown_format_is_refused(void **state)
{
    (void)state;
    struct benchmark_outcome outcome;
    register_measure("One", NULL);
    assert_int_equal(report((enum benchmark_format)9, NULL, &outcome), -EINVAL);
    assert_non_null(strstr(outcome.message, "format"));
    const struct benchmark_run_options options = {.display_format = (enum benchmark_format)9};
    assert_int_equal(benchmark_run(&options, NULL), -EINVAL);
}

static int display_on_full(void *argument)
{
    const enum benchmark_format *format = argument;
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    if (full < 0 || dup2(full, STDOUT_FILENO) < 0)
        return 9;
    struct benchmark_outcome outcome;
    const struct benchmark_run_options options = {.display_format = *format};
    int status = benchmark_run(&options, &outcome);
    return status == -EIO && strstr(outcome.message, "standard output") ? 0 : 1;
}

static void a_full_standard_output_is_an_error(void **state)
{
    (void)state;
    register_measure("One", NULL);
    for (int format = BENCHMARK_FORMAT_CONSOLE; format <= BENCHMARK_FORMAT_CSV; format++) {
        struct child child = in_child(display_on_full, &format);
        assert_int_equal(child.status, 0);
        end_child(&child);
    }
}

static void flags_are_checked(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "--benchmark_unknown=1",           "--benchmark_=1",
        "--benchmark_format=xml",          "--benchmark_format=JSON",
        "--benchmark_list_tests=perhaps",  "--benchmark_context=novalue",
        "--benchmark_repetitions=1000001", "--benchmark_out_format=",
        "--benchmark_time_unit=h",         "--benchmark_color=",
        "--benchmark_repetitions=0",       "--benchmark_repetitions=-1",
        "--benchmark_repetitions=many",    "--benchmark_min_time=-1",
        "--benchmark_min_time=soon",       "--benchmark_min_time=0x",
        "--benchmark_min_time=nan",        "--benchmark_min_warmup_time=inf",
    };
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(try_flag(bad[i]), -EINVAL);
    assert_int_equal(benchmark_set_flag(NULL, "1"), -EINVAL);
    assert_int_equal(benchmark_set_flag("repetitions", NULL), -EINVAL);
    set_flag("--benchmark_min_time=0.002s"); /* 1.7 alone would not take the suffix */
}

static void initialize_takes_only_what_it_can_read(void **state)
{
    (void)state;
    char *argv[] = {"program\xff",
                    "first",
                    "--benchmark_repetitions=2",
                    "--benchmark_format=xml",
                    "--chunks=lesson",
                    "--benchmark_context=from_argv=value",
                    "--benchmark_list_tests",
                    "last",
                    NULL};
    int argc = 8;
    benchmark_initialize(&argc, argv, NULL);
    assert_int_equal(argc, 5);
    assert_string_equal(argv[1], "first");
    assert_string_equal(argv[2], "--benchmark_format=xml");
    assert_string_equal(argv[3], "--chunks=lesson");
    assert_string_equal(argv[4], "last");
    assert_string_equal(benchmark_refusal(), "first: not known; --help lists the flags");
    assert_string_equal(benchmark_flag("repetitions"), "2");
    assert_string_equal(benchmark_flag("list_tests"), "true");
    assert_null(benchmark_flag("format")); /* what was refused was not chosen */
    assert_null(benchmark_flag("unknown"));
    set_flag("--benchmark_filter=x"); /* the program's choice is not the user's */
    assert_null(benchmark_flag("filter"));
    benchmark_initialize(NULL, NULL, NULL);
    assert_null(benchmark_refusal());
    assert_null(benchmark_flag("repetitions"));
}

struct arguments {
    int count;
    char *values[8];
};

static int run_main(void *argument)
{
    struct arguments *arguments = argument;
    return benchmark_main(arguments->count, arguments->values);
}

static struct child main_with(const char *a, const char *b, const char *c)
{
    struct arguments arguments = {1, {"tool", NULL}};
    const char *const all[] = {a, b, c};
    for (size_t i = 0; i < 3; i++) {
        if (all[i])
            arguments.values[arguments.count++] = (char *)(uintptr_t)all[i];
    }
    return in_child(run_main, &arguments);
}

static void main_says_how_it_went_by_its_status(void **state)
{
    (void)state;
    char out[96];
    snprintf(out, sizeof(out), "--benchmark_out=%s", report_path);
    must_register(&(struct benchmark_definition){.name = "Broken", .run = break_down});
    register_measure("Sound", NULL);
    const struct {
        const char *a, *b, *c;
        int status;
        const char *out, *err;
    } cases[] = {
        {"--benchmark_filter=Sound", NULL, NULL, 0, "Sound/iterations:2", ""},
        {"--benchmark_filter=Sound", "--benchmark_format=json", NULL, 0, "\"benchmarks\": [", ""},
        {"--benchmark_filter=Sound", "--benchmark_format=csv", out, 0, "name,iterations", ""},
        {"--benchmark_list_tests", NULL, NULL, 0, "Broken\nSound/iterations:2/manual_time\n", ""},
        {NULL, NULL, NULL, 1, "ERROR OCCURRED", ""},
        {"--benchmark_filter=absent", NULL, NULL, 1, "", "tool: Failed to match"},
        {"--benchmark_filter=(", NULL, NULL, 1, "", "tool: Could not compile"},
        {"--unknown", NULL, NULL, 1, "", "--unknown"},
        {"--benchmark_format=xml", NULL, NULL, 1, "", "--benchmark_format=xml"},
        {"--benchmark_filter=Sound", "--benchmark_out=/nonexistent/x", NULL, 1, "",
         "tool: /nonexistent/x: "},
        {"--help", NULL, NULL, 0, "--benchmark_filter", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct child child = main_with(cases[i].a, cases[i].b, cases[i].c);
        if (child.status != cases[i].status || !strstr(child.out, cases[i].out) ||
            !strstr(child.err, cases[i].err))
            fail_msg("case %zu: status %d\n%s\n%s", i, child.status, child.out, child.err);
        end_child(&child);
    }
    json_t *root = load_report();
    assert_int_equal(json_array_size(json_object_get(root, "benchmarks")), 1);
    json_decref(root);
}

static void json_on_standard_output_is_json_and_nothing_else(void **state)
{
    (void)state;
    register_measure("Sound", NULL);
    struct child child = main_with("--benchmark_format=json", "--benchmark_repetitions=2",
                                   "--benchmark_context=a=b,from_argv=c");
    assert_int_equal(child.status, 0);
    assert_string_equal(child.err, "");
    json_t *root = json_loads(child.out, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    json_t *context = json_object_get(root, "context");
    assert_string_equal(json_string_value(json_object_get(context, "executable")), "tool");
    assert_string_equal(json_string_value(json_object_get(context, "a")), "b");
    assert_int_equal(json_array_size(json_object_get(root, "benchmarks")), 2 + 4);
    json_decref(root);
    end_child(&child);
}

static void say_that_it_is_called(struct benchmark_state *state, void *user)
{
    (void)user;
    puts("called");
    while (benchmark_keep_running(state))
        ;
}

static void main_knows_before_measuring_that_a_file_cannot_be(void **state)
{
    (void)state;
    must_register(&(struct benchmark_definition){
        .name = "Calls", .run = say_that_it_is_called, .iterations = 1});
    static const struct {
        const char *out;
        int error;
        bool measures;
    } cases[] = {{"/nonexistent/x", ENOENT, false}, {"/dev/full", ENOSPC, true}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        char out[96], expected[128];
        snprintf(out, sizeof(out), "--benchmark_out=%s", cases[i].out);
        snprintf(expected, sizeof(expected), "tool: %s: %s\n", cases[i].out,
                 strerror(cases[i].error));
        struct child child = main_with(out, NULL, NULL);
        assert_int_equal(child.status, 1);
        if (!strstr(child.err, expected))
            fail_msg("%s does not say: %s", child.err, expected);
        assert_int_equal(strstr(child.out, "called") != NULL, cases[i].measures);
        end_child(&child);
    }
}

static void main_replaces_a_longer_report_whole(void **state)
{
    (void)state;
    char out[96];
    snprintf(out, sizeof(out), "--benchmark_out=%s", report_path);
    register_measure("One", NULL);
    register_measure("Two", NULL);
    static const char *const filters[] = {"--benchmark_filter=.", "--benchmark_filter=One"};
    for (size_t i = 0; i < COUNT(filters); i++) {
        struct child child = main_with(out, filters[i], NULL);
        assert_int_equal(child.status, 0);
        end_child(&child);
        json_t *root = load_report();
        assert_int_equal(json_array_size(json_object_get(root, "benchmarks")), 2 - i);
        json_decref(root);
    }
}

static int shut_down_and_start_again(void *argument)
{
    (void)argument;
    if (benchmark_add_context("again", "1"))
        return 1;
    benchmark_shutdown();
    benchmark_shutdown();
    if (benchmark_add_context("again", "2"))
        return 2;
    register_measure("After", NULL);
    struct seen seen;
    if (run_and_see(NULL, &seen, NULL) || seen.count != 1)
        return 3;
    benchmark_shutdown();
    return 0;
}

static void shutting_down_twice_frees_once(void **state)
{
    (void)state;
    struct child child = in_child(shut_down_and_start_again, NULL);
    assert_int_equal(child.status, 0);
    end_child(&child);
}

static void the_version_is_a_number(void **state)
{
    (void)state;
    int major = 0, minor = 0, patch = 0;
    assert_int_equal(sscanf(benchmark_library_version(), "%d.%d.%d", &major, &minor, &patch), 3);
    assert_true(major == 1 && minor >= 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(initialize_takes_only_what_it_can_read, start_clean),
        cmocka_unit_test_setup(bad_filters_are_told_apart_and_nothing_is_printed, start_clean),
        cmocka_unit_test_setup(many_inputs_hide_no_refusal, start_clean),
        cmocka_unit_test_setup(an_unknown_format_is_refused, start_clean),
        cmocka_unit_test_setup(a_full_standard_output_is_an_error, start_clean),
        cmocka_unit_test_setup(flags_are_checked, start_clean),
        cmocka_unit_test_setup(main_says_how_it_went_by_its_status, start_clean),
        cmocka_unit_test_setup(json_on_standard_output_is_json_and_nothing_else, start_clean),
        cmocka_unit_test_setup(main_knows_before_measuring_that_a_file_cannot_be, start_clean),
        cmocka_unit_test_setup(main_replaces_a_longer_report_whole, start_clean),
        cmocka_unit_test_setup(shutting_down_twice_frees_once, start_clean),
        cmocka_unit_test_setup(the_version_is_a_number, start_clean),
    };
    int failed = cmocka_run_group_tests(tests, make_directory, remove_directory);
    benchmark_shutdown();
    return failed ? 1 : 0;
}
