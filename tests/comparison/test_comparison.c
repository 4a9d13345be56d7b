/* SPDX-License-Identifier: Apache-2.0 */
/* Two sides of samples: what is found at all, and that nothing is found where nothing changed. */
#include "src/base/random.h"
#include "src/comparison/comparison.h"
#include "tests/support/make_samples.h"
#include "tests/support/support.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.12g is not %.12g", value, expected);
}

/* What moves all cells alike moves none against its peers; the own times show it. */
static void a_slow_down_of_everything_is_not_hidden(void **state)
{
    struct made_samples *made = make_samples(20, 0xFFF, 1.10, 0.03, 2);
    struct comparison_table table = compare_made(made);
    const struct comparison_row *all = compared_row(&table, ROW_ALL, 0);

    (void)state;
    assert_int_equal(all->finding.change, CHANGE_SLOWER);
    assert_false(all->finding.by_relative);
    near(all->finding.ratio.estimate, 1.10, 0.03);
    assert_true(all->p_ratio <= 0.05);
    assert_true(isnan(all->p_relative));
    for (size_t c = 0; c < CELLS; c++)
        near(compared_row(&table, ROW_CELL, c)->finding.relative.estimate, 1, 0.03);
    assert_int_equal(count_changes(&table, CHANGE_FASTER), 0);
    comparison_table_free(&table);
    free(made);
}

/* A change that is sure but smaller than the margin is none. */
static void a_change_within_the_margin_is_the_same(void **state)
{
    struct made_samples *made = make_samples(20, 0xFFF, 1.008, 0.002, 4);
    struct comparison_table table = compare_made(made);
    const struct comparison_row *all = compared_row(&table, ROW_ALL, 0);

    (void)state;
    assert_true(all->finding.p <= 0.05);
    assert_int_equal(all->finding.change, CHANGE_EQUIVALENT);
    assert_int_equal(count_changes(&table, CHANGE_SLOWER), 0);
    comparison_table_free(&table);
    free(made);
}

static void fewer_than_six_rounds_are_not_tested(void **state)
{
    struct made_samples *five = make_samples(5, 0xFFF, 2, 0.01, 5),
                        *six = make_samples(6, 0xFFF, 2, 0.01, 5);
    struct comparison_table few = compare_made(five), enough = compare_made(six);

    (void)state;
    assert_false(few.tested);
    assert_int_equal(count_changes(&few, CHANGE_INCONCLUSIVE), few.count);
    near(few.rows[0].finding.ratio.estimate, 2, 0.1);
    assert_true(isnan(few.rows[0].finding.p));
    assert_true(enough.tested);
    assert_true(enough.exact);
    comparison_table_free(&few);
    comparison_table_free(&enough);
    free(five);
    free(six);
}

/* Six rounds are one stratum. A change as large as half of a cell's interval would be missed in
 * them more often than not, so none that small may be said to be seen. */
static void six_rounds_see_only_what_is_larger_than_their_intervals(void **state)
{
    struct made_samples *made = make_samples(6, 0, 1, 0.05, 4);
    struct comparison_table table = compare_made(made);

    (void)state;
    for (size_t c = 0; c < CELLS; c++) {
        const struct finding *finding = &compared_row(&table, ROW_CELL, c)->finding;
        double own = log(finding->ratio.high / finding->ratio.low) / 2;
        double relative = log(finding->relative.high / finding->relative.low) / 2;
        assert_true(isnan(finding->visible) || log1p(finding->visible) > fmin(own, relative));
    }
    comparison_table_free(&table);
    free(made);
}

/* The same processes as two heaps: less is known, the answer is the same. */
static void unpaired_processes_are_permuted(void **state)
{
    struct made_samples *made = make_samples(20, 1u << 4, 1.10, 0.10, 6),
                        *heaps = calloc(1, sizeof *heaps);

    (void)state;
    assert_non_null(heaps);
    *heaps = *made;
    for (size_t p = 0; p < 40; p++)
        for (size_t c = 0; c < CELLS; c++)
            heaps->value[(p % 2 * 20 + p / 2) * CELLS + c] = made->value[p * CELLS + c];
    heaps->samples.value = heaps->value;
    heaps->samples.count = heaps->count;
    heaps->samples.group = heaps->group;
    heaps->samples.rounds = 0;
    heaps->samples.new_processes = 20;
    struct comparison_table table = compare_made(heaps);
    assert_int_equal(compared_row(&table, ROW_CELL, 4)->finding.change, CHANGE_SLOWER);
    assert_int_equal(count_changes(&table, CHANGE_SLOWER), 1);
    near(compared_row(&table, ROW_CELL, 4)->finding.relative.estimate, 1.10, 0.03);
    comparison_table_free(&table);
    free(made);
    free(heaps);
}

/* Multiplying all samples of a process leaves what its rows do against their peers alone. */
static void the_machine_drops_out_of_relative_rows(void **state)
{
    struct made_samples *quiet = make_samples(10, 1u << 2, 1.2, 0, 8),
                        *noisy = make_samples(10, 1u << 2, 1.2, 0, 8);

    (void)state;
    for (size_t p = 0; p < 20; p++)
        for (size_t i = p * CELLS * SAMPLES; i < (p + 1) * CELLS * SAMPLES; i++)
            noisy->store[i] *= 1 + (double)(p * 7 % 5);
    struct comparison_table a = compare_made(quiet), b = compare_made(noisy);
    near(compared_row(&a, ROW_CELL, 2)->finding.relative.estimate,
         compared_row(&b, ROW_CELL, 2)->finding.relative.estimate, 1e-9);
    near(compared_row(&b, ROW_CELL, 2)->p_ratio, 1, 0.5);
    assert_int_equal(compared_row(&b, ROW_CELL, 2)->finding.change, CHANGE_SLOWER);
    comparison_table_free(&a);
    comparison_table_free(&b);
    free(quiet);
    free(noisy);
}

