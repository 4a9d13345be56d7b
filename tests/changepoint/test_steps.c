/* SPDX-License-Identifier: Apache-2.0 */
#include "src/changepoint/noise.h"
#include "src/changepoint/watch.h"
#include "src/statistics/quantiles.h"
#include "src/statistics/rank_tests.h"
#include "tests/support/make_environment.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RUNS = 60, CELLS = 12, WRITERS = 3, STEP = RUNS - 8 };

static void near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.12g is not %.12g", value, expected);
}

/* How many of all choices of `part` ranks out of `count` have a sum of at most that. */
static size_t count_choices(size_t part, size_t count, size_t sum)
{
    size_t below = 0;

    for (unsigned long set = 0; set < 1UL << count; set++) {
        size_t chosen = 0, ranks = 0;
        for (size_t i = 0; i < count; i++) {
            chosen += set >> i & 1;
            ranks += (set >> i & 1) * (i + 1);
        }
        below += chosen == part && ranks <= sum;
    }
    return below;
}

static void scores_are_the_quantiles_of_counted_tails(void **state)
{
    enum { COUNT = 11, PART = 4, CHOICES = 330 };
    struct scan_cache cache = {0};
    const struct scan *scan = scan_get(&cache, COUNT);

    (void)state;
    assert_non_null(scan);
    for (size_t sum = 10; sum < 24; sum++) {
        double tail = (double)count_choices(PART, COUNT, sum) / (double)CHOICES;
        near(scan_score(scan, PART, (double)sum), stats_normal_quantile(tail), 1e-9);
        near(scan_score(scan, PART, 48 - (double)sum), -stats_normal_quantile(tail), 1e-9);
        /* The rest of the ranks is as unusual, on the other side. */
        near(scan_score(scan, COUNT - PART, 66 - (double)sum), -stats_normal_quantile(tail), 1e-9);
    }
    scan_cache_free(&cache);
}

static void approximate_scores_continue_the_exact_ones(void **state)
{
    enum { COUNT = 100, PART = SCAN_EXACT + 1 };
    struct scan_cache cache = {0};
    const struct scan *scan = scan_get(&cache, COUNT);

    (void)state;
    assert_non_null(scan);
    for (size_t below = 200; below < 500; below += 50) {
        double tail = rank_sum_below(PART, COUNT - PART, below);
        near(scan_score(scan, PART, (double)(below + PART * (PART + 1) / 2)),
             stats_normal_quantile(tail), 0.05);
    }
    scan_cache_free(&cache);
}

static void ties_share_their_ranks(void **state)
{
    static const double value[] = {3, 1, 3, 2, 3};
    static const double expected[] = {4, 1, 4, 2, 4};
    double rank[5];

    (void)state;
    assert_int_equal(scan_ranks(value, 5, rank), 0);
    for (size_t i = 0; i < 5; i++)
        near(rank[i], expected[i], 0);
}

static void permutations_keep_blocks_together(void **state)
{
    enum { COUNT = 23, BLOCK = 4 };
    struct random random;
    size_t order[COUNT], room[COUNT + 1], moved = 0;

    (void)state;
    random_seed(&random, 7);
    for (int draw = 0; draw < 200; draw++) {
        int seen[COUNT] = {0};
        size_t joints = 0;
        scan_permute(order, COUNT, BLOCK, room, &random);
        for (size_t i = 0; i < COUNT; i++) {
            assert_in_range(order[i], 0, COUNT - 1);
            assert_int_equal(seen[order[i]]++, 0);
            joints += i > 0 && order[i] != order[i - 1] + 1;
            moved += order[i] != i;
        }
        assert_in_range(joints, 0, COUNT / BLOCK + 1);
    }
    assert_true(moved > 200);
}

/* Autocorrelated noise of unit deviation. */
static void draw_series(double *value, size_t runs, double persistence, uint64_t seed)
{
    struct random random;

    random_seed(&random, seed);
    for (size_t i = 0; i < runs; i++) {
        double fresh = random_normal(&random);
        value[i] = i == 0
                       ? fresh
                       : persistence * value[i - 1] + sqrt(1 - persistence * persistence) * fresh;
    }
}

