/* SPDX-License-Identifier: Apache-2.0 */
#include "src/analysis/model.h"
#include "src/run/load.h"
#include "tests/support/make_results.h"
#include "tests/support/make_sides.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CHUNKS = 10 };

static const uint64_t chunks[CHUNKS] = {1024,  2048,   4096,   8192,    16384,
                                        32768, 131072, 524288, 2097152, 10485760};

struct case_of {
    struct run *run;
    struct cell_tables tables;
    struct bootstrap bootstrap;
    struct model model;
};

static void open_run(struct run *run, const char *writer, struct case_of *test)
{
    test->run = run;
    assert_int_equal(cell_tables_make(test->run, &test->tables), 0);
    assert_int_equal(bootstrap_make(test->run, METRIC_TIME, 1000, 1, &test->bootstrap), 0);
    int at = cell_table_writer(&test->tables.tables[0], writer);
    assert_true(at >= 0);
    assert_int_equal(model_fit(&test->bootstrap, &test->tables, 0, (size_t)at, &test->model), 0);
}

static void close_case(struct case_of *test)
{
    model_free(&test->model);
    bootstrap_free(&test->bootstrap);
    cell_tables_free(&test->tables);
    run_free(test->run);
}

static struct make_spec spec_of(const struct make_writer *writer)
{
    struct make_spec spec = make_spec_of(writer, 1, chunks, CHUNKS);

    spec.noise = 0.05;
    spec.seed = 7;
    return spec;
}

static void known_costs_are_recovered(void **state)
{
    struct make_writer writer = {.name = "Write", .fixed_ns = 2e6, .per_call_ns = 900};
    struct make_spec spec = spec_of(&writer);
    struct case_of test;

    (void)state;
    spec.noise = 0.01;
    open_run(make_run(&spec), "Write", &test);
    assert_int_equal(test.model.refusal, MODEL_HOLDS);
    assert_true(test.model.used[TERM_CALL]);
    assert_false(test.model.used[TERM_CHUNK]); /* as many as calls: not to be told apart */
    assert_true(fabs(test.model.cost_ns[TERM_FIXED].estimate / 2e6 - 1) < 0.01);
    assert_true(fabs(test.model.cost_ns[TERM_CALL].estimate / 900 - 1) < 0.01);
    assert_true(test.model.residual < 0.01);
    close_case(&test);
}

static void intervals_cover_the_truth_in_93_to_97_percent(void **state)
{
    struct make_writer writer = {.name = "Write", .fixed_ns = 2e6, .per_call_ns = 900};
    struct make_spec spec = spec_of(&writer);
    const int trials = test_extent(200, 1200, 20000);
    /* Four standard deviations of a share of 0.95. */
    const int slack = (int)(1000 * 4 * sqrt(0.95 * 0.05 / trials));
    int fixed = 0, call = 0;

    (void)state;
    for (int trial = 0; trial < trials; trial++) {
        struct case_of test;
        spec.seed = (uint64_t)trial + 1;
        open_run(make_run(&spec), "Write", &test);
        assert_int_equal(test.model.refusal, MODEL_HOLDS);
        struct interval a = test.model.cost_ns[TERM_FIXED];
        struct interval b = test.model.cost_ns[TERM_CALL];
        /* Two calls a file, such as close, are not part of the loop: 1.8 us of the fixed cost. */
        fixed += a.low <= 2e6 && 2e6 <= a.high;
        call += b.low <= 900 && 900 <= b.high;
        close_case(&test);
    }
    printf("model: fixed covered in %.1f %%, per call in %.1f %%\n", 100.0 * fixed / (double)trials,
           100.0 * call / (double)trials);
    assert_in_range(fixed * 1000 / trials, 950 - slack, 950 + slack);
    assert_in_range(call * 1000 / trials, 950 - slack, 950 + slack);
}

