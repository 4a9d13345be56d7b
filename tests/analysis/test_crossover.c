/* SPDX-License-Identifier: Apache-2.0 */
#include "src/analysis/crossover.h"
#include "src/run/load.h"
#include "tests/support/make_results.h"
#include "tests/support/make_sides.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { CHUNKS = 8 };

static const uint64_t chunks[CHUNKS] = {512, 1024, 2048, 4096, 8192, 16384, 32768, 65536};

struct case_of {
    struct run *run;
    struct cell_tables tables;
    struct bootstrap bootstrap;
    struct pair pair;
};

static void open_run(struct run *run, size_t replicates, struct case_of *test)
{
    test->run = run;
    assert_int_equal(cell_tables_make(test->run, &test->tables), 0);
    assert_int_equal(bootstrap_make(test->run, METRIC_TIME, replicates, 1, &test->bootstrap), 0);
    assert_int_equal(test->tables.count, 1);
    int first = cell_table_writer(&test->tables.tables[0], "Mmap");
    int second = cell_table_writer(&test->tables.tables[0], "Write");
    assert_true(first >= 0 && second >= 0);
    assert_int_equal(crossover_find(&test->bootstrap, &test->tables.tables[0], (size_t)first,
                                    (size_t)second, &test->pair),
                     0);
}

static void open_case(const struct make_spec *spec, size_t replicates, struct case_of *test)
{
    open_run(make_run(spec), replicates, test);
}

static void close_case(struct case_of *test)
{
    pair_free(&test->pair);
    bootstrap_free(&test->bootstrap);
    cell_tables_free(&test->tables);
    run_free(test->run);
}

/* Mmap takes 10 ms at every size, Write 10 ms at 3000 bytes and half of it per doubling. */
static struct make_spec crossing_at_3000(struct make_writer writers[2])
{
    writers[0] = (struct make_writer){.name = "Mmap", .fixed_ns = 1e7};
    writers[1] = (struct make_writer){.name = "Write", .fixed_ns = 1e7 * 3000 / 4096, .power = -1};
    return (struct make_spec){.writers = writers,
                              .writer_count = 2,
                              .chunks = chunks,
                              .chunk_count = CHUNKS,
                              .samples = 20,
                              .noise = 0.05,
                              .seed = 1,
                              .size_bytes = 10485760};
}

/* Replaces one writer's times, whatever the curve was. */
static void set_times(struct run *run, const char *writer, const double *times_ms)
{
    char name[200];
    for (size_t i = 0; i < CHUNKS; i++) {
        snprintf(name, sizeof name, "%s/file:new/sync:none/size:10485760/chunk:%llu/manual_time",
                 writer, (unsigned long long)chunks[i]);
        const struct cell *cell = run_cell(run, name);
        assert_non_null(cell);
        for (size_t s = 0; s < cell->samples; s++)
            cell->values[METRIC_TIME][s] = times_ms[i] * 1e6 * (1 + 0.001 * (double)s);
    }
}

static void a_known_crossover_is_found(void **state)
{
    struct make_writer writers[2];
    struct make_spec spec = crossing_at_3000(writers);
    struct case_of test;

    (void)state;
    spec.noise = 0.01;
    open_case(&spec, 1000, &test);
    assert_int_equal(test.pair.state, PAIR_CROSSES);
    assert_int_equal(test.pair.crossover_count, 1);
    const struct crossover *crossover = &test.pair.crossovers[0];
    assert_true(crossover->to_second);
    assert_int_equal(crossover->below_bytes, 2048);
    assert_int_equal(crossover->above_bytes, 4096);
    assert_true(fabs(crossover->chunk_bytes.estimate / 3000 - 1) < 0.02);
    assert_true(crossover->chunk_bytes.low < 3000 && crossover->chunk_bytes.high > 3000);
    assert_true(crossover->chunk_bytes.high / crossover->chunk_bytes.low < 1.05);
    close_case(&test);
}

static void intervals_cover_the_truth_in_93_to_97_percent(void **state)
{
    struct make_writer writers[2];
    struct make_spec spec = crossing_at_3000(writers);
    const int trials = test_extent(200, 1200, 20000);
    /* Four standard deviations of a share of 0.95. */
    const int slack = (int)(1000 * 4 * sqrt(0.95 * 0.05 / trials));
    int covered = 0, found = 0;

    (void)state;
    for (int trial = 0; trial < trials; trial++) {
        struct case_of test;
        spec.seed = (uint64_t)trial + 1;
        open_case(&spec, 1000, &test);
        if (test.pair.crossover_count == 1) {
            struct interval at = test.pair.crossovers[0].chunk_bytes;
            found++;
            covered += at.low <= 3000 && 3000 <= at.high;
        }
        close_case(&test);
    }
    printf("crossover: found in %d of %d, covered in %.1f %%\n", found, trials,
           100.0 * covered / found);
    assert_true(found > trials * 98 / 100);
    assert_in_range(covered * 1000 / found, 950 - slack, 950 + slack);
}

