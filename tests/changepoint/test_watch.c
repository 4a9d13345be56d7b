/* SPDX-License-Identifier: Apache-2.0 */
/* What is found among the newest runs, and what is not. */
#include "src/base/random.h"
#include "src/changepoint/newest.h"
#include "tests/support/make_series.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { RUNS = 60, CELLS = 12, WRITERS = 3, STEP = RUNS - 8 };

struct history {
    double time_ns[CELLS * RUNS];
    size_t group[CELLS];
    int control[CELLS];
    struct watch_series series;
};

/* The last cell is a control. */
static void make_history(struct history *history, uint64_t seed)
{
    struct random random;

    memset(history, 0, sizeof *history);
    random_seed(&random, seed);
    for (size_t i = 0; i < CELLS * RUNS; i++)
        history->time_ns[i] = 1e6 * exp(0.02 * random_normal(&random));
    for (size_t c = 0; c < CELLS; c++) {
        history->group[c] = c % WRITERS;
        history->control[c] = c == CELLS - 1;
    }
    history->series = (struct watch_series){.runs = RUNS,
                                            .cells = CELLS,
                                            .groups = WRITERS,
                                            .group = history->group,
                                            .control = history->control,
                                            .time_ns = history->time_ns};
}

static void slow_down(struct history *history, size_t cell, size_t from, size_t to, double factor)
{
    for (size_t i = from; i < to; i++)
        history->time_ns[cell * RUNS + i] *= factor;
}

static struct watch_result look_at(const struct history *history, int without_limits)
{
    struct watch_options options = watch_options_default();
    struct watch_result watched;

    options.seed = 1;
    options.without_limits = without_limits;
    assert_int_equal(watch_newest(&history->series, &options, &watched), 0);
    return watched;
}

static struct watch_result look(const struct history *history) { return look_at(history, 1); }

static const struct watch_row *row_of(const struct watch_result *watched, enum row_kind kind,
                                      size_t index)
{
    for (size_t r = 0; r < watched->count; r++)
        if (watched->rows[r].finding.kind == kind && watched->rows[r].finding.index == index)
            return &watched->rows[r];
    fail_msg("no such row");
    return NULL;
}

static void assert_nothing(struct watch_result watched)
{
    assert_int_equal(watched.slower, 0);
    assert_int_equal(watched.faster, 0);
    assert_int_equal(watched.apart, 0);
    assert_int_equal(watched.controls, 0);
    watch_result_free(&watched);
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

/* A percent a run has no run at which it began. */
static void what_creeps_is_a_drift(void **state)
{
    struct history history;

    (void)state;
    make_history(&history, 1);
    for (size_t i = 0; i < RUNS; i++)
        slow_down(&history, 4, i, i + 1, exp(0.01 * (double)i));
    struct watch_result watched = look(&history);
    const struct watch_row *row = row_of(&watched, ROW_CELL, 4);
    assert_int_equal(row->finding.change, CHANGE_SLOWER);
    assert_true(row->drift.is_drift);
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

/* With noise of the machine that is larger than the change, only the row that moved alone against
 * the others is known to have moved. Of two halves nobody knows which it was. */
static void half_of_all_rows_did_not_move_for_certain(void **state)
{
    struct history history;
    struct random random;
    size_t wrong = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        make_history(&history, seed);
        random_seed(&random, 100 + seed);
        for (size_t i = 0; i < RUNS; i++) {
            double machine = exp(0.05 * random_normal(&random));
            for (size_t c = 0; c < CELLS - 1; c++)
                history.time_ns[c * RUNS + i] *= machine * (c < 6 && i >= STEP ? 1.1 : 1);
        }
        struct watch_result watched = look(&history);
        for (size_t c = 6; c < CELLS - 1; c++)
            wrong += row_of(&watched, ROW_CELL, c)->finding.change == CHANGE_FASTER;
        watch_result_free(&watched);
    }
    assert_in_range(wrong, 0, 5); /* of 100 */
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
        cmocka_unit_test(a_control_that_moved_little_is_none),
        cmocka_unit_test(what_creeps_is_a_drift),
        cmocka_unit_test(what_is_called_visible_mostly_is),
        cmocka_unit_test(an_open_regression_stays),
        cmocka_unit_test(half_of_all_rows_did_not_move_for_certain),
        cmocka_unit_test(nothing_and_outliers_raise_no_alarm),
        cmocka_unit_test(one_outlier_of_any_size_raises_no_alarm),
        cmocka_unit_test(slower_and_faster_have_their_own_chances),
        cmocka_unit_test(the_chance_of_a_false_alarm_is_shared_out),
        cmocka_unit_test(slower_after_faster_is_slower),
        cmocka_unit_test(a_noisy_cell_is_not_judged_by_quiet_ones),
        cmocka_unit_test(an_accepted_level_is_not_reported_again),
        cmocka_unit_test(a_step_is_found_between_missing_runs),
        cmocka_unit_test(too_few_runs_are_not_tested_but_counted),
        cmocka_unit_test(the_same_seed_gives_the_same_p_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