/* A curve that is off the line by up to 6 %, up and down along the sizes. */
static void a_wave_widens_the_intervals(void **state)
{
    struct make_writer writer = {.name = "Write", .fixed_ns = 2e6, .per_call_ns = 900};
    struct make_spec spec = spec_of(&writer);
    const int trials = test_extent(45, 150, 150);
    int covered = 0, answered = 0;

    (void)state;
    for (spec.seed = 1; spec.seed <= (uint64_t)trials; spec.seed++) {
        struct run *run = make_run(&spec);
        struct case_of test;
        double phase = (double)(spec.seed % 15) * 0.42, period = 3 + 0.7 * (double)(spec.seed / 15);
        for (size_t i = 0; i < run->cell_count; i++)
            for (size_t s = 0; s < run->cells[i].samples; s++)
                run->cells[i].values[METRIC_TIME][s] *=
                    1 + 0.06 * sin(phase + 6.2832 * (double)i / period);
        open_run(run, "Write", &test);
        answered += test.model.refusal == MODEL_HOLDS;
        assert_false(test.model.cost_ns[TERM_CALL].high > 1.5 * test.model.cost_ns[TERM_CALL].low);
        covered +=
            test.model.cost_ns[TERM_CALL].low <= 900 && 900 <= test.model.cost_ns[TERM_CALL].high;
        close_case(&test);
    }
    assert_in_range(answered * 1000 / trials, 800, 1000);
    assert_in_range(covered * 1000 / answered, 900, 1000);
}

static void a_loop_cost_is_told_from_a_call(void **state)
{
    struct make_writer writer = {
        .name = "Mmap", .fixed_ns = 1e6, .per_chunk_ns = 25, .per_fault_ns = 400, .faults = 2560};
    struct make_spec spec = spec_of(&writer);
    static const uint64_t small[] = {1, 2, 4, 8, 16, 64, 256, 1024, 4096};
    struct case_of test;

    (void)state;
    spec.chunks = small;
    spec.chunk_count = sizeof small / sizeof small[0];
    open_run(make_run(&spec), "Mmap", &test);
    assert_int_equal(test.model.refusal, MODEL_HOLDS);
    assert_true(test.model.used[TERM_CHUNK]);
    assert_false(test.model.used[TERM_CALL]);
    assert_false(test.model.used[TERM_FAULT]); /* always 2560: part of the fixed cost */
    assert_true(fabs(test.model.cost_ns[TERM_CHUNK].estimate / 25 - 1) < 0.03);
    assert_true(fabs(test.model.cost_ns[TERM_FIXED].estimate / 2.024e6 - 1) < 0.05);
    assert_true(fabs(test.model.faults_per_file - 2560) < 1e-6);
    close_case(&test);
}

static void faults_are_separated_where_they_vary(void **state)
{
    struct make_writer writer = {.name = "Write", .fixed_ns = 2e6, .per_call_ns = 900};
    struct make_spec spec = spec_of(&writer);
    struct run *run = make_run(&spec);
    struct case_of test;

    (void)state;
    for (size_t i = 0; i < run->cell_count; i++) {
        double faults = 100.0 * (double)((i * 7) % 10);
        for (size_t s = 0; s < run->cells[i].samples; s++) {
            run->cells[i].values[METRIC_MINOR_FAULTS][s] = faults;
            run->cells[i].values[METRIC_TIME][s] += faults * 3000;
        }
    }
    open_run(run, "Write", &test);
    assert_int_equal(test.model.refusal, MODEL_HOLDS);
    assert_true(test.model.used[TERM_FAULT]);
    assert_true(fabs(test.model.cost_ns[TERM_FAULT].estimate / 3000 - 1) < 0.1);
    close_case(&test);
}

static void bytes_are_separated_where_sizes_vary(void **state)
{
    struct make_writer writer = {.name = "Write", .fixed_ns = 1e5, .per_call_ns = 900};
    struct make_spec spec = spec_of(&writer), large = spec;
    large.size_bytes = 104857600;
    struct run *run = make_joined_run(&spec, &large);
    struct case_of test;

    (void)state;
    for (size_t i = 0; i < run->cell_count; i++)
        for (size_t s = 0; s < run->cells[i].samples; s++)
            run->cells[i].values[METRIC_TIME][s] += 0.2 * (double)run->cells[i].parts.size_bytes;
    open_run(run, "Write", &test);
    assert_int_equal(test.tables.count, 2);
    assert_int_equal(test.model.points, 2 * CHUNKS);
    assert_int_equal(test.model.refusal, MODEL_HOLDS);
    assert_true(test.model.used[TERM_BYTE]);
    assert_true(fabs(test.model.cost_ns[TERM_BYTE].estimate / 0.2 - 1) < 0.1);
    assert_true(fabs(test.model.cost_ns[TERM_CALL].estimate / 900 - 1) < 0.1);
    close_case(&test);
}