/* Six sizes between which the curve of a cost a file and a cost a call is far from a straight line
 * in logs, which was taken once and covered the truth in one of seven. */
static void coarse_sizes_bias_nothing(void **state)
{
    static const uint64_t coarse[] = {1024, 6462, 40773, 257279, 1623429, 10485760};
    const struct make_writer writers[] = {
        {.name = "Mmap", .fixed_ns = 1e7},
        {.name = "Write", .fixed_ns = 4e6, .per_call_ns = 6e6 / (10485760 / 16384)}};
    struct make_spec spec = {.writers = writers,
                             .writer_count = 2,
                             .chunks = coarse,
                             .chunk_count = 6,
                             .samples = 50,
                             .noise = 0.05,
                             .size_bytes = 10485760};
    const int trials = test_extent(50, 200, 2000);
    const int slack = (int)(1000 * 4 * sqrt(0.95 * 0.05 / trials));
    int covered = 0;

    (void)state;
    for (spec.seed = 1; spec.seed <= (uint64_t)trials; spec.seed++) {
        struct case_of test;
        open_case(&spec, 200, &test);
        assert_int_equal(test.pair.crossover_count, 1);
        struct interval at = test.pair.crossovers[0].chunk_bytes;
        covered += at.low <= 16384 && 16384 <= at.high;
        assert_true(at.high / at.low < 1.2);
        close_case(&test);
    }
    assert_in_range(covered * 1000 / trials, 950 - slack, 1000);
}

/* The square root of the chunk size: no line in the number of chunks. */
static void an_interval_knows_how_far_the_curve_is_no_line(void **state)
{
    static const uint64_t coarse[] = {1024, 6462, 40773, 257279, 1623429, 10485760};
    const struct make_writer writers[] = {
        {.name = "Mmap", .fixed_ns = 1e7},
        {.name = "Write", .fixed_ns = 2e7, .power = -0.5}}; /* 10 ms at 16 KiB */
    struct make_spec spec = {.writers = writers,
                             .writer_count = 2,
                             .chunks = coarse,
                             .chunk_count = 6,
                             .samples = 50,
                             .noise = 0.01,
                             .size_bytes = 10485760};
    struct case_of test;

    (void)state;
    open_case(&spec, 500, &test);
    struct interval at = test.pair.crossovers[0].chunk_bytes;
    assert_true(at.low < 16384 && 16384 < at.high);
    close_case(&test);
    spec.chunks = coarse + 1;
    spec.chunk_count = 2; /* nothing to see it by: the bracket */
    open_case(&spec, 500, &test);
    at = test.pair.crossovers[0].chunk_bytes;
    assert_true(at.low == 6462 && at.high == 40773);
    close_case(&test);
}

static void where_the_two_cannot_be_told_apart_a_crossover_is_possible(void **state)
{
    /* Equal, or faster by a tenth. */
    static const struct {
        const char *faster; /* a letter a size: m(map), w(rite) or = */
        enum pair_state state;
        size_t crossovers, possible;
        size_t between[2]; /* indices of the first of the possible */
    } cases[] = {
        {"wwwwwwww", PAIR_SECOND, 0, 0, {0, 0}},  {"==wwwwww", PAIR_SECOND, 0, 1, {0, 2}},
        {"mm==mmm=", PAIR_FIRST, 0, 2, {1, 4}},   {"m==wwwww", PAIR_CROSSES, 1, 0, {0, 0}},
        {"mwwwww==", PAIR_CROSSES, 1, 1, {5, 7}}, {"========", PAIR_INCONCLUSIVE, 0, 0, {0, 0}},
    };
    struct make_writer writers[2];
    struct make_spec spec = crossing_at_3000(writers);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double mmap[CHUNKS], write[CHUNKS];
        struct run *run = make_run(&spec);
        struct case_of test;
        for (size_t c = 0; c < CHUNKS; c++) {
            mmap[c] = 10;
            write[c] = cases[i].faster[c] == 'm' ? 11 : cases[i].faster[c] == 'w' ? 9 : 10;
        }
        set_times(run, "Mmap", mmap);
        set_times(run, "Write", write);
        open_run(run, 200, &test);
        assert_int_equal(test.pair.state, cases[i].state);
        assert_int_equal(test.pair.crossover_count, cases[i].crossovers);
        assert_int_equal(test.pair.possible_count, cases[i].possible);
        if (cases[i].possible > 0) {
            assert_int_equal(test.pair.possible[0].below_bytes, chunks[cases[i].between[0]]);
            assert_int_equal(test.pair.possible[0].above_bytes, chunks[cases[i].between[1]]);
        }
        close_case(&test);
    }
}