static void persistence_is_estimated_in_spite_of_a_step(void **state)
{
    static double value[2000];
    static const double truths[] = {0, 0.3, 0.5, 0.8};

    (void)state;
    for (size_t t = 0; t < sizeof truths / sizeof truths[0]; t++) {
        double persistence;
        draw_series(value, 2000, truths[t], 11 + t);
        for (size_t i = 1000; i < 2000; i++)
            value[i] += 10;
        value[500] = 100;
        assert_int_equal(noise_persistence(value, 2000, 1, &persistence), 0);
        near(persistence, truths[t], 0.08);
    }
}

static void innovations_match_their_formula(void **state)
{
    static const double value[] = {1, 3, 2, 5, 2};
    static const double expected[] = {-0.8660254037844386, 1.5, -0.5, 3, -1.5};
    double out[5];

    (void)state;
    assert_int_equal(noise_innovations(value, 5, 0.5, out), 0);
    for (size_t i = 0; i < 5; i++)
        near(out[i], expected[i], 1e-12);
}

static struct steps steps_of(const double *value, size_t runs, uint64_t seed)
{
    struct step_options options = step_options_default();
    struct steps steps;

    options.seed = seed;
    assert_int_equal(steps_of_series(value, runs, &options, &steps), 0);
    return steps;
}

static void add_level(double *value, size_t from, size_t to, double level)
{
    for (size_t i = from; i < to; i++)
        value[i] += level;
}

static void draw_small(double *value, size_t runs, uint64_t seed)
{
    draw_series(value, runs, 0, seed);
    for (size_t i = 0; i < runs; i++)
        value[i] *= 0.01;
}

static void two_steps_are_found_where_they_are(void **state)
{
    double value[120];
    struct steps steps;

    (void)state;
    draw_small(value, 120, 3);
    add_level(value, 40, 120, 0.2);
    add_level(value, 90, 120, -0.1);
    steps = steps_of(value, 120, 1);
    assert_int_equal(steps.count, 2);
    assert_int_equal(steps.values, 120);
    assert_int_equal(steps.steps[0].at, 40);
    assert_int_equal(steps.steps[0].before, 40);
    assert_int_equal(steps.steps[0].after, 50);
    assert_int_equal(steps.steps[1].at, 90);
    assert_int_equal(steps.steps[1].after, 30);
    near(steps.steps[0].shift.estimate, 0.2, 0.01);
    near(steps.steps[1].shift.estimate, -0.1, 0.01);
    for (size_t i = 0; i < 2; i++) {
        assert_true(steps.steps[i].p <= 0.005);
        assert_true(steps.steps[i].shift.low < steps.steps[i].shift.estimate);
        assert_true(steps.steps[i].shift.high > steps.steps[i].shift.estimate);
    }
    steps_free(&steps);
}

static void a_stretch_that_comes_back_is_two_steps(void **state)
{
    double value[120];

    (void)state;
    draw_small(value, 120, 4);
    add_level(value, 60, 72, 0.1);
    struct steps steps = steps_of(value, 120, 1);
    assert_int_equal(steps.count, 2);
    assert_int_equal(steps.steps[0].at, 60);
    assert_int_equal(steps.steps[1].at, 72);
    steps_free(&steps);
}

static void steps_are_found_in_all_windows_of_a_long_series(void **state)
{
    enum { LONG = 1500, APART = 100 };
    static double value[LONG];

    (void)state;
    draw_small(value, LONG, 5);
    for (size_t at = APART; at < LONG; at += APART)
        add_level(value, at, LONG, at / APART % 2 == 0 ? 0.1 : -0.1);
    struct steps steps = steps_of(value, LONG, 1);
    assert_int_equal(steps.count, LONG / APART - 1);
    for (size_t i = 0; i < steps.count; i++)
        assert_int_equal(steps.steps[i].at, (i + 1) * APART);
    steps_free(&steps);
}

static void outliers_are_no_steps(void **state)
{
    double value[100];

    (void)state;
    draw_small(value, 100, 6);
    value[50] += 5;
    value[98] += 5;
    value[99] += 5;
    struct steps steps = steps_of(value, 100, 1);
    assert_int_equal(steps.count, 0);
    steps_free(&steps);
}

static void a_step_within_the_margin_is_none(void **state)
{
    double value[100];
    struct step_options options = step_options_default();
    struct steps steps;

    (void)state;
    draw_small(value, 100, 7);
    for (size_t i = 0; i < 100; i++)
        value[i] = value[i] / 10 + (i < 50 ? 0 : 0.015);
    steps = steps_of(value, 100, 1);
    assert_int_equal(steps.count, 0);
    steps_free(&steps);
    options.margin = 0.01;
    assert_int_equal(steps_of_series(value, 100, &options, &steps), 0);
    assert_int_equal(steps.count, 1);
    assert_int_equal(steps.steps[0].at, 50);
    steps_free(&steps);
}

