/* SPDX-License-Identifier: Apache-2.0
 *
 * Registering, and what a benchmark function may call.
 */
#include "test_support.h"

#include <errno.h>
#include <math.h>
#include <time.h>

static void spin(struct benchmark_state *state, void *user)
{
    (void)user;
    while (benchmark_keep_running(state))
        benchmark_clobber_memory();
}

static void must_register(const struct benchmark_definition *definition)
{
    assert_int_equal(benchmark_register(definition), 0);
}

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

static void count_turns(struct benchmark_state *state, void *user)
{
    int64_t *turns = user;
    *turns = 0;
    while (benchmark_keep_running(state))
        ++*turns;
    assert_false(benchmark_keep_running(state)); /* the framework would abort here */
    assert_int_equal(benchmark_iterations(state), 7);
}

static void the_loop_turns_as_often_as_asked(void **state)
{
    (void)state;
    int64_t turns = 0;
    must_register(&(struct benchmark_definition){
        .name = "Turns", .run = count_turns, .user = &turns, .iterations = 7});
    struct seen seen;
    assert_int_equal(run_and_see(NULL, &seen, NULL), 0);
    assert_int_equal(turns, 7);
    assert_int_equal(seen.rows[0].run.iterations, 7);
}

static void batches_of_four(struct benchmark_state *state, void *user)
{
    int64_t *turns = user;
    *turns = 0;
    while (benchmark_keep_running_batch(state, 4))
        ++*turns;
}

static void a_batch_may_go_beyond_the_last_iteration(void **state)
{
    (void)state;
    int64_t turns = 0;
    must_register(&(struct benchmark_definition){
        .name = "Batch", .run = batches_of_four, .user = &turns, .iterations = 10});
    struct seen seen;
    assert_int_equal(run_and_see(NULL, &seen, NULL), 0);
    assert_int_equal(turns, 3);
    assert_int_equal(seen.rows[0].run.iterations, 12);
}

static void batches_of_none(struct benchmark_state *state, void *user)
{
    (void)user;
    while (benchmark_keep_running_batch(state, 0))
        ;
}

static void read_axes(struct benchmark_state *state, void *user)
{
    int64_t *values = user;
    values[0] = benchmark_range(state, 0);
    values[1] = benchmark_range(state, 1);
    values[2] = benchmark_range(state, 2);
    values[3] = benchmark_keep_running(state);
    spin(state, NULL);
}

static void an_axis_that_is_not_there_gives_an_error_row(void **state)
{
    (void)state;
    const int64_t a = 11, b = -22;
    const struct benchmark_axis axes[] = {{"a", &a, 1}, {"b", &b, 1}};
    int64_t values[4] = {9, 9, 9, 9};
    must_register(&(struct benchmark_definition){
        .name = "Axes", .run = read_axes, .user = values, .axes = axes, .axis_count = 2});
    struct seen seen;
    struct benchmark_outcome outcome;
    assert_int_equal(run_and_see(NULL, &seen, &outcome), 0);
    assert_int_equal(values[0], 11);
    assert_int_equal(values[1], -22);
    assert_int_equal(values[2], 0);
    assert_int_equal(values[3], 0);
    assert_non_null(strstr(seen.rows[0].error, "axis 2"));
    assert_int_equal(outcome.error_runs, 1);
}

static void one_second_each(struct benchmark_state *state, void *user)
{
    (void)user;
    while (benchmark_keep_running(state))
        benchmark_set_iteration_time(state, 1.5);
}

static void manual_time_is_the_time_of_an_iteration(void **state)
{
    (void)state;
    must_register(&(struct benchmark_definition){.name = "Manual",
                                                 .run = one_second_each,
                                                 .clock = BENCHMARK_CLOCK_MANUAL,
                                                 .iterations = 4});
    struct seen seen;
    assert_int_equal(run_and_see(NULL, &seen, NULL), 0);
    assert_string_equal(seen.rows[0].name, "Manual/iterations:4/manual_time");
    assert_near(seen.rows[0].run.real_time_s, 1.5);
    assert_true(seen.rows[0].run.cpu_time_s < 1);
}