static void samples_that_do_not_fit_are_refused(void **state)
{
    struct made_samples *made = make_samples(6, 0, 1, 0, 9);
    struct comparison_options options = comparison_options_default();
    struct comparison_table table;

    (void)state;
    made->samples.rounds = 5;
    assert_int_equal(compare_samples(&made->samples, &options, &table), -EINVAL);
    made->samples.rounds = 0;
    made->samples.new_processes = 12;
    assert_int_equal(compare_samples(&made->samples, &options, &table), -EINVAL);
    made->samples.new_processes = 6;
    made->samples.cells = 0;
    assert_int_equal(compare_samples(&made->samples, &options, &table), -EINVAL);
    free(made);
}

/* Three writers in ten thousand random shapes must not read beyond what is there: one cell a
 * writer, one sample a cell, two processes. */
static void small_shapes_work(void **state)
{
    struct random random;

    (void)state;
    random_seed(&random, 10);
    for (int i = 0; i < 300; i++) {
        struct made_samples *made =
            make_samples(1 + random_below(&random, 8), 0, 1, 0.1, (uint64_t)i);
        struct comparison_options options = comparison_options_default();
        struct comparison_table table;
        size_t cells = 1 + random_below(&random, 5);
        for (size_t j = 0; j < made->samples.processes * cells; j++) {
            made->value[j] = &made->store[j];
            made->count[j] = 1;
        }
        for (size_t c = 0; c < cells; c++)
            made->group[c] = random_below(&random, 3);
        made->samples.groups = 3;
        made->samples.cells = cells;
        options.draws = 100;
        assert_int_equal(compare_samples(&made->samples, &options, &table), 0);
        assert_true(table.count >= cells);
        comparison_table_free(&table);
        free(made);
    }
}

enum { AA_PROCESSES = 40, AA_CELLS = 28, AA_REPETITIONS = 20 };

static double *read_aa(void)
{
    char *text = test_read_file(TEST_DATA_DIR "/aa_times.csv"), *at;
    double *time = calloc(AA_PROCESSES * AA_CELLS * AA_REPETITIONS, sizeof *time);

    assert_non_null(text);
    assert_non_null(time);
    at = strchr(text, '\n') + 1;
    for (size_t row = 0; row < AA_PROCESSES * AA_REPETITIONS; row++) {
        assert_int_equal(strtoul(at, &at, 10), row / AA_REPETITIONS + 1);
        for (size_t c = 0; c < AA_CELLS; c++)
            time[(row / AA_REPETITIONS * AA_CELLS + c) * AA_REPETITIONS + row % AA_REPETITIONS] =
                strtod(at + 1, &at);
    }
    free(text);
    return time;
}

/* 60 comparisons with 5 repetitions of each process, sides drawn: 5 % of them may be wrong. The
 * seed is fixed, so this does not fail by chance. */
static void a_program_is_no_slower_than_itself(void **state)
{
    double *time = read_aa();
    const double *value[AA_PROCESSES * AA_CELLS];
    size_t count[AA_PROCESSES * AA_CELLS], group[AA_CELLS], alarms = 0, covered = 0, rows = 0;
    struct random random;

    (void)state;
    random_seed(&random, 1);
    for (int i = 0; i < 60; i++) {
        struct samples samples = {AA_PROCESSES, AA_CELLS, 2, group, value, count, 20, 0};
        struct comparison_options options = comparison_options_default();
        struct comparison_table table;
        for (size_t p = 0, flip = 0; p < AA_PROCESSES; p++) {
            size_t first = random_below(&random, AA_REPETITIONS - SAMPLES + 1);
            flip = p % 2 == 0 ? random_below(&random, 2) : flip;
            for (size_t c = 0; c < AA_CELLS; c++) {
                group[c] = c / 14;
                value[p * AA_CELLS + c] =
                    &time[((p ^ flip) * AA_CELLS + c) * AA_REPETITIONS + first];
                count[p * AA_CELLS + c] = SAMPLES;
            }
        }
        options.seed = (uint64_t)i;
        options.draws = 999;
        assert_int_equal(compare_samples(&samples, &options, &table), 0);
        alarms += count_changes(&table, CHANGE_SLOWER) + count_changes(&table, CHANGE_FASTER) > 0;
        for (size_t r = 0; r < table.count; r++, rows++)
            covered +=
                table.rows[r].finding.ratio.low <= 1 && 1 <= table.rows[r].finding.ratio.high;
        comparison_table_free(&table);
    }
    assert_in_range(alarms, 0, 7); /* P(more) is 1 % at 5 % each */
    assert_in_range(100 * covered / rows, 93, 98);
    free(time);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slow_down_of_everything_is_not_hidden),
        cmocka_unit_test(a_change_within_the_margin_is_the_same),
        cmocka_unit_test(fewer_than_six_rounds_are_not_tested),
        cmocka_unit_test(six_rounds_see_only_what_is_larger_than_their_intervals),
        cmocka_unit_test(unpaired_processes_are_permuted),
        cmocka_unit_test(the_machine_drops_out_of_relative_rows),
        cmocka_unit_test(samples_that_do_not_fit_are_refused),
        cmocka_unit_test(small_shapes_work),
        cmocka_unit_test(a_program_is_no_slower_than_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
