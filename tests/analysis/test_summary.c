/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of one cell. */
#include "src/analysis/cell_table.h"
#include "src/statistics/bootstrap.h"
#include "tests/support/make_results.h"
#include "tests/support/make_series.h"

static struct run *one_cell(double time_ns, size_t samples)
{
    static const uint64_t chunk = 4096;
    const struct make_writer writer = {.name = "Write", .fixed_ns = time_ns};
    const struct make_spec spec = {.writers = &writer,
                                   .writer_count = 1,
                                   .chunks = &chunk,
                                   .chunk_count = 1,
                                   .samples = samples,
                                   .noise = 0.2,
                                   .size_bytes = 4096};

    return make_run(&spec);
}

static void the_order_of_samples_does_not_matter(void **state)
{
    struct run *run = one_cell(1e6, 21);
    struct bootstrap one, other;
    struct summary before, after;

    (void)state;
    double *times = run->cells[0].values[METRIC_TIME];
    assert_int_equal(bootstrap_make(run, METRIC_TIME, 200, 9, &one), 0);
    assert_int_equal(cell_summarise(&run->cells[0], METRIC_TIME, &before), 0);
    for (size_t i = 0; i < 10; i++) {
        double swap = times[i];
        times[i] = times[20 - i];
        times[20 - i] = swap;
    }
    assert_int_equal(bootstrap_make(run, METRIC_TIME, 200, 9, &other), 0);
    assert_int_equal(cell_summarise(&run->cells[0], METRIC_TIME, &after), 0);
    assert_memory_equal(&before, &after, sizeof before);
    assert_memory_equal(one.draws, other.draws, 200 * sizeof *one.draws);
    bootstrap_free(&one);
    bootstrap_free(&other);
    run_free(run);
}

static void scaling_times_scales_results(void **state)
{
    struct run *small = one_cell(1e6, 20);
    struct run *large = one_cell(8e6, 20);
    struct summary a, b;

    (void)state;
    assert_int_equal(cell_summarise(&small->cells[0], METRIC_TIME, &a), 0);
    assert_int_equal(cell_summarise(&large->cells[0], METRIC_TIME, &b), 0);
    near(b.median / a.median, 8, 1e-9);
    near(b.median_high / a.median_high, 8, 1e-9);
    near(b.location / a.location, 8, 1e-9);
    near(b.spread, a.spread, 1e-9);
    run_free(small);
    run_free(large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_of_samples_does_not_matter),
        cmocka_unit_test(scaling_times_scales_results),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
