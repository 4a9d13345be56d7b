/* SPDX-License-Identifier: Apache-2.0 */
/* What the watch over a history counts with: bounded scores, matched sums, levels. */
#include "src/changepoint/level.h"
#include "src/changepoint/score.h"
#include "tests/support/make_series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void scores_are_deviations_from_the_median_with_a_bound(void **state)
{
    /* Median 2, median absolute deviation 1. */
    static const double value[] = {0, 1, 2, 3, 100};
    double one = 1 / 1.4826, mean = (-2 * one - one + 0 + one + SCORE_BOUND) / 5;
    const double expected[] = {-2 * one - mean, -one - mean, -mean, one - mean, SCORE_BOUND - mean};
    double out[5], room[5];

    (void)state;
    near(score_bounded(value, 5, out, room), 1.4826, 1e-12);
    for (size_t i = 0; i < 5; i++)
        near(out[i], expected[i], 1e-12);
}

static void mostly_equal_values_are_scaled_by_their_standard_deviation(void **state)
{
    static const double value[] = {1, 1, 1, 1, 6}, same[] = {3, 3, 3};
    double out[5], room[5], high = sqrt(5.0);

    (void)state;
    near(score_bounded(value, 5, out, room), sqrt(5.0), 1e-12);
    near(out[0], -high / 5, 1e-12);
    near(out[4], high - high / 5, 1e-12);
    score_bounded(same, 3, out, room);
    for (size_t i = 0; i < 3; i++)
        near(out[i], 0, 0);
}

enum { RUNS = 7, MOST = 4 };

struct matched {
    double score[RUNS], unit[MOST + 1];
    struct score_series series;
};

static void make_matched(struct matched *matched, double carried)
{
    static const double score[RUNS] = {-1.5, 0.25, 2, -0.75, 1, -2, 1};

    memcpy(matched->score, score, sizeof score);
    matched->series = (struct score_series){.runs = RUNS,
                                            .count = RUNS,
                                            .score = matched->score,
                                            .carried = carried,
                                            .unit = matched->unit};
    for (size_t i = 0; i < RUNS; i++)
        matched->series.spread += score[i] * score[i] / (double)RUNS;
    matched->series.spread = sqrt(matched->series.spread);
    score_set_units(&matched->series, MOST);
}

/* The definition: all of the first run of the new level, a part of each that follows. */
static double sum_of(const struct matched *matched, const size_t *order, size_t part)
{
    double sum = matched->score[order[RUNS - part]];

    for (size_t i = RUNS - part + 1; i < RUNS; i++)
        sum += matched->series.carried * matched->score[order[i]];
    return sum * matched->unit[part];
}

