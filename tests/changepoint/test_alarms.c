/* SPDX-License-Identifier: Apache-2.0 */
/* What raises no alarm, and how often chance may. */
#include "src/base/random.h"
#include "tests/support/watched_history.h"

#include <errno.h>
#include <math.h>

/* Two per cent of a system call change no file's time. */
static void a_control_that_moved_little_is_none(void **state)
{
    static const double factors[] = {1.03, 1.08};
    struct history history;

    (void)state;
    for (int i = 0; i < 2; i++) {
        make_history(&history, 3);
        for (size_t run = 0; run < RUNS; run++)
            history.time_ns[(CELLS - 1) * RUNS + run] = 1e6 + 1e3 * (double)(run * 7 % 5);
        slow_down(&history, CELLS - 1, STEP, RUNS, factors[i]);
        struct watch_result watched = look(&history);
        assert_int_equal(watched.controls, i);
        assert_true(row_of(&watched, ROW_CONTROL, CELLS - 1)->finding.p < 0.009);
        watch_result_free(&watched);
    }
}

/* With noise of the machine that is larger than the change, only the row that moved alone against
 * the others is known to have moved. Of two halves nobody knows which it was; and where that is
 * known, the others have not moved the other way. */
static void half_of_all_rows_did_not_move_for_certain(void **state)
{
    enum { HISTORIES = 20 };
    static const struct {
        double machine, factor;
    } cases[] = {{0.05, 1.1}, {0, 1.05}, {0, 1.1}};
    struct history history;
    struct random random;

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        size_t wrong = 0;
        for (uint64_t seed = 1; seed <= HISTORIES; seed++) {
            make_history(&history, seed);
            random_seed(&random, 100 + seed);
            for (size_t i = 0; i < RUNS; i++) {
                double machine = exp(cases[k].machine * random_normal(&random));
                for (size_t c = 0; c < CELLS - 1; c++)
                    history.time_ns[c * RUNS + i] *=
                        machine * (c < 6 && i >= STEP ? cases[k].factor : 1);
            }
            struct watch_result watched = look(&history);
            wrong += watched.faster > 0;
            watch_result_free(&watched);
        }
        assert_in_range(wrong, 0, HISTORIES / 20);
    }
}

/* Some cells have a memory and others have none: then it is no step that those with one wander. */
static void a_memory_of_some_cells_is_no_regression(void **state)
{
    enum { HISTORIES = 40 };
    struct history history;
    struct random random;
    size_t alarms = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= HISTORIES; seed++) {
        make_history(&history, seed);
        random_seed(&random, 300 + seed);
        for (size_t c = 0; c < CELLS - 1; c++) {
            double value = random_normal(&random), persistence = c % 3 == 0 ? 0.8 : 0;
            for (size_t i = 0; i < RUNS; i++) {
                value = persistence * value +
                        sqrt(1 - persistence * persistence) * random_normal(&random);
                history.time_ns[c * RUNS + i] = 1e6 * exp(0.03 * value);
            }
        }
        struct watch_result watched = look(&history);
        alarms += watched.slower > 0;
        watch_result_free(&watched);
    }
    assert_in_range(alarms, 0, 2);
}

static void nothing_and_outliers_raise_no_alarm(void **state)
{
    struct history history;

    (void)state;
    make_history(&history, 4);
    assert_nothing(look(&history));
    slow_down(&history, 4, RUNS - 1, RUNS, 10);
    slow_down(&history, 5, RUNS - 2, RUNS, 10);
    slow_down(&history, 6, RUNS - 10, RUNS - 9, 10);
    assert_nothing(look(&history));
}

/* As far from the rest as it may be, and wherever it stands among the newest runs. */
static void one_outlier_of_any_size_raises_no_alarm(void **state)
{
    struct history history;

    (void)state;
    for (size_t back = 1; back <= 5; back++) {
        make_history(&history, 4);
        slow_down(&history, 4, RUNS - back, RUNS - back + 1, 1e6);
        assert_nothing(look(&history));
        for (size_t c = 0; c < CELLS; c++)
            slow_down(&history, c, RUNS - back, RUNS - back + 1, 1e3);
        assert_nothing(look(&history));
    }
}