static void runs_without_a_value_are_passed_over(void **state)
{
    double full[80], gaps[160];

    (void)state;
    draw_small(full, 80, 8);
    add_level(full, 50, 80, 0.1);
    for (size_t i = 0; i < 80; i++) {
        gaps[2 * i] = (double)NAN;
        gaps[2 * i + 1] = full[i];
    }
    struct steps steps = steps_of(gaps, 160, 1);
    assert_int_equal(steps.count, 1);
    assert_int_equal(steps.values, 80);
    assert_int_equal(steps.steps[0].at, 101);
    assert_int_equal(steps.steps[0].before, 50);
    assert_int_equal(steps.steps[0].after, 30);
    steps_free(&steps);
}

static void short_and_empty_series_have_no_steps(void **state)
{
    double value[7] = {0, 0, 0, 9, 9, 9, 9};

    (void)state;
    for (size_t runs = 0; runs <= 7; runs++) {
        struct steps steps = steps_of(value, runs, 1);
        assert_int_equal(steps.count, 0);
        assert_int_equal(steps.values, runs);
        steps_free(&steps);
    }
}

/* 200 series: 5 in 1,000 at the level, so that 6 are passed by chance once in 2,000 seeds. */
static void series_without_a_step_rarely_show_one(void **state)
{
    double value[100];
    size_t wrong[2] = {0, 0};

    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        for (int correlated = 0; correlated < 2; correlated++) {
            struct step_options options = step_options_default();
            struct steps steps;
            options.seed = seed;
            options.persistence = correlated ? 0.5 : 0;
            draw_series(value, 100, options.persistence, 100 + seed);
            assert_int_equal(steps_of_series(value, 100, &options, &steps), 0);
            wrong[correlated] += steps.count > 0;
            steps_free(&steps);
        }
    }
    assert_in_range(wrong[0], 0, 6);
    assert_in_range(wrong[1], 0, 6);
}

static void drift_is_told_from_a_step(void **state)
{
    double value[60];
    size_t level = 30;
    struct step_options options = step_options_default();
    struct drift drift;

    (void)state;
    draw_small(value, 60, 9);
    for (size_t i = 0; i < 60; i++)
        value[i] += 0.005 * (double)i;
    assert_int_equal(drift_test(value, 60, &level, 1, &options, &drift), 0);
    assert_true(drift.is_drift);
    assert_true(drift.per_run.low <= 0.005 && 0.005 <= drift.per_run.high);
    near(drift.in_all, 59 * drift.per_run.estimate, 1e-12);
    draw_small(value, 60, 9);
    add_level(value, 30, 60, 0.2);
    assert_int_equal(drift_test(value, 60, &level, 1, &options, &drift), 0);
    assert_false(drift.is_drift);
    draw_small(value, 60, 9);
    assert_int_equal(drift_test(value, 60, NULL, 0, &options, &drift), 0);
    assert_false(drift.is_drift);
    assert_int_equal(drift_test(value, 9, NULL, 0, &options, &drift), -ENODATA);
}

/* 0, 1, ... 9 less 3 in one place: all but 4 of the 45 pairs rise, and most slopes are 1. */
static void drift_matches_a_count_by_hand(void **state)
{
    double value[10] = {0, 1, 2, 3, 4, 2.5, 6, 7, 8, 9}, remains[10] = {0}, persistence;
    struct step_options options = step_options_default();
    struct drift drift;

    (void)state;
    assert_int_equal(drift_test(value, 10, NULL, 0, &options, &drift), 0);
    near(drift.per_run.estimate, 1, 1e-12);
    /* S = 43 - 2, variance 10 * 9 * 25 / 18 = 125 */
    remains[5] = -2.5; /* about the line through 0 and 9 */
    assert_int_equal(noise_persistence(remains, 10, 1, &persistence), 0);
    near(drift.p, erfc(40 / sqrt(125 * (1 + persistence) / (1 - persistence)) / sqrt(2.0)), 1e-12);
}