static void equal_curves_do_not_cross_in_noise(void **state)
{
    struct make_writer writers[2] = {{.name = "Mmap", .fixed_ns = 1e7},
                                     {.name = "Write", .fixed_ns = 1e7}};
    struct make_spec spec = crossing_at_3000(writers);
    struct make_writer equal[2] = {{.name = "Mmap", .fixed_ns = 1e7},
                                   {.name = "Write", .fixed_ns = 1e7}};
    int crossed = 0;

    (void)state;
    spec.writers = equal;
    for (int trial = 0; trial < 400; trial++) {
        struct case_of test;
        spec.seed = (uint64_t)trial + 1;
        open_case(&spec, 200, &test);
        crossed += test.pair.crossover_count > 0;
        close_case(&test);
    }
    assert_in_range(crossed, 0, 4);
}

static void no_crossover_names_the_winner_and_the_ratios(void **state)
{
    struct make_writer writers[2];
    struct make_spec spec = crossing_at_3000(writers);
    struct case_of test;

    (void)state;
    spec.noise = 0.01;
    writers[1].fixed_ns = 1e6; /* twice as fast at 512 bytes, 160 times at 64 KiB */
    open_case(&spec, 500, &test);
    assert_int_equal(test.pair.state, PAIR_SECOND);
    assert_int_equal(test.pair.crossover_count, 0);
    assert_int_equal(test.pair.told_count, CHUNKS);
    assert_true(fabs(test.pair.ratio_highest - 0.8) < 0.05);
    assert_int_equal(test.pair.ratio_highest_at, 512);
    assert_true(fabs(test.pair.ratio_lowest - 0.1 / 16) < 0.001);
    assert_int_equal(test.pair.ratio_lowest_at, 65536);
    close_case(&test);
}

/* "Faster at 3 of 8 sizes: 1.2 to 2 times". */
static void ratios_are_of_the_sizes_that_can_be_told(void **state)
{
    static const double mmap[CHUNKS] = {10, 10, 10, 10, 10, 10, 10, 10};
    static const double write[CHUNKS] = {20, 14, 12, 10, 10, 10, 10, 10};
    struct make_writer writers[2];
    struct make_spec spec = crossing_at_3000(writers);
    struct run *run = make_run(&spec);
    struct case_of test;

    (void)state;
    set_times(run, "Mmap", mmap);
    set_times(run, "Write", write);
    open_run(run, 500, &test);
    assert_int_equal(test.pair.state, PAIR_FIRST);
    assert_int_equal(test.pair.told_count, 3);
    assert_true(fabs(test.pair.ratio_lowest - 1.2) < 0.01);
    assert_true(fabs(test.pair.ratio_highest - 2) < 0.01);
    close_case(&test);
}

static void two_crossovers_are_both_shown(void **state)
{
    static const double mmap[CHUNKS] = {10, 10, 10, 10, 10, 10, 10, 10};
    static const double write[CHUNKS] = {20, 14, 7, 5, 5, 8, 15, 20};
    struct make_writer writers[2];
    struct make_spec spec = crossing_at_3000(writers);
    struct run *run = make_run(&spec);
    struct case_of test;

    (void)state;
    set_times(run, "Mmap", mmap);
    set_times(run, "Write", write);
    open_run(run, 500, &test);
    assert_int_equal(test.pair.crossover_count, 2);
    assert_true(test.pair.crossovers[0].to_second);
    assert_false(test.pair.crossovers[1].to_second);
    /* In 1/chunk: 4/7 of the way from 1/1024 to 1/2048, and 2/7 from 1/16384 to 1/32768. */
    assert_true(fabs(test.pair.crossovers[0].chunk_bytes.estimate - 1024 * 1.4) < 5);
    double second = 16384 / (1 - 1.0 / 7);
    assert_true(fabs(test.pair.crossovers[1].chunk_bytes.estimate - second) < 60);
    close_case(&test);
}

static void one_chunk_size_cannot_cross(void **state)
{
    struct make_writer writers[2];
    struct make_spec spec = crossing_at_3000(writers);
    struct case_of test;

    (void)state;
    spec.chunk_count = 1;
    open_case(&spec, 200, &test);
    assert_int_equal(test.pair.state, PAIR_FIRST);
    assert_int_equal(test.pair.crossover_count, 0);
    close_case(&test);
}