static void no_number(struct benchmark_state *state, void *user)
{
    const double *seconds = user;
    while (benchmark_keep_running(state))
        benchmark_set_iteration_time(state, *seconds);
}

static void sleep_ms(long ms)
{
    const struct timespec time = {.tv_nsec = ms * 1000000};
    nanosleep(&time, NULL);
}

static void sleep_unseen(struct benchmark_state *state, void *user)
{
    benchmark_pause_timing(state); /* before the loop there is no clock to stop */
    while (benchmark_keep_running(state)) {
        benchmark_pause_timing(state);
        benchmark_pause_timing(state);
        sleep_ms(50);
        if (user) {
            benchmark_resume_timing(state);
            benchmark_resume_timing(state);
        }
    }
    benchmark_pause_timing(state);
    benchmark_resume_timing(state);
}

static void paused_time_does_not_count(void **state)
{
    (void)state;
    int resume = 1;
    must_register(&(struct benchmark_definition){.name = "Resumed",
                                                 .run = sleep_unseen,
                                                 .user = &resume,
                                                 .clock = BENCHMARK_CLOCK_REAL,
                                                 .iterations = 2});
    /* The framework aborts where a loop ends with its clock stopped. */
    must_register(&(struct benchmark_definition){
        .name = "Left", .run = sleep_unseen, .clock = BENCHMARK_CLOCK_REAL, .iterations = 2});
    struct seen seen;
    assert_int_equal(run_and_see(NULL, &seen, NULL), 0);
    assert_int_equal(seen.count, 2);
    assert_true(seen.rows[0].run.real_time_s < 0.025);
    assert_true(seen.rows[1].run.real_time_s < 0.025);
}

static void set_every_counter(struct benchmark_state *state, void *user)
{
    (void)user;
    while (benchmark_keep_running(state))
        benchmark_set_iteration_time(state, 0.5);
    const unsigned rate = BENCHMARK_COUNTER_RATE;
    assert_int_equal(benchmark_set_counter(state, "a_plain", 6, BENCHMARK_COUNTER_PLAIN), 0);
    assert_int_equal(benchmark_set_counter(state, "b_rate", 6, rate), 0);
    assert_int_equal(
        benchmark_set_counter(state, "c_invariant", 6, BENCHMARK_COUNTER_ITERATION_INVARIANT), 0);
    assert_int_equal(benchmark_set_counter(state, "d_average", 6, BENCHMARK_COUNTER_AVG_ITERATIONS),
                     0);
    assert_int_equal(benchmark_set_counter(state, "e_invert", 4, BENCHMARK_COUNTER_INVERT), 0);
    assert_int_equal(benchmark_set_counter(state, "f_1024", 4096, BENCHMARK_COUNTER_1024 | rate),
                     0);
    assert_int_equal(benchmark_set_counter(state, "g", 1, 1u << 6), -EINVAL);
    assert_int_equal(benchmark_set_counter(state, "", 1, 0), -EINVAL);
    assert_int_equal(benchmark_set_counter(state, NULL, 1, 0), -EINVAL);
    assert_int_equal(benchmark_set_counter(NULL, "g", 1, 0), -EINVAL);
    /* Repetitions that disagree about a counter make the framework abort. */
    assert_int_equal(benchmark_set_counter(state, "a_plain", 6, rate), -EINVAL);
    benchmark_set_bytes_processed(state, 3000);
    benchmark_set_label(state, "a label \x01\xff");
}

