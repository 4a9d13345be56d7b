/* SPDX-License-Identifier: Apache-2.0 */
/* The order in which findings are told. */
#include "src/statistics/finding.h"
#include "tests/support/support.h"

#include <math.h>

struct row {
    struct finding finding;
    int other;
};

static struct row row(enum row_kind kind, enum change change, double ratio)
{
    struct interval none = {(double)NAN, (double)NAN, (double)NAN};
    return (struct row){
        .finding = {
            .kind = kind, .change = change, .ratio = {ratio, ratio, ratio}, .relative = none}};
}

static void assert_order(const struct row *rows, size_t count, double mean_share,
                         const size_t *wanted)
{
    size_t order[8];

    findings_order(rows, sizeof *rows, count, mean_share, order);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(order[i], wanted[i]);
}

static void alarms_come_first_and_the_largest_of_them_before_the_others(void **state)
{
    const struct row rows[] = {
        row(ROW_CELL, CHANGE_INCONCLUSIVE, 2), row(ROW_CELL, CHANGE_EQUIVALENT, 1),
        row(ROW_CELL, CHANGE_FASTER, 0.2),     row(ROW_CELL, CHANGE_DIVERGED, 1.5),
        row(ROW_CELL, CHANGE_SLOWER, 1.1),     row(ROW_CELL, CHANGE_SLOWER, 1.2),
        row(ROW_CONTROL, CHANGE_FASTER, 0.9)};

    (void)state;
    assert_order(rows, 7, 0.8, (const size_t[]){6, 5, 4, 3, 2, 0, 1});
}

static void the_mean_of_all_cells_follows_the_writer_that_pulled_it_along(void **state)
{
    const struct row pulled[] = {row(ROW_ALL, CHANGE_SLOWER, 1.1),
                                 row(ROW_WRITER, CHANGE_SLOWER, 1.4)};
    const struct row alike[] = {row(ROW_ALL, CHANGE_SLOWER, 1.38),
                                row(ROW_WRITER, CHANGE_SLOWER, 1.4)};

    (void)state;
    assert_order(pulled, 2, 0.8, (const size_t[]){1, 0});
    assert_order(alike, 2, 0.8, (const size_t[]){0, 1});
    assert_order(alike, 2, 1, (const size_t[]){1, 0});
    assert_order(pulled, 2, 0, (const size_t[]){0, 1});
}

static void what_was_found_against_the_peers_counts_by_how_far_it_went_from_them(void **state)
{
    struct row rows[] = {row(ROW_CELL, CHANGE_SLOWER, 1.3), row(ROW_CELL, CHANGE_SLOWER, 1.05)};

    (void)state;
    rows[1].finding.by_relative = 1;
    rows[1].finding.relative = (struct interval){1.5, 1.4, 1.6};
    assert_order(rows, 2, 0.8, (const size_t[]){1, 0});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alarms_come_first_and_the_largest_of_them_before_the_others),
        cmocka_unit_test(the_mean_of_all_cells_follows_the_writer_that_pulled_it_along),
        cmocka_unit_test(what_was_found_against_the_peers_counts_by_how_far_it_went_from_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