struct history {
    double time_ns[CELLS * RUNS];
    size_t group[CELLS];
    int control[CELLS];
    struct watch_series past;
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
    history->past = (struct watch_series){.runs = RUNS,
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

static struct watch_result look(const struct history *history)
{
    struct watch_options options = watch_options_default();
    struct watch_result watched;

    options.seed = 1;
    assert_int_equal(watch_newest(&history->past, &options, &watched), 0);
    return watched;
}

static const struct watch_row *row_of(const struct watch_result *watched, enum watch_kind kind,
                                      size_t index)
{
    for (size_t r = 0; r < watched->count; r++)
        if (watched->rows[r].kind == kind && watched->rows[r].index == index)
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
    const struct watch_row *row = row_of(&watched, WATCH_CELL, 4);
    assert_int_equal(row->change, CHANGE_SLOWER);
    assert_int_equal(row->since, STEP);
    assert_int_equal(row->from, 0);
    assert_int_equal(row->before, STEP);
    assert_int_equal(row->after, RUNS - STEP);
    assert_true(row->p <= 0.005);
    near(row->ratio.estimate, 1.2, 0.03);
    assert_true(row->ratio.low < 1.2 && 1.2 < row->ratio.high);
    for (size_t c = 0; c < CELLS - 1; c++)
        if (c != 4)
            assert_int_not_equal(row_of(&watched, WATCH_CELL, c)->change, CHANGE_SLOWER);
    assert_int_equal(watched.controls, 0);
    assert_int_equal(watched.faster, 0);
    watch_result_free(&watched);
    make_history(&history, 1);
    slow_down(&history, 4, STEP, RUNS, 1 / 1.2);
    watched = look(&history);
    assert_int_equal(row_of(&watched, WATCH_CELL, 4)->change, CHANGE_FASTER);
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
    const struct watch_row *row = row_of(&watched, WATCH_ALL, 0);
    assert_int_equal(row->change, CHANGE_SLOWER);
    assert_int_equal(row->since, STEP);
    near(row->ratio.estimate, 1.1, 0.02);
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
    assert_int_equal(row_of(&watched, WATCH_CONTROL, CELLS - 1)->change, CHANGE_SLOWER);
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
        assert_true(row_of(&watched, WATCH_CONTROL, CELLS - 1)->p < 0.009);
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
    const struct watch_row *row = row_of(&watched, WATCH_CELL, 4);
    assert_int_equal(row->change, CHANGE_SLOWER);
    assert_true(row->drift.is_drift);
    near(row->drift.per_run.estimate, 0.01, 0.001);
    for (size_t c = 0; c < CELLS - 1; c++)
        if (c != 4)
            assert_false(row_of(&watched, WATCH_CELL, c)->drift.is_drift);
    watch_result_free(&watched);
    make_history(&history, 1);
    slow_down(&history, 4, STEP, RUNS, 1.2);
    watched = look(&history);
    assert_false(row_of(&watched, WATCH_CELL, 4)->drift.is_drift);
    watch_result_free(&watched);
}

/* What `visible` says is found in about four of five histories, and half of it in few. */
static void what_is_called_visible_mostly_is(void **state)
{
    struct history history;
    size_t found[2] = {0, 0};

    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++)
        for (int half = 0; half < 2; half++) {
            make_history(&history, seed);
            struct watch_result watched = look(&history);
            double visible = row_of(&watched, WATCH_CELL, 4)->visible;
            assert_true(visible > 0.03 && visible < 0.07); /* 0.02 of noise, 5 runs */
            watch_result_free(&watched);
            slow_down(&history, 4, RUNS - STEP_SEEN, RUNS, 1 + visible / (1 + half));
            watched = look(&history);
            found[half] += row_of(&watched, WATCH_CELL, 4)->change == CHANGE_SLOWER;
            watch_result_free(&watched);
        }
    assert_in_range(found[0], 22, 39);
    assert_in_range(found[1], 0, 12);
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
            assert_int_equal(watch_newest(&history.past, &options, &watched), 0);
            assert_int_equal(watched.slower > 0, !faster && closed == 1);
            assert_int_equal(watched.faster > 0, faster && closed == 0);
            watch_result_free(&watched);
        }
    }
}

