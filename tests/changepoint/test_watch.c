/* SPDX-License-Identifier: Apache-2.0 */
/* What is found among the newest runs, and where. */
#include "src/base/random.h"
#include "tests/support/watched_history.h"

#include <math.h>

/* Adds what the machine does to all cells in a run, and so much of what it did in the one before.
 */
static void remember(struct history *history, uint64_t seed, double persistence, double deviation)
{
    struct random random;
    double machine = 0;

    random_seed(&random, 100 + seed);
    for (size_t i = 0; i < RUNS; i++) {
        machine = persistence * machine +
                  sqrt(1 - persistence * persistence) * deviation * random_normal(&random);
        for (size_t c = 0; c < CELLS; c++)
            slow_down(history, c, i, i + 1, exp(machine));
    }
}

static void a_watch_finds_the_cell_and_the_run(void **state)
{
    struct history history;

    (void)state;
    make_history(&history, 1);
    slow_down(&history, 4, STEP, RUNS, 1.2);
    struct watch_result watched = look(&history);
    const struct watch_row *row = row_of(&watched, ROW_CELL, 4);
    assert_int_equal(row->finding.change, CHANGE_SLOWER);
    assert_int_equal(row->since, STEP);
    assert_int_equal(row->from, 0);
    assert_int_equal(row->before, STEP);
    assert_int_equal(row->after, RUNS - STEP);
    assert_true(row->finding.p <= 0.005);
    near(row->finding.ratio.estimate, 1.2, 0.03);
    assert_true(row->finding.ratio.low < 1.2 && 1.2 < row->finding.ratio.high);
    for (size_t c = 0; c < CELLS - 1; c++)
        if (c != 4)
            assert_int_not_equal(row_of(&watched, ROW_CELL, c)->finding.change, CHANGE_SLOWER);
    assert_int_equal(watched.controls, 0);
    assert_int_equal(watched.faster, 0);
    watch_result_free(&watched);
    make_history(&history, 1);
    slow_down(&history, 4, STEP, RUNS, 1 / 1.2);
    watched = look(&history);
    assert_int_equal(row_of(&watched, ROW_CELL, 4)->finding.change, CHANGE_FASTER);
    assert_int_equal(watched.slower, 0);
    watch_result_free(&watched);
}

static void a_change_of_everything_is_not_hidden(void **state)
{
    struct history history;

    (void)state;
    make_history(&history, 2);
    for (size_t c = 0; c < CELLS - 1; c++)
        slow_down(&history, c, STEP, RUNS, 1.1);
    struct watch_result watched = look(&history);
    const struct watch_row *row = row_of(&watched, ROW_ALL, 0);
    assert_int_equal(row->finding.change, CHANGE_SLOWER);
    assert_int_equal(row->since, STEP);
    near(row->finding.ratio.estimate, 1.1, 0.02);
    assert_int_equal(watched.controls, 0);
    watch_result_free(&watched);
}

static void a_control_that_moved_is_counted_apart(void **state)
{
    struct history history;

    (void)state;
    make_history(&history, 3);
    slow_down(&history, CELLS - 1, STEP, RUNS, 1.5);
    struct watch_result watched = look(&history);
    assert_int_equal(watched.controls, 1);
    assert_int_equal(watched.slower, 0);
    assert_int_equal(row_of(&watched, ROW_CONTROL, CELLS - 1)->finding.change, CHANGE_SLOWER);
    watch_result_free(&watched);
}

/* A percent a run has no run at which it began. */
static void what_creeps_is_a_drift(void **state)
{
    struct history history;

    (void)state;
    make_history(&history, 1);
    for (size_t i = 0; i < RUNS; i++)
        slow_down(&history, 4, i, i + 1, exp(0.01 * (double)i));
    size_t start[CELLS] = {[4] = 7};
    history.series.start = start;
    struct watch_result watched = look(&history);
    const struct watch_row *row = row_of(&watched, ROW_CELL, 4);
    assert_int_equal(row->finding.change, CHANGE_SLOWER);
    assert_true(row->drift.is_drift);
    assert_true(row->from >= 7);
    assert_int_equal(row->drift.from, row->from);
    near(row->drift.per_run.estimate, 0.01, 0.001);
    for (size_t c = 0; c < CELLS - 1; c++)
        if (c != 4)
            assert_false(row_of(&watched, ROW_CELL, c)->drift.is_drift);
    watch_result_free(&watched);
    make_history(&history, 1);
    slow_down(&history, 4, STEP, RUNS, 1.2);
    watched = look(&history);
    assert_false(row_of(&watched, ROW_CELL, 4)->drift.is_drift);
    watch_result_free(&watched);
}

/* What `visible` says is found in about four of five histories, and half of it in few. */
static void what_is_called_visible_mostly_is(void **state)
{
    struct history history;
    size_t found[2] = {0, 0};

    (void)state;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        make_history(&history, seed);
        struct watch_result watched = look_at(&history, 0);
        double visible = row_of(&watched, ROW_CELL, 4)->finding.visible;
        assert_true(visible > 0.03 && visible < 0.1); /* 0.02 of noise, 5 runs */
        watch_result_free(&watched);
        for (int half = 0; half < 2; half++) {
            make_history(&history, seed);
            slow_down(&history, 4, RUNS - STEP_SEEN, RUNS, 1 + visible / (1 + half));
            watched = look(&history);
            found[half] += row_of(&watched, ROW_CELL, 4)->finding.change == CHANGE_SLOWER;
            watch_result_free(&watched);
        }
    }
    assert_in_range(found[0], 18, 29);
    assert_in_range(found[1], 0, 9);
}