static void slower_and_faster_have_their_own_chances(void **state)
{
    static const double factors[] = {1.2, 1 / 1.2};
    struct watch_options options = watch_options_default();
    options.without_limits = 1;
    struct history history;

    (void)state;
    options.seed = 1;
    for (int faster = 0; faster < 2; faster++) {
        for (int closed = 0; closed < 2; closed++) {
            struct watch_result watched;
            make_history(&history, 1);
            slow_down(&history, 4, STEP, RUNS, factors[faster]);
            options.alpha = closed == 0 ? 1e-6 : 0.009;
            options.alpha_faster = closed == 1 ? 1e-6 : 0.002;
            assert_int_equal(watch_newest(&history.series, &options, &watched), 0);
            assert_int_equal(watched.slower > 0, !faster && closed == 1);
            assert_int_equal(watched.faster > 0, faster && closed == 0);
            watch_result_free(&watched);
        }
    }
}

/* A check of few runs may find what one of many may not. */
static void the_chance_of_a_false_alarm_is_shared_out(void **state)
{
    static const struct {
        size_t runs;
        double alpha;
    } shares[] = {{1, 0.009}, {6, 0.009}, {25, 0.0024}, {60, 0.001}, {100, 0.0006}, {256, 0.0006}};

    (void)state;
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        struct watch_options options = watch_options_default();
        watch_options_share(&options, shares[i].runs);
        near(options.alpha, shares[i].alpha, 1e-9);
    }
    assert_true(watch_options_suspicious().alpha > watch_options_default().alpha);
}

/* What one cell tells about the spread of its times is shared with cells that are alike only. */
static void a_noisy_cell_is_not_judged_by_quiet_ones(void **state)
{
    struct history history;
    struct random random;

    (void)state;
    make_history(&history, 9);
    random_seed(&random, 10);
    for (size_t c = 0; c < 4; c++)
        for (size_t i = 0; i < RUNS; i++)
            history.time_ns[c * RUNS + i] = 1e6 * exp(0.2 * random_normal(&random));
    assert_nothing(look(&history));
    slow_down(&history, 8, STEP, RUNS, 1.2);
    struct watch_result watched = look(&history);
    assert_int_equal(row_of(&watched, ROW_CELL, 8)->finding.change, CHANGE_SLOWER);
    watch_result_free(&watched);
}

static void an_accepted_level_is_not_reported_again(void **state)
{
    struct history history;
    size_t start[CELLS] = {0};

    (void)state;
    make_history(&history, 5);
    slow_down(&history, 4, RUNS - 20, RUNS, 1.3);
    struct watch_result watched = look(&history);
    assert_int_equal(row_of(&watched, ROW_CELL, 4)->finding.change, CHANGE_SLOWER);
    watch_result_free(&watched);
    start[4] = RUNS - 20;
    history.series.start = start;
    assert_nothing(look(&history));
}

static void too_few_runs_are_not_tested_but_counted(void **state)
{
    struct history history;

    (void)state;
    make_history(&history, 7);
    history.series.runs = 10;
    struct watch_result watched = look(&history);
    assert_int_equal(watched.tested, 0);
    assert_in_range(watched.needed[ROW_CELL], 11, 30);
    for (size_t r = 0; r < watched.count; r++)
        assert_true(isnan(watched.rows[r].finding.p));
    assert_nothing(watched);
    history.series.runs = 0;
    struct watch_options options = watch_options_default();
    options.without_limits = 1;
    assert_int_equal(watch_newest(&history.series, &options, &watched), -EINVAL);
    make_history(&history, 7);
    history.series.cells = 0;
    assert_int_equal(watch_newest(&history.series, &options, &watched), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_control_that_moved_little_is_none),
        cmocka_unit_test(half_of_all_rows_did_not_move_for_certain),
        cmocka_unit_test(a_memory_of_some_cells_is_no_regression),
        cmocka_unit_test(nothing_and_outliers_raise_no_alarm),
        cmocka_unit_test(one_outlier_of_any_size_raises_no_alarm),
        cmocka_unit_test(slower_and_faster_have_their_own_chances),
        cmocka_unit_test(the_chance_of_a_false_alarm_is_shared_out),
        cmocka_unit_test(a_noisy_cell_is_not_judged_by_quiet_ones),
        cmocka_unit_test(an_accepted_level_is_not_reported_again),
        cmocka_unit_test(too_few_runs_are_not_tested_but_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