static void missing_cells_are_passed_over(void **state)
{
    struct make_writer writers[2];
    struct make_spec spec = crossing_at_3000(writers);
    struct run *run = make_run(&spec);
    struct case_of test;
    char name[200];

    (void)state;
    snprintf(name, sizeof name, "Write/file:new/sync:none/size:10485760/chunk:%d/manual_time",
             2048);
    struct cell *cell = (struct cell *)(uintptr_t)run_cell(run, name);
    cell->samples = 0; /* as when every row of it failed */
    open_run(run, 500, &test);
    assert_int_equal(test.pair.chunk_count, CHUNKS - 1);
    assert_int_equal(test.pair.crossover_count, 1);
    assert_int_equal(test.pair.crossovers[0].below_bytes, 1024);
    assert_int_equal(test.pair.crossovers[0].above_bytes, 4096);
    close_case(&test);
}

static void a_single_sample_gives_a_crossover_without_an_interval(void **state)
{
    struct make_writer writers[2];
    struct make_spec spec = crossing_at_3000(writers);
    struct case_of test;

    (void)state;
    spec.samples = 1;
    spec.noise = 0.001;
    open_case(&spec, 200, &test);
    assert_int_equal(test.pair.crossover_count, 1);
    assert_true(fabs(test.pair.crossovers[0].chunk_bytes.estimate / 3000 - 1) < 0.02);
    assert_true(isnan(test.pair.crossovers[0].chunk_bytes.low));
    close_case(&test);
}

static void the_lesson_crosses_between_128_and_256(void **state)
{
    struct run *run;
    struct case_of test;

    (void)state;
    assert_int_equal(run_load(TEST_DATA_DIR "/lesson.csv", &run, NULL), 0);
    open_run(run, 200, &test);
    assert_int_equal(test.pair.crossover_count, 1);
    assert_int_equal(test.pair.crossovers[0].below_bytes, 128);
    assert_int_equal(test.pair.crossovers[0].above_bytes, 256);
    assert_true(test.pair.crossovers[0].to_second);
    assert_int_equal(test.pair.zero_count, 4);
    /* By hand: a line in 1/chunk, from 16.6 ms more at 1/128 to 31.25 ms less at 1/256. */
    double more = 0.1259770393371582 - 0.109375, less = 0.109375 - 0.078125;
    assert_true(fabs(test.pair.crossovers[0].chunk_bytes.estimate -
                     128 / (1 - more / (more + less) / 2)) < 1e-6);
    assert_true(fabs(test.pair.ratio_highest - 13.21875 / 5.34375) < 1e-9);
    assert_true(test.pair.ratio_lowest > 0);
    close_case(&test);
}

static void a_zero_time_at_the_bracket_gives_the_bracket_only(void **state)
{
    static const char csv[] = "chunk_bytes,mmap_s,write_s\n1,1,2\n2,1,2\n4,1,0\n8,1,0\n";
    struct run *run;
    struct case_of test;

    (void)state;
    assert_int_equal(run_load_text(csv, sizeof csv - 1, &run, NULL), 0);
    open_run(run, 200, &test);
    assert_int_equal(test.pair.crossover_count, 1);
    assert_false(test.pair.crossovers[0].interpolated);
    assert_int_equal(test.pair.crossovers[0].below_bytes, 2);
    assert_int_equal(test.pair.crossovers[0].above_bytes, 4);
    close_case(&test);
}

static void scaling_all_times_leaves_the_crossover(void **state)
{
    struct make_writer writers[2];
    struct make_spec spec = crossing_at_3000(writers);
    struct case_of one, thousand;

    (void)state;
    open_case(&spec, 300, &one);
    writers[0].fixed_ns *= 1000;
    writers[1].fixed_ns *= 1000;
    open_case(&spec, 300, &thousand);
    double a = one.pair.crossovers[0].chunk_bytes.low,
           b = thousand.pair.crossovers[0].chunk_bytes.low;
    assert_true(fabs(a / b - 1) < 1e-9);
    close_case(&one);
    close_case(&thousand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_known_crossover_is_found),
        cmocka_unit_test(intervals_cover_the_truth_in_93_to_97_percent),
        cmocka_unit_test(coarse_sizes_bias_nothing),
        cmocka_unit_test(an_interval_knows_how_far_the_curve_is_no_line),
        cmocka_unit_test(where_the_two_cannot_be_told_apart_a_crossover_is_possible),
        cmocka_unit_test(equal_curves_do_not_cross_in_noise),
        cmocka_unit_test(no_crossover_names_the_winner_and_the_ratios),
        cmocka_unit_test(ratios_are_of_the_sizes_that_can_be_told),
        cmocka_unit_test(two_crossovers_are_both_shown),
        cmocka_unit_test(one_chunk_size_cannot_cross),
        cmocka_unit_test(missing_cells_are_passed_over),
        cmocka_unit_test(a_single_sample_gives_a_crossover_without_an_interval),
        cmocka_unit_test(the_lesson_crosses_between_128_and_256),
        cmocka_unit_test(a_zero_time_at_the_bracket_gives_the_bracket_only),
        cmocka_unit_test(scaling_all_times_leaves_the_crossover),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