/* p is at least one of the draws and one: where that is more than alpha, no slow-down is found, and
 * none is promised. */
static void too_few_draws_promise_nothing(void **state)
{
    struct history history;
    struct watch_options options = watch_options_default();
    struct watch_result watched;

    (void)state;
    make_history(&history, 1);
    slow_down(&history, 4, STEP, RUNS, 2);
    options.draws = 999;
    assert_int_equal(watch_newest(&history.series, &options, &watched), 0);
    assert_int_equal(watched.slower, 0);
    for (size_t r = 0; r < watched.count; r++)
        if (watched.rows[r].finding.kind != ROW_CONTROL)
            assert_true(isinf(watched.rows[r].finding.visible));
    watch_result_free(&watched);
}

/* The machine has a memory, which the times against the other cells have not. */
static void the_interval_of_a_row_knows_the_memory_of_its_own_times(void **state)
{
    enum { HISTORIES = 25 };
    struct history history;
    size_t found = 0, covers = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= HISTORIES; seed++) {
        make_history(&history, seed);
        remember(&history, seed, 0.8, 0.05);
        slow_down(&history, 4, STEP, RUNS, 1.2);
        struct watch_result watched = look(&history);
        const struct finding *finding = &row_of(&watched, ROW_CELL, 4)->finding;
        if (finding->change == CHANGE_SLOWER) {
            found++;
            covers += finding->ratio.low <= 1.2 && 1.2 <= finding->ratio.high;
        }
        watch_result_free(&watched);
    }
    assert_in_range(found, 20, HISTORIES);
    assert_true(covers * 10 >= found * 9);
}

/* Also when it began before the newest runs, until the level is back or a new one is accepted. */
static void an_open_regression_stays(void **state)
{
    static const struct {
        size_t from, to, start;
        int is_open;
    } cases[] = {{12, RUNS, 0, 1}, {12, 45, 0, 0}, {12, RUNS, 12, 0}, {RUNS, RUNS, 0, 0}};
    struct history history;
    size_t start[CELLS] = {0};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        make_history(&history, 1);
        slow_down(&history, 4, cases[i].from, cases[i].to, 1.2);
        start[4] = cases[i].start;
        history.series.start = start;
        struct watch_result watched = look(&history);
        const struct watch_row *row = row_of(&watched, ROW_CELL, 4);
        assert_int_equal(row->is_open, cases[i].is_open);
        assert_int_equal(row->finding.change == CHANGE_SLOWER, cases[i].is_open);
        assert_true(!cases[i].is_open || row->since == cases[i].from);
        watch_result_free(&watched);
    }
}

/* The chance of faster is so wide that it would be found first. */
static void slower_after_faster_is_slower(void **state)
{
    struct watch_options options = watch_options_default();
    options.without_limits = 1;
    struct watch_result watched;
    struct history history;

    (void)state;
    make_history(&history, 1);
    slow_down(&history, 4, RUNS - 25, RUNS - 6, 0.6);
    slow_down(&history, 4, RUNS - 6, RUNS, 1.6);
    options.seed = 1;
    options.alpha_faster = 0.9;
    assert_int_equal(watch_newest(&history.series, &options, &watched), 0);
    const struct watch_row *row = row_of(&watched, ROW_CELL, 4);
    assert_int_equal(row->finding.change, CHANGE_SLOWER);
    assert_int_equal(row->since, RUNS - 6);
    watch_result_free(&watched);
}

static void a_step_is_found_between_missing_runs(void **state)
{
    struct history history;

    (void)state;
    make_history(&history, 6);
    slow_down(&history, 4, STEP, RUNS, 1.3);
    for (size_t i = 0; i < RUNS; i += 7)
        history.time_ns[4 * RUNS + i] = i % 2 == 0 ? (double)NAN : 0;
    struct watch_result watched = look(&history);
    const struct watch_row *row = row_of(&watched, ROW_CELL, 4);
    assert_int_equal(row->finding.change, CHANGE_SLOWER);
    assert_int_equal(row->since, STEP);
    assert_int_equal(row->before + row->after, RUNS - (RUNS + 6) / 7);
    watch_result_free(&watched);
}

static void the_same_seed_gives_the_same_p_values(void **state)
{
    struct history history;

    (void)state;
    make_history(&history, 8);
    slow_down(&history, 4, STEP, RUNS, 1.05);
    struct watch_result one = look(&history), other = look(&history);
    assert_int_equal(one.count, other.count);
    for (size_t r = 0; r < one.count; r++) {
        assert_int_equal(one.rows[r].finding.change, other.rows[r].finding.change);
        assert_int_equal(one.rows[r].since, other.rows[r].since);
        assert_true(one.rows[r].finding.p == other.rows[r].finding.p);
    }
    watch_result_free(&one);
    watch_result_free(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_watch_finds_the_cell_and_the_run),
        cmocka_unit_test(a_change_of_everything_is_not_hidden),
        cmocka_unit_test(a_control_that_moved_is_counted_apart),
        cmocka_unit_test(what_creeps_is_a_drift),
        cmocka_unit_test(what_is_called_visible_mostly_is),
        cmocka_unit_test(too_few_draws_promise_nothing),
        cmocka_unit_test(the_interval_of_a_row_knows_the_memory_of_its_own_times),
        cmocka_unit_test(an_open_regression_stays),
        cmocka_unit_test(slower_after_faster_is_slower),
        cmocka_unit_test(a_step_is_found_between_missing_runs),
        cmocka_unit_test(the_same_seed_gives_the_same_p_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