static void a_line_bent_at_the_page_size_is_explained_by_folios(void **state)
{
    struct make_writer writer = {.name = "Write", .fixed_ns = 2e6, .per_call_ns = 900};
    struct make_spec spec = spec_of(&writer);
    struct run *run = make_run(&spec);
    struct case_of test;

    (void)state;
    for (size_t i = 0; i < run->cell_count; i++) {
        double chunk = (double)run->cells[i].parts.chunk_bytes;
        for (size_t s = 0; s < run->cells[i].samples; s++)
            run->cells[i].values[METRIC_TIME][s] += 2000 * 10485760.0 / fmax(chunk, 4096);
    }
    open_run(run, "Write", &test);
    assert_int_equal(test.model.refusal, MODEL_HOLDS);
    assert_true(test.model.used[TERM_FOLIO]);
    assert_true(fabs(test.model.cost_ns[TERM_FOLIO].estimate / 2000 - 1) < 0.1);
    assert_true(fabs(test.model.cost_ns[TERM_CALL].estimate / 900 - 1) < 0.1);
    close_case(&test);
}

static void a_bent_curve_is_refused(void **state)
{
    struct make_writer writer = {.name = "Write", .fixed_ns = 2e6, .per_call_ns = 900};
    struct make_spec spec = spec_of(&writer);
    struct run *run;
    struct case_of test;
    struct interval time;

    (void)state;
    spec.noise = 0.01;
    run = make_run(&spec);
    for (size_t i = 0; i < run->cell_count; i++) /* calls of up to 8 KiB cost 60 % more */
        for (size_t s = 0; s < run->cells[i].samples; s++)
            run->cells[i].values[METRIC_TIME][s] *= i >= 4 && i < 8 ? 1.6 : 1;
    open_run(run, "Write", &test);
    assert_int_equal(test.model.refusal, MODEL_STRUCTURE);
    assert_true(isnan(test.model.cost_ns[TERM_CALL].estimate));
    assert_int_equal(model_predict(&test.model, &test.tables.tables[0], 12288, &time), -ENODATA);
    close_case(&test);
}

static void predictions_hold_between_the_sizes_and_are_refused_outside(void **state)
{
    struct make_writer writer = {.name = "Write", .fixed_ns = 2e6, .per_call_ns = 900};
    struct make_spec spec = spec_of(&writer);
    struct interval time;
    struct case_of test;
    double truth = make_time(&writer, 10485760, 12288);

    (void)state;
    open_run(make_run(&spec), "Write", &test);
    const struct cell_table *table = &test.tables.tables[0];
    assert_int_equal(model_predict(&test.model, table, 12288, &time), 0);
    assert_true(fabs(time.estimate / truth - 1) < 0.03);
    assert_true(time.low < truth && truth < time.high);
    assert_true(time.high / time.low < 1.2);
    assert_int_equal(model_predict(&test.model, table, 512, &time), -ERANGE);
    assert_int_equal(model_predict(&test.model, table, 20971520, &time), -ERANGE);
    close_case(&test);
}

static void too_few_sizes_zero_times_and_no_counts_are_refused(void **state)
{
    struct make_writer writer = {.name = "Write", .fixed_ns = 2e6, .per_call_ns = 900};
    struct make_spec spec = spec_of(&writer);
    static const char zero[] = "chunk_bytes,write_s\n1,4\n2,2\n4,1\n8,0\n";
    struct run *run;
    struct case_of test;

    (void)state;
    spec.chunk_count = 2;
    open_run(make_run(&spec), "Write", &test);
    assert_int_equal(test.model.refusal, MODEL_TOO_FEW);
    close_case(&test);
    assert_int_equal(run_load_text(zero, sizeof zero - 1, &run, NULL), 0);
    open_run(run, "Write", &test);
    assert_int_equal(test.model.refusal, MODEL_NO_COUNTS);
    close_case(&test);
    spec.chunk_count = CHUNKS;
    run = make_run(&spec);
    for (size_t s = 0; s < run->cells[3].samples; s++)
        run->cells[3].values[METRIC_TIME][s] = 0;
    open_run(run, "Write", &test);
    assert_int_equal(test.model.refusal, MODEL_ZERO_TIMES);
    close_case(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_costs_are_recovered),
        cmocka_unit_test(intervals_cover_the_truth_in_93_to_97_percent),
        cmocka_unit_test(a_wave_widens_the_intervals),
        cmocka_unit_test(a_loop_cost_is_told_from_a_call),
        cmocka_unit_test(faults_are_separated_where_they_vary),
        cmocka_unit_test(bytes_are_separated_where_sizes_vary),
        cmocka_unit_test(a_line_bent_at_the_page_size_is_explained_by_folios),
        cmocka_unit_test(a_bent_curve_is_refused),
        cmocka_unit_test(predictions_hold_between_the_sizes_and_are_refused_outside),
        cmocka_unit_test(too_few_sizes_zero_times_and_no_counts_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
