/* SPDX-License-Identifier: Apache-2.0 */
/* Two sides of samples: which rows are found, and that none is found where nothing changed. */
#include "src/base/random.h"
#include "src/comparison/comparison.h"
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

enum { CELLS = 12, SAMPLES = 5, MOST = 40 };

struct made {
    double store[MOST * CELLS * SAMPLES];
    const double *value[MOST * CELLS];
    size_t count[MOST * CELLS];
    size_t group[CELLS];
    struct samples samples;
};

/* Log-normal samples with a deviation of 3 %, and as much that a process has in common; each cell
 * of the mask is slower on the new side. Even positions are old. */
static struct made *make(size_t rounds, unsigned mask, double factor, double common, uint64_t seed)
{
    struct made *made = calloc(1, sizeof *made);
    struct random random;

    assert_non_null(made);
    random_seed(&random, seed);
    for (size_t p = 0; p < 2 * rounds; p++) {
        double machine = common * random_normal(&random);
        for (size_t c = 0; c < CELLS; c++) {
            size_t i = p * CELLS + c;
            made->group[c] = c / 6;
            made->value[i] = &made->store[i * SAMPLES];
            made->count[i] = SAMPLES;
            for (size_t s = 0; s < SAMPLES; s++)
                made->store[i * SAMPLES + s] =
                    1e6 * (double)(c + 1) *
                    exp(machine + 0.03 * fabs(random_normal(&random)) +
                        (p % 2 == 1 && (mask >> c & 1) ? log(factor) : 0));
        }
    }
    made->samples =
        (struct samples){2 * rounds, CELLS, 2, made->group, made->value, made->count, rounds, 0};
    return made;
}

static struct comparison_table compare_by(const struct made *made, size_t draws)
{
    struct comparison_options options = comparison_options_default();
    struct comparison_table table;

    options.draws = draws;
    assert_int_equal(compare_samples(&made->samples, &options, &table), 0);
    return table;
}

static struct comparison_table compare(const struct made *made) { return compare_by(made, 0); }

static const struct comparison_row *row_of(const struct comparison_table *table, enum row_kind kind,
                                           size_t index)
{
    for (size_t r = 0; r < table->count; r++)
        if (table->rows[r].finding.kind == kind && table->rows[r].finding.index == index)
            return &table->rows[r];
    fail_msg("no such row");
    return NULL;
}

static size_t count_of(const struct comparison_table *table, enum change change)
{
    size_t count = 0;
    for (size_t r = 0; r < table->count; r++)
        count += table->rows[r].finding.change == change;
    return count;
}

