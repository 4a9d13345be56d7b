/* SPDX-License-Identifier: Apache-2.0
 *
 * What a benchmark function may call.
 */
#include "test_support.h"

#include <errno.h>
#include <time.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_loop_turns_as_often_as_asked, start_clean),
        cmocka_unit_test_setup(a_batch_may_go_beyond_the_last_iteration, start_clean),
        cmocka_unit_test_setup(manual_time_is_the_time_of_an_iteration, start_clean),
        cmocka_unit_test_setup(paused_time_does_not_count, start_clean),
        cmocka_unit_test_setup(counters_come_out_as_their_flags_say, start_clean),
        cmocka_unit_test_setup(every_thread_counts, start_clean),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    benchmark_shutdown();
    return failed ? 1 : 0;
}