/* The chance of faster is so wide that it would be found first. */
static void slower_after_faster_is_slower(void **state)
{
    struct watch_options options = watch_options_default();
    struct watch_result watched;
    struct history history;

    (void)state;
    make_history(&history, 1);
    slow_down(&history, 4, RUNS - 25, RUNS - 6, 0.6);
    slow_down(&history, 4, RUNS - 6, RUNS, 1.6);
    options.seed = 1;
    options.alpha_faster = 0.9;
    assert_int_equal(watch_newest(&history.past, &options, &watched), 0);
    const struct watch_row *row = row_of(&watched, WATCH_CELL, 4);
    assert_int_equal(row->change, CHANGE_SLOWER);
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
    assert_int_equal(row_of(&watched, WATCH_CELL, 8)->change, CHANGE_SLOWER);
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
    assert_int_equal(row_of(&watched, WATCH_CELL, 4)->change, CHANGE_SLOWER);
    watch_result_free(&watched);
    start[4] = RUNS - 20;
    history.past.start = start;
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
    const struct watch_row *row = row_of(&watched, WATCH_CELL, 4);
    assert_int_equal(row->change, CHANGE_SLOWER);
    assert_int_equal(row->since, STEP);
    assert_int_equal(row->before + row->after, RUNS - (RUNS + 6) / 7);
    watch_result_free(&watched);
}

static void too_few_runs_are_not_tested_but_counted(void **state)
{
    struct history history;

    (void)state;
    make_history(&history, 7);
    history.past.runs = 10;
    struct watch_result watched = look(&history);
    assert_int_equal(watched.tested, 0);
    assert_in_range(watched.needed[WATCH_CELL], 11, 30);
    for (size_t r = 0; r < watched.count; r++)
        assert_true(isnan(watched.rows[r].p));
    assert_nothing(watched);
    history.past.runs = 0;
    struct watch_options options = watch_options_default();
    assert_int_equal(watch_newest(&history.past, &options, &watched), -EINVAL);
    make_history(&history, 7);
    history.past.cells = 0;
    assert_int_equal(watch_newest(&history.past, &options, &watched), -EINVAL);
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
        assert_int_equal(one.rows[r].change, other.rows[r].change);
        assert_int_equal(one.rows[r].since, other.rows[r].since);
        assert_true(one.rows[r].p == other.rows[r].p);
    }
    watch_result_free(&one);
    watch_result_free(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_the_quantiles_of_counted_tails),
        cmocka_unit_test(approximate_scores_continue_the_exact_ones),
        cmocka_unit_test(ties_share_their_ranks),
        cmocka_unit_test(permutations_keep_blocks_together),
        cmocka_unit_test(persistence_is_estimated_in_spite_of_a_step),
        cmocka_unit_test(innovations_match_their_formula),
        cmocka_unit_test(two_steps_are_found_where_they_are),
        cmocka_unit_test(a_stretch_that_comes_back_is_two_steps),
        cmocka_unit_test(steps_are_found_in_all_windows_of_a_long_series),
        cmocka_unit_test(outliers_are_no_steps),
        cmocka_unit_test(a_step_within_the_margin_is_none),
        cmocka_unit_test(runs_without_a_value_are_passed_over),
        cmocka_unit_test(short_and_empty_series_have_no_steps),
        cmocka_unit_test(series_without_a_step_rarely_show_one),
        cmocka_unit_test(drift_is_told_from_a_step),
        cmocka_unit_test(drift_matches_a_count_by_hand),
        cmocka_unit_test(a_watch_finds_the_cell_and_the_run),
        cmocka_unit_test(a_change_of_everything_is_not_hidden),
        cmocka_unit_test(a_control_that_moved_is_counted_apart),
        cmocka_unit_test(a_control_that_moved_little_is_none),
        cmocka_unit_test(what_creeps_is_a_drift),
        cmocka_unit_test(what_is_called_visible_mostly_is),
        cmocka_unit_test(nothing_and_outliers_raise_no_alarm),
        cmocka_unit_test(one_outlier_of_any_size_raises_no_alarm),
        cmocka_unit_test(slower_and_faster_have_their_own_chances),
        cmocka_unit_test(slower_after_faster_is_slower),
        cmocka_unit_test(a_noisy_cell_is_not_judged_by_quiet_ones),
        cmocka_unit_test(an_accepted_level_is_not_reported_again),
        cmocka_unit_test(a_step_is_found_between_missing_runs),
        cmocka_unit_test(too_few_runs_are_not_tested_but_counted),
        cmocka_unit_test(the_same_seed_gives_the_same_p_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