static void counters_come_out_as_their_flags_say(void **state)
{
    (void)state;
    must_register(&(struct benchmark_definition){.name = "Counters",
                                                 .run = set_every_counter,
                                                 .clock = BENCHMARK_CLOCK_MANUAL,
                                                 .iterations = 3});
    struct seen seen;
    assert_int_equal(run_and_see(NULL, &seen, NULL), 0);
    const struct seen_row *row = &seen.rows[0];
    assert_int_equal(row->run.counter_count, 7);
    assert_near(counter_of(row, "a_plain"), 6);
    assert_near(counter_of(row, "b_rate"), 4);
    assert_near(counter_of(row, "c_invariant"), 18);
    assert_near(counter_of(row, "d_average"), 2);
    assert_near(counter_of(row, "e_invert"), 0.25);
    assert_near(counter_of(row, "f_1024"), 4096 / 1.5);
    assert_near(counter_of(row, "bytes_per_second"), 2000);
    for (size_t i = 1; i < row->run.counter_count; i++)
        assert_true(strcmp(row->counter_names[i - 1], row->counter_names[i]) < 0);
    assert_string_equal(row->label, "a label ??");
}

static void count_threads(struct benchmark_state *state, void *user)
{
    int *seen_index = user;
    __atomic_fetch_add(&seen_index[benchmark_thread_index(state)], benchmark_threads(state),
                       __ATOMIC_RELAXED);
    spin(state, NULL);
    assert_int_equal(benchmark_set_counter(state, "sum", 1, BENCHMARK_COUNTER_PLAIN), 0);
    assert_int_equal(benchmark_set_counter(state, "mean", 5, BENCHMARK_COUNTER_AVG_THREADS), 0);
}

static void every_thread_counts(void **state)
{
    (void)state;
    const int threads[] = {1, 3};
    int indices[3] = {0, 0, 0};
    must_register(&(struct benchmark_definition){.name = "Threads",
                                                 .run = count_threads,
                                                 .user = indices,
                                                 .threads = threads,
                                                 .thread_count = 2,
                                                 .iterations = 5});
    struct seen seen;
    assert_int_equal(run_and_see(NULL, &seen, NULL), 0);
    assert_int_equal(seen.count, 2);
    assert_string_equal(seen.rows[1].name, "Threads/iterations:5/threads:3");
    assert_int_equal(seen.rows[1].run.threads, 3);
    assert_int_equal(seen.rows[1].run.iterations, 15);
    assert_near(counter_of(&seen.rows[1], "sum"), 3);
    assert_near(counter_of(&seen.rows[1], "mean"), 5);
    assert_int_equal(indices[0], 1 + 3);
    assert_int_equal(indices[1], 3);
    assert_int_equal(indices[2], 3);
}

static void leave_early(struct benchmark_state *state, void *user)
{
    (void)user;
    while (benchmark_keep_running(state))
        break;
}

static void never_run(struct benchmark_state *state, void *user)
{
    (void)state;
    (void)user;
}

static void skip_before(struct benchmark_state *state, void *user)
{
    (void)user;
    benchmark_skip_with_error(state, "no file");
    benchmark_skip_with_error(state, "second thoughts");
    assert_false(benchmark_keep_running(state));
}

static void skip_inside(struct benchmark_state *state, void *user)
{
    (void)user;
    while (benchmark_keep_running(state)) {
        benchmark_pause_timing(state);
        benchmark_skip_with_error(state, "disk full");
    }
}

static void skip_after(struct benchmark_state *state, void *user)
{
    spin(state, user);
    benchmark_skip_with_error(state, NULL);
}

static void whatever_goes_wrong_becomes_an_error_row(void **state)
{
    (void)state;
    double nan = (double)NAN, infinity = (double)INFINITY, negative = -1;
    const struct {
        benchmark_function *run;
        void *user;
        const char *error;
    } wrong[] = {
        {leave_early, NULL, "left its loop early"},
        {never_run, NULL, "left its loop early"},
        {skip_before, NULL, "no file"},
        {skip_inside, NULL, "disk full"},
        {skip_after, NULL, "unknown error"},
        {batches_of_none, NULL, "at least one iteration"},
        {no_number, &nan, "finite"},
        {no_number, &infinity, "finite"},
        {no_number, &negative, "finite"},
    };
    const int threads[] = {1, 2};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        must_register(&(struct benchmark_definition){.name = "Wrong",
                                                     .run = wrong[i].run,
                                                     .user = wrong[i].user,
                                                     .threads = threads,
                                                     .thread_count = 2,
                                                     .iterations = 5});
    }
    must_register(&(struct benchmark_definition){.name = "Right", .run = spin});

    struct seen seen;
    struct benchmark_outcome outcome;
    assert_int_equal(run_and_see(NULL, &seen, &outcome), 0);
    assert_int_equal(seen.count, 2 * COUNT(wrong) + 1);
    assert_int_equal(outcome.error_runs, 2 * COUNT(wrong));
    for (size_t i = 0; i < 2 * COUNT(wrong); i++)
        assert_non_null(strstr(seen.rows[i].error, wrong[i / 2].error));
    assert_null(seen.rows[2 * COUNT(wrong)].run.error);
}

