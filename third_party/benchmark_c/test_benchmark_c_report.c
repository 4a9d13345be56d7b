/* SPDX-License-Identifier: Apache-2.0
 *
 * Reports, flags, context and main.
 */
#include "test_support.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sys/stat.h>

static char directory[] = "/tmp/benchmark_c_test_XXXXXX";
static char report_path[64];

static void must_register(const struct benchmark_definition *definition)
{
    assert_int_equal(benchmark_register(definition), 0);
}

/* Half a second an iteration; a counter that is zero, one that is no number, and one whose name
 * is the benchmark's. */
static void measure(struct benchmark_state *state, void *user)
{
    while (benchmark_keep_running(state))
        benchmark_set_iteration_time(state, 0.5);
    assert_int_equal(benchmark_set_counter(state, "zero", 0, 0), 0);
    assert_int_equal(benchmark_set_counter(state, "endless", 0, BENCHMARK_COUNTER_INVERT), 0);
    if (user)
        assert_int_equal(benchmark_set_counter(state, user, 7, 0), 0);
}

static void break_down(struct benchmark_state *state, void *user)
{
    (void)user;
    benchmark_skip_with_error(state, "broken \"disk\" \x01 \xff");
}

static void register_measure(const char *name, char *counter)
{
    must_register(&(struct benchmark_definition){.name = name,
                                                 .run = measure,
                                                 .user = counter,
                                                 .clock = BENCHMARK_CLOCK_MANUAL,
                                                 .iterations = 2});
}

/* Leaves the report in report_path. */
static int report(enum benchmark_format format, const struct benchmark_run_options *more,
                  struct benchmark_outcome *outcome)
{
    struct benchmark_run_options options = more ? *more : (struct benchmark_run_options){0};
    struct benchmark_outcome own;
    outcome = outcome ? outcome : &own;
    options.out_format = format;
    int status = benchmark_run(&options, outcome);
    if (outcome->report) {
        FILE *file = fopen(report_path, "w");
        assert_non_null(file);
        assert_int_equal(strlen(outcome->report), outcome->report_bytes);
        assert_int_equal(fwrite(outcome->report, 1, outcome->report_bytes, file),
                         outcome->report_bytes);
        assert_int_equal(fclose(file), 0);
        free(outcome->report);
    }
    return status;
}

static json_t *load_report(void)
{
    json_error_t error;
    json_t *root = json_load_file(report_path, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        fail_msg("%s:%d: %s", report_path, error.line, error.text);
    return root;
}

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

static int make_directory(void **state)
{
    (void)state;
    if (!mkdtemp(directory))
        return -1;
    snprintf(report_path, sizeof(report_path), "%s/report", directory);
    return 0;
}

static int remove_directory(void **state)
{
    (void)state;
    unlink(report_path);
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(initialize_takes_only_what_it_can_read, start_clean),
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
