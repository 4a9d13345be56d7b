/* SPDX-License-Identifier: Apache-2.0 */
/* Of rows that moved against each other: which of them is named. */
#include "tests/support/make_samples.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>

static void near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.12g is not %.12g", value, expected);
}

/* One cell of twelve, behind a machine whose own noise is twice as large. */
static void one_slow_cell_is_found_and_no_other(void **state)
{
    struct made_samples *made = make_samples(20, 1u << 4, 1.10, 0.20, 1);
    struct comparison_table table = compare_made(made);
    const struct comparison_row *row = compared_row(&table, ROW_CELL, 4);

    (void)state;
    assert_int_equal(row->finding.change, CHANGE_SLOWER);
    assert_true(row->finding.by_relative);
    near(row->finding.relative.estimate, 1.10, 0.03);
    assert_true(1 < row->finding.relative.low && row->finding.relative.high < 1.2);
    assert_int_equal(count_changes(&table, CHANGE_SLOWER), 1);
    assert_int_equal(count_changes(&table, CHANGE_FASTER), 0);
    comparison_table_free(&table);
    free(made);
}

/* Where one cell of a writer of six is much slower, the other five rank lower among their peers on
 * the new side: without the one that moved they do not. */
static void cells_that_one_leaves_behind_are_not_named(void **state)
{
    size_t found = 0, wrong = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct made_samples *made = make_samples(20, 1u << 4, 1.30, 0.20, seed);
        struct comparison_table table = compare_made(made);
        found += compared_row(&table, ROW_CELL, 4)->finding.change == CHANGE_SLOWER;
        for (size_t c = 0; c < CELLS; c++) {
            enum change change = compared_row(&table, ROW_CELL, c)->finding.change;
            wrong += c != 4 && change != CHANGE_EQUIVALENT && change != CHANGE_INCONCLUSIVE;
        }
        wrong += compared_row(&table, ROW_WRITER, 1)->finding.change == CHANGE_FASTER;
        comparison_table_free(&table);
        free(made);
    }
    assert_int_equal(found, 40);
    assert_int_equal(wrong, 0);
}

/* How many rows are called slower or faster although they did not change by the margin, in forty
 * comparisons. */
static size_t wrong_names(unsigned mask, double factor, double common, int *all)
{
    size_t wrong = 0;

    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct made_samples *made = make_samples(20, mask, factor, common, seed);
        struct comparison_table table = compare_made(made);
        for (size_t r = 0; r < table.count; r++) {
            const struct finding *finding = &table.rows[r].finding;
            unsigned cells = finding->kind == ROW_ALL      ? 0xFFF
                             : finding->kind == ROW_WRITER ? 0x3Fu << 6 * finding->index
                                                           : 1u << finding->index;
            double changed = (double)__builtin_popcount(mask & cells) * log(factor);
            wrong +=
                finding_moved(finding) && changed / (double)__builtin_popcount(cells) < log(1.02);
            *all += finding->kind == ROW_ALL && finding_moved(finding);
        }
        comparison_table_free(&table);
        free(made);
    }
    return wrong;
}

/* Half of each writer's cells: the others are not faster. One writer of two: it is not everything.
 */
static void a_part_that_slows_down_is_the_one_named(void **state)
{
    int all = 0;

    (void)state;
    assert_in_range(wrong_names(0x555, 1.08, 0.05, &all), 0, 3);
    all = 0;
    assert_in_range(wrong_names(0x03F, 1.06, 0.01, &all), 0, 3);
    assert_in_range(all, 0, 3);
    /* Two cells of six: their writer's mean moves by less than the margin. */
    assert_in_range(wrong_names(0x003, 1.055, 0.01, &all), 0, 2);
}

/* Of two writers one moved: the other one moved against it, too, and must not be blamed. */
static void the_writer_that_moved_is_the_one_named(void **state)
{
    struct made_samples *slow = make_samples(20, 0x03F, 1.10, 0.05, 3),
                        *fast = make_samples(20, 0x03F, 1 / 1.10, 0.05, 3);
    struct comparison_table slower = compare_made(slow), faster = compare_made(fast);

    (void)state;
    assert_int_equal(compared_row(&slower, ROW_WRITER, 0)->finding.change, CHANGE_SLOWER);
    assert_int_equal(compared_row(&slower, ROW_WRITER, 1)->finding.change, CHANGE_INCONCLUSIVE);
    assert_true(compared_row(&slower, ROW_WRITER, 1)->p_relative <= 0.05);
    assert_int_equal(compared_row(&faster, ROW_WRITER, 0)->finding.change, CHANGE_FASTER);
    assert_int_equal(count_changes(&faster, CHANGE_SLOWER), 0);
    comparison_table_free(&slower);
    comparison_table_free(&faster);
    free(slow);
    free(fast);
}

/* The two of a round differ by more than the writer changed, so it can as well be the other one. */
static void which_of_two_writers_moved_is_not_guessed(void **state)
{
    enum { TRIALS = 100 };
    size_t wrong = 0, apart = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= TRIALS; seed++) {
        struct made_samples *made = make_samples(20, 0x3f, 1.03, 0.2, seed);
        struct comparison_table table = compare_made_by(made, 499);
        wrong += compared_row(&table, ROW_WRITER, 1)->finding.change == CHANGE_FASTER;
        apart += compared_row(&table, ROW_WRITER, 1)->finding.change == CHANGE_DIVERGED;
        comparison_table_free(&table);
        free(made);
    }
    print_message("%zu named wrongly, %zu apart of %d\n", wrong, apart, TRIALS);
    assert_true(20 * wrong <= TRIALS);
    assert_true(2 * apart >= TRIALS);
}

/* A cell that its peers leave behind is not faster for that. */
static void what_the_peers_did_is_taken_off(void **state)
{
    size_t named = 0, not_by_itself = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct made_samples *made = make_samples(20, 0x3e, 1.05, 0.2, seed);
        struct comparison_table table = compare_made_by(made, 499);
        const struct comparison_row *row = compared_row(&table, ROW_CELL, 0);
        const struct interval *relative = &row->finding.relative;
        named += row->finding.by_relative != 0;
        not_by_itself +=
            row->finding.by_relative && row->finding.change == CHANGE_FASTER &&
            -log(row->finding.ratio.estimate) <= log(relative->high / relative->low) / 2;
        comparison_table_free(&table);
        free(made);
    }
    print_message("%zu named, %zu of them not by itself\n", named, not_by_itself);
    assert_int_equal(not_by_itself, 0);
    assert_true(named > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_slow_cell_is_found_and_no_other),
        cmocka_unit_test(cells_that_one_leaves_behind_are_not_named),
        cmocka_unit_test(a_part_that_slows_down_is_the_one_named),
        cmocka_unit_test(the_writer_that_moved_is_the_one_named),
        cmocka_unit_test(which_of_two_writers_moved_is_not_guessed),
        cmocka_unit_test(what_the_peers_did_is_taken_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