static int next_permutation(size_t *order)
{
    size_t i = RUNS - 1, j = RUNS - 1;

    while (i > 0 && order[i - 1] > order[i])
        i--;
    if (i == 0)
        return 0;
    while (order[j] < order[i - 1])
        j--;
    size_t kept = order[i - 1];
    order[i - 1] = order[j];
    order[j] = kept;
    for (j = RUNS - 1; i < j; i++, j--) {
        kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
    return 1;
}

static void sums_have_unit_variance_over_all_permutations(void **state)
{
    struct matched matched;
    double sum[MOST + 1] = {0}, squares[MOST + 1] = {0}, count = 0;
    size_t order[RUNS] = {0, 1, 2, 3, 4, 5, 6};

    (void)state;
    make_matched(&matched, 0.4);
    do {
        for (size_t part = 1; part <= MOST; part++) {
            double score = sum_of(&matched, order, part);
            sum[part] += score;
            squares[part] += score * score;
        }
        count++;
    } while (next_permutation(order));
    near(count, 5040, 0);
    for (size_t part = 1; part <= MOST; part++) {
        near(sum[part] / count, 0, 1e-9);
        near(squares[part] / count, 1, 1e-9);
    }
}

static void a_scan_finds_the_highest_and_the_lowest_sum(void **state)
{
    struct matched matched;
    size_t order[RUNS] = {0, 1, 2, 3, 4, 5, 6};

    (void)state;
    make_matched(&matched, 0.4);
    do {
        struct score_peak peak[2];
        double extreme[2], high = -INFINITY, low = INFINITY;
        size_t highest = 0, lowest = 0;
        for (size_t part = 2; part <= MOST; part++) {
            double score = sum_of(&matched, order, part);
            highest = score > high ? part : highest;
            lowest = score < low ? part : lowest;
            high = fmax(high, score);
            low = fmin(low, score);
        }
        score_scan(&matched.series, order, 2, MOST, peak);
        score_extremes(&matched.series, order, 2, MOST, extreme);
        near(peak[0].score, high, 1e-12);
        near(peak[1].score, -low, 1e-12);
        near(extreme[0], high, 1e-12);
        near(extreme[1], -low, 1e-12);
        /* The two that are equal may be told apart by their last bit only. */
        near(sum_of(&matched, order, peak[0].part), sum_of(&matched, order, highest), 1e-12);
        near(sum_of(&matched, order, peak[1].part), sum_of(&matched, order, lowest), 1e-12);
        assert_int_equal(peak[0].run, order[RUNS - peak[0].part]);
    } while (next_permutation(order));
}

static void missing_scores_are_passed_over(void **state)
{
    enum { GAPS = RUNS + 3 };
    struct matched matched;
    struct score_peak full[2], gaps[2];
    double score[GAPS];
    size_t order[GAPS], at = 0;

    (void)state;
    make_matched(&matched, 0.4);
    for (size_t i = 0; i < GAPS; i++) {
        order[i] = i;
        score[i] = i == 0 || i == 7 || i == 9 ? (double)NAN : matched.score[at++];
    }
    score_scan(&matched.series, order, 1, MOST, full);
    matched.series.runs = GAPS;
    matched.series.score = score;
    score_scan(&matched.series, order, 1, MOST, gaps);
    for (size_t way = 0; way < 2; way++) {
        near(gaps[way].score, full[way].score, 0);
        assert_int_equal(gaps[way].part, full[way].part);
        near(score[gaps[way].run], matched.score[full[way].run], 0);
    }
}

/* All of a step is new in its first run: of two steps of the same height, that without persistence
 * gains with every run, that with it hardly. */
static void later_runs_count_by_what_is_new_in_them(void **state)
{
    double unit[11], score[60];
    struct score_series series = {
        .runs = 60, .count = 60, .score = score, .spread = 1, .unit = unit};

    (void)state;
    for (int carried = 0; carried < 2; carried++) {
        series.carried = carried;
        score_set_units(&series, 10);
        /* One run of 60: 1 / sqrt(60/59 (1 - 1/60)) = 1. */
        near(unit[1], 1, 1e-12);
        near(unit[10], carried ? sqrt(59.0 / 60) / sqrt(10 - 100.0 / 60) : 1, 1e-12);
    }
}

enum { ROWS = 20, LONG = 100 };

/* Rows of unit deviation; persistence of even and of odd rows. */
static void draw_rows(double *value, double even, double odd, uint64_t seed)
{
    struct random random;

    random_seed(&random, seed);
    for (size_t r = 0; r < ROWS; r++) {
        double persistence = r % 2 == 0 ? even : odd;
        for (size_t i = 0; i < LONG; i++) {
            double fresh = random_normal(&random), *at = &value[r * LONG + i];
            *at =
                i == 0 ? fresh : persistence * at[-1] + sqrt(1 - persistence * persistence) * fresh;
        }
    }
}

static void find_levels(const double *value, size_t newest, struct level *level)
{
    struct scan_cache cache = {0};
    const struct level_rows rows = {
        .runs = LONG, .rows = ROWS, .value = value, .newest = newest, .margin = 0.02};

    assert_int_equal(levels_find(&rows, &cache, level), 0);
    arena_free(&cache.arena);
}

static void a_level_begins_with_the_last_older_step(void **state)
{
    static double value[ROWS * LONG];
    struct level level[ROWS];

    (void)state;
    draw_rows(value, 0, 0, 1);
    for (size_t i = 0; i < LONG; i++) {
        value[3 * LONG + i] += i < 40 ? 0 : 8;
        value[4 * LONG + i] += i < 80 ? 0 : 8;
    }
    for (size_t i = 0; i < 95; i++)
        value[5 * LONG + i] = (double)NAN;
    find_levels(value, 30, level);
    assert_int_equal(level[2].from, 0);
    assert_in_range(level[3].from, 39, 41);
    assert_int_equal(level[3].count, LONG - level[3].from);
    assert_int_equal(level[4].from, 0);
    assert_int_equal(level[4].count, LONG);
    assert_false(level_is_enough(&level[5]));
    find_levels(value, 10, level);
    assert_in_range(level[4].from, 79, 81);
}

/* Nor in a short series: the newest runs are no part of the estimate, nor of its mean. Also where
 * the cell is in every second run only. */
static void a_step_among_few_runs_is_no_persistence(void **state)
{
    enum { FEW = 25, SETS = 20 };
    double value[2 * FEW], mean[4] = {0};
    struct level level;

    (void)state;
    for (uint64_t seed = 1; seed <= SETS; seed++)
        for (size_t way = 0; way < 4; way++) {
            size_t slower = way % 2, step = 1 + way / 2;
            struct scan_cache cache = {0};
            struct random random;
            const struct level_rows rows = {
                .runs = step * FEW, .rows = 1, .value = value, .newest = 30, .margin = 0.02};
            random_seed(&random, seed);
            for (size_t i = 0; i < step * FEW; i++)
                value[i] = i % step != 0
                               ? (double)NAN
                               : random_normal(&random) + (slower && i / step >= FEW - 5 ? 15 : 0);
            assert_int_equal(levels_find(&rows, &cache, &level), 0);
            arena_free(&cache.arena);
            mean[way] += level.persistence / SETS;
        }
    assert_true(mean[0] < 0.5);
    near(mean[1], mean[0], 0.1);
    near(mean[3], mean[2], 0.1);
}

/* In 20 rows of 100 runs the mean estimate has a standard error of 0.02, of which 0.75 are added.
 */
static void rows_alike_share_their_persistence(void **state)
{
    static double value[ROWS * LONG];
    struct level level[ROWS];

    (void)state;
    draw_rows(value, 0.5, 0.5, 2);
    for (size_t i = 70; i < LONG; i++)
        value[i] += 3;
    find_levels(value, 30, level);
    for (size_t r = 0; r < ROWS; r++) {
        near(level[r].persistence, level[0].persistence, 1e-12);
        near(level[r].persistence, 0.53, 0.07);
    }
}

static void rows_that_differ_keep_their_persistence(void **state)
{
    static double value[ROWS * LONG];
    struct level level[ROWS];
    double mean[2] = {0, 0};

    (void)state;
    draw_rows(value, 0, 0.8, 3);
    find_levels(value, 30, level);
    for (size_t r = 0; r < ROWS; r++)
        mean[r % 2] += level[r].persistence / (ROWS / 2);
    assert_true(mean[0] < 0.3);
    assert_true(mean[1] > 0.75);
}

/* The same noise in all rows tells no more than one row does: 0.75 times 1/sqrt(70)/(1 - 4/70)
 * are added, and not a fraction of it. */
static void noise_in_common_makes_the_estimate_more_careful(void **state)
{
    enum { SEEDS = 20 };
    static double value[ROWS * LONG];
    struct level level[ROWS];
    double own = 0, common = 0;

    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        draw_rows(value, 0.3, 0.3, 100 + seed);
        find_levels(value, 30, level);
        own += (level[0].persistence - 0.3) / (double)SEEDS;
        for (size_t r = 1; r < ROWS; r++)
            memcpy(&value[r * LONG], value, LONG * sizeof *value);
        find_levels(value, 30, level);
        common += (level[0].persistence - 0.3) / (double)SEEDS;
    }
    near(own, 0.75 * 0.127 / sqrt(20.0), 0.03);
    near(common, 0.75 * 0.127, 0.05);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_deviations_from_the_median_with_a_bound),
        cmocka_unit_test(mostly_equal_values_are_scaled_by_their_standard_deviation),
        cmocka_unit_test(sums_have_unit_variance_over_all_permutations),
        cmocka_unit_test(a_scan_finds_the_highest_and_the_lowest_sum),
        cmocka_unit_test(missing_scores_are_passed_over),
        cmocka_unit_test(later_runs_count_by_what_is_new_in_them),
        cmocka_unit_test(a_level_begins_with_the_last_older_step),
        cmocka_unit_test(a_step_among_few_runs_is_no_persistence),
        cmocka_unit_test(rows_alike_share_their_persistence),
        cmocka_unit_test(rows_that_differ_keep_their_persistence),
        cmocka_unit_test(noise_in_common_makes_the_estimate_more_careful),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
