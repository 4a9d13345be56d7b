/* SPDX-License-Identifier: Apache-2.0
 *
 * What goes wrong in a benchmark function: error rows, and no crash.
 */
#include "test_support.h"

#include <math.h>

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

static void no_number(struct benchmark_state *state, void *user)
{
    const double *seconds = user;
    while (benchmark_keep_running(state))
        benchmark_set_iteration_time(state, *seconds);
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
        cmocka_unit_test_setup(an_axis_that_is_not_there_gives_an_error_row, start_clean),
        cmocka_unit_test_setup(whatever_goes_wrong_becomes_an_error_row, start_clean),
        cmocka_unit_test_setup(a_benchmark_that_failed_fails_until_the_next_run, start_clean),
        cmocka_unit_test_setup(no_state_is_no_crash, start_clean),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    benchmark_shutdown();
    return failed ? 1 : 0;
}
