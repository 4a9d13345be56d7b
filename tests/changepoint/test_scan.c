/* SPDX-License-Identifier: Apache-2.0 */
/* Rank-sum scores, persistence and innovations: what the search for a step is made of. */
#include "src/changepoint/level.h"
#include "src/changepoint/score.h"
#include "src/statistics/quantiles.h"
#include "src/statistics/rank_tests.h"
#include "tests/support/make_series.h"

#include <math.h>

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
    arena_free(&cache.arena);
}

static void approximate_scores_continue_the_exact_ones(void **state)
{
    enum { COUNT = 100, PART = SCAN_EXACT + 1 };
    struct scan_cache cache = {0};
    const struct scan *scan = scan_get(&cache, COUNT);

    (void)state;
    assert_non_null(scan);
    for (size_t below = 200; below < 500; below += 50) {
        double *table = rank_sum_table(&cache.arena, PART, COUNT - PART, below), tail = 0;
        assert_non_null(table);
        for (size_t i = 0; i <= below; i++)
            tail += table[i];
        near(scan_score(scan, PART, (double)(below + PART * (PART + 1) / 2)),
             stats_normal_quantile(tail), 0.05);
    }
    arena_free(&cache.arena);
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
        assert_int_equal(level_persistence(value, 2000, 1, &persistence), 0);
        near(persistence, truths[t], 0.08);
    }
}

static void innovations_match_their_formula(void **state)
{
    static const double value[] = {1, 3, 2, 5, 2};
    static const double expected[] = {-0.8660254037844386, 1.5, -0.5, 3, -1.5};
    double out[5];

    (void)state;
    score_innovations(value, 5, 0.5, out);
    for (size_t i = 0; i < 5; i++)
        near(out[i], expected[i], 1e-12);
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