struct flaky {
    int calls;
    int failing_call;
};

static void fail_once(struct benchmark_state *state, void *user)
{
    struct flaky *flaky = user;
    if (flaky->calls++ == flaky->failing_call)
        benchmark_skip_with_error(state, "transient");
    while (benchmark_keep_running_batch(state, 4))
        ;
}

/* The framework crashes where the first repetition fails and two others do not, and aborts
 * where an error row has another number of iterations. */
static void a_benchmark_that_failed_fails_until_the_next_run(void **state)
{
    (void)state;
    for (int failing = 0; failing < 4; failing++) {
        struct flaky flaky = {.failing_call = failing};
        benchmark_clear_registered();
        must_register(&(struct benchmark_definition){
            .name = "Flaky", .run = fail_once, .user = &flaky, .iterations = 10, .repetitions = 4});
        struct seen seen;
        struct benchmark_outcome outcome;
        assert_int_equal(run_and_see(NULL, &seen, &outcome), 0);
        assert_int_equal(outcome.error_runs, 4 - failing);
        assert_int_equal(flaky.calls, failing + 1);
        assert_int_equal(seen.count, 4 + (failing >= 2 ? 4 : 0));
        for (int i = 0; i < 4; i++)
            assert_string_equal(seen.rows[i].error, i < failing ? "" : "transient");

        assert_int_equal(run_and_see(NULL, &seen, &outcome), 0);
        assert_int_equal(outcome.error_runs, 0);
        assert_int_equal(seen.count, 4 + 4);
    }
}

static void no_state_is_no_crash(void **state)
{
    (void)state;
    assert_false(benchmark_keep_running(NULL));
    assert_false(benchmark_keep_running_batch(NULL, 1));
    assert_int_equal(benchmark_range(NULL, 0), 0);
    benchmark_pause_timing(NULL);
    benchmark_resume_timing(NULL);
    benchmark_set_iteration_time(NULL, 1);
    benchmark_set_bytes_processed(NULL, 1);
    benchmark_set_label(NULL, "label");
    benchmark_skip_with_error(NULL, "error");
    assert_int_equal(benchmark_threads(NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(axes_are_multiplied_with_the_last_changing_fastest, start_clean),
        cmocka_unit_test_setup(a_list_obeys_its_filter, start_clean),
        cmocka_unit_test_setup(unsound_definitions_are_refused, start_clean),
        cmocka_unit_test_setup(settings_reach_the_framework, start_clean),
        cmocka_unit_test_setup(the_loop_turns_as_often_as_asked, start_clean),
        cmocka_unit_test_setup(a_batch_may_go_beyond_the_last_iteration, start_clean),
        cmocka_unit_test_setup(an_axis_that_is_not_there_gives_an_error_row, start_clean),
        cmocka_unit_test_setup(manual_time_is_the_time_of_an_iteration, start_clean),
        cmocka_unit_test_setup(paused_time_does_not_count, start_clean),
        cmocka_unit_test_setup(counters_come_out_as_their_flags_say, start_clean),
        cmocka_unit_test_setup(every_thread_counts, start_clean),
        cmocka_unit_test_setup(whatever_goes_wrong_becomes_an_error_row, start_clean),
        cmocka_unit_test_setup(a_benchmark_that_failed_fails_until_the_next_run, start_clean),
        cmocka_unit_test_setup(no_state_is_no_crash, start_clean),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    benchmark_shutdown();
    return failed ? 1 : 0;
}