/* One cell of twelve, behind a machine whose own noise is twice as large. */
static void one_slow_cell_is_found_and_no_other(void **state)
{
    struct made *made = make(20, 1u << 4, 1.10, 0.20, 1);
    struct comparison_table table = compare(made);
    const struct comparison_row *row = row_of(&table, ROW_CELL, 4);

    (void)state;
    assert_int_equal(row->finding.change, CHANGE_SLOWER);
    assert_true(row->finding.by_relative);
    near(row->finding.relative.estimate, 1.10, 0.03);
    assert_true(1 < row->finding.relative.low && row->finding.relative.high < 1.2);
    assert_int_equal(count_of(&table, CHANGE_SLOWER), 1);
    assert_int_equal(count_of(&table, CHANGE_FASTER), 0);
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
        struct made *made = make(20, 1u << 4, 1.30, 0.20, seed);
        struct comparison_table table = compare(made);
        found += row_of(&table, ROW_CELL, 4)->finding.change == CHANGE_SLOWER;
        for (size_t c = 0; c < CELLS; c++) {
            enum change change = row_of(&table, ROW_CELL, c)->finding.change;
            wrong += c != 4 && change != CHANGE_EQUIVALENT && change != CHANGE_INCONCLUSIVE;
        }
        wrong += row_of(&table, ROW_WRITER, 1)->finding.change == CHANGE_FASTER;
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
        struct made *made = make(20, mask, factor, common, seed);
        struct comparison_table table = compare(made);
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

/* What moves all cells alike moves none against its peers; the own times show it. */
static void a_slow_down_of_everything_is_not_hidden(void **state)
{
    struct made *made = make(20, 0xFFF, 1.10, 0.03, 2);
    struct comparison_table table = compare(made);
    const struct comparison_row *all = row_of(&table, ROW_ALL, 0);

    (void)state;
    assert_int_equal(all->finding.change, CHANGE_SLOWER);
    assert_false(all->finding.by_relative);
    near(all->finding.ratio.estimate, 1.10, 0.03);
    assert_true(all->p_ratio <= 0.05);
    assert_true(isnan(all->p_relative));
    for (size_t c = 0; c < CELLS; c++)
        near(row_of(&table, ROW_CELL, c)->finding.relative.estimate, 1, 0.03);
    assert_int_equal(count_of(&table, CHANGE_FASTER), 0);
    comparison_table_free(&table);
    free(made);
}

/* Of two writers one moved: the other one moved against it, too, and must not be blamed. */
static void the_writer_that_moved_is_the_one_named(void **state)
{
    struct made *slow = make(20, 0x03F, 1.10, 0.05, 3), *fast = make(20, 0x03F, 1 / 1.10, 0.05, 3);
    struct comparison_table slower = compare(slow), faster = compare(fast);

    (void)state;
    assert_int_equal(row_of(&slower, ROW_WRITER, 0)->finding.change, CHANGE_SLOWER);
    assert_int_equal(row_of(&slower, ROW_WRITER, 1)->finding.change, CHANGE_INCONCLUSIVE);
    assert_true(row_of(&slower, ROW_WRITER, 1)->p_relative <= 0.05);
    assert_int_equal(row_of(&faster, ROW_WRITER, 0)->finding.change, CHANGE_FASTER);
    assert_int_equal(count_of(&faster, CHANGE_SLOWER), 0);
    comparison_table_free(&slower);
    comparison_table_free(&faster);
    free(slow);
    free(fast);
}

/* A change that is sure but smaller than the margin is none. */
/* The two of a round differ by more than the writer changed, so it can as well be the other one. */
static void which_of_two_writers_moved_is_not_guessed(void **state)
{
    enum { TRIALS = 100 };
    size_t wrong = 0, apart = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= TRIALS; seed++) {
        struct made *made = make(20, 0x3f, 1.03, 0.2, seed);
        struct comparison_table table = compare_by(made, 499);
        wrong += row_of(&table, ROW_WRITER, 1)->finding.change == CHANGE_FASTER;
        apart += row_of(&table, ROW_WRITER, 1)->finding.change == CHANGE_DIVERGED;
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
        struct made *made = make(20, 0x3e, 1.05, 0.2, seed);
        struct comparison_table table = compare_by(made, 499);
        const struct comparison_row *row = row_of(&table, ROW_CELL, 0);
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

static void a_change_within_the_margin_is_the_same(void **state)
{
    struct made *made = make(20, 0xFFF, 1.008, 0.002, 4);
    struct comparison_table table = compare(made);
    const struct comparison_row *all = row_of(&table, ROW_ALL, 0);

    (void)state;
    assert_true(all->finding.p <= 0.05);
    assert_int_equal(all->finding.change, CHANGE_EQUIVALENT);
    assert_int_equal(count_of(&table, CHANGE_SLOWER), 0);
    comparison_table_free(&table);
    free(made);
}

static void fewer_than_six_rounds_are_not_tested(void **state)
{
    struct made *five = make(5, 0xFFF, 2, 0.01, 5), *six = make(6, 0xFFF, 2, 0.01, 5);
    struct comparison_table few = compare(five), enough = compare(six);

    (void)state;
    assert_false(few.tested);
    assert_int_equal(count_of(&few, CHANGE_INCONCLUSIVE), few.count);
    near(few.rows[0].finding.ratio.estimate, 2, 0.1);
    assert_true(isnan(few.rows[0].finding.p));
    assert_true(enough.tested);
    assert_true(enough.exact);
    comparison_table_free(&few);
    comparison_table_free(&enough);
    free(five);
    free(six);
}

/* The same processes as two heaps: less is known, the answer is the same. */
/* Six rounds are one stratum. A change as large as half of a cell's interval would be missed in
 * them more often than not, so none that small may be said to be seen. */
static void six_rounds_see_only_what_is_larger_than_their_intervals(void **state)
{
    struct made *made = make(6, 0, 1, 0.05, 4);
    struct comparison_table table = compare(made);

    (void)state;
    for (size_t c = 0; c < CELLS; c++) {
        const struct finding *finding = &row_of(&table, ROW_CELL, c)->finding;
        double own = log(finding->ratio.high / finding->ratio.low) / 2;
        double relative = log(finding->relative.high / finding->relative.low) / 2;
        assert_true(isnan(finding->visible) || log1p(finding->visible) > fmin(own, relative));
    }
    comparison_table_free(&table);
    free(made);
}

static void unpaired_processes_are_permuted(void **state)
{
    struct made *made = make(20, 1u << 4, 1.10, 0.10, 6), *heaps = calloc(1, sizeof *heaps);

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
    struct comparison_table table = compare(heaps);
    assert_int_equal(row_of(&table, ROW_CELL, 4)->finding.change, CHANGE_SLOWER);
    assert_int_equal(count_of(&table, CHANGE_SLOWER), 1);
    near(row_of(&table, ROW_CELL, 4)->finding.relative.estimate, 1.10, 0.03);
    comparison_table_free(&table);
    free(made);
    free(heaps);
}

/* Multiplying all samples of a process leaves what its rows do against their peers alone. */
static void the_machine_drops_out_of_relative_rows(void **state)
{
    struct made *quiet = make(10, 1u << 2, 1.2, 0, 8), *noisy = make(10, 1u << 2, 1.2, 0, 8);

    (void)state;
    for (size_t p = 0; p < 20; p++)
        for (size_t i = p * CELLS * SAMPLES; i < (p + 1) * CELLS * SAMPLES; i++)
            noisy->store[i] *= 1 + (double)(p * 7 % 5);
    struct comparison_table a = compare(quiet), b = compare(noisy);
    near(row_of(&a, ROW_CELL, 2)->finding.relative.estimate,
         row_of(&b, ROW_CELL, 2)->finding.relative.estimate, 1e-9);
    near(row_of(&b, ROW_CELL, 2)->p_ratio, 1, 0.5);
    assert_int_equal(row_of(&b, ROW_CELL, 2)->finding.change, CHANGE_SLOWER);
    comparison_table_free(&a);
    comparison_table_free(&b);
    free(quiet);
    free(noisy);
}

static void samples_that_do_not_fit_are_refused(void **state)
{
    struct made *made = make(6, 0, 1, 0, 9);
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
        struct made *made = make(1 + random_below(&random, 8), 0, 1, 0.1, (uint64_t)i);
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
        alarms += count_of(&table, CHANGE_SLOWER) + count_of(&table, CHANGE_FASTER) > 0;
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
        cmocka_unit_test(one_slow_cell_is_found_and_no_other),
        cmocka_unit_test(cells_that_one_leaves_behind_are_not_named),
        cmocka_unit_test(a_part_that_slows_down_is_the_one_named),
        cmocka_unit_test(a_slow_down_of_everything_is_not_hidden),
        cmocka_unit_test(the_writer_that_moved_is_the_one_named),
        cmocka_unit_test(which_of_two_writers_moved_is_not_guessed),
        cmocka_unit_test(what_the_peers_did_is_taken_off),
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
