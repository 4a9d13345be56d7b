/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict on a run, and advice. */
#include "src/analysis/advice.h"
#include "src/analysis/verdict.h"
#include "tests/support/make_results.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CHUNKS = 5 };

static const uint64_t chunks[CHUNKS] = {1024, 2048, 4096, 8192, 16384};
static const struct make_writer writers[] = {
    {.name = "Mmap", .fixed_ns = 1e7},
    {.name = "Write", .fixed_ns = 2e6, .per_call_ns = 1000},
    {.name = "Pwrite", .fixed_ns = 2e6, .per_call_ns = 1000},
};

static struct make_spec spec_of(void)
{
    return (struct make_spec){.writers = writers,
                              .writer_count = 3,
                              .chunks = chunks,
                              .chunk_count = CHUNKS,
                              .samples = 20,
                              .noise = 0.03,
                              .seed = 5,
                              .size_bytes = 10485760,
                              .counters = 1};
}

/* Whether some finding says that; *doubt as it is. */
static int says(const struct run *run, const char *words, int *doubt)
{
    struct verdict verdict;

    assert_int_equal(verdict_make(run, &verdict), 0);
    for (size_t i = 0; i < verdict.count; i++) {
        if (strstr(verdict.findings[i].text, words) != NULL) {
            *doubt = verdict.findings[i].doubt;
            return 1;
        }
    }
    return 0;
}

static void a_quiet_run_is_not_doubted(void **state)
{
    struct make_spec spec = spec_of();
    struct run *run = make_run(&spec);
    struct verdict verdict;

    (void)state;
    assert_int_equal(verdict_make(run, &verdict), 0);
    assert_int_equal(verdict.count, 0);
    assert_true(fabs(verdict.spread - 1.35 * 0.03) < 0.01);
    assert_true(fabs(verdict.drift) < 0.02);
    assert_true(verdict.stolen == 0);
    run_free(run);
}

static void noise_is_doubted(void **state)
{
    struct make_spec spec = spec_of();
    int doubt = 0;

    (void)state;
    spec.noise = 0.3;
    struct run *run = make_run(&spec);
    assert_true(says(run, "spread", &doubt));
    assert_true(doubt);
    run_free(run);
}

static void drift_is_found_in_both_directions(void **state)
{
    struct make_spec spec = spec_of();
    int doubt = 0;

    (void)state;
    for (int up = 0; up < 2; up++) {
        struct run *run = make_run(&spec);
        for (size_t i = 0; i < run->cell_count; i++)
            for (size_t s = 0; s < 20; s++)
                run->cells[i].values[METRIC_TIME][s] *= 1 + 0.02 * (double)(up ? s : 20 - s);
        assert_true(says(run, up ? "became slower" : "became faster", &doubt));
        assert_true(doubt);
        run_free(run);
    }
}

/* Sets a counter of every sample, or makes its column. */
static void set_counter(struct run *run, enum metric metric, double value)
{
    for (size_t i = 0; i < run->cell_count; i++)
        for (size_t s = 0; s < run->cells[i].samples; s++)
            run->cells[i].values[metric][s] = value;
}

static void stolen_time_switches_and_writeback_are_found(void **state)
{
    struct make_spec spec = spec_of();
    struct run *run = make_run(&spec);
    int doubt = 0;

    (void)state;
    set_counter(run, METRIC_STOLEN, 2e6);
    set_counter(run, METRIC_INVOLUNTARY, 10);
    set_counter(run, METRIC_WRITEBACK, 8e6);
    assert_true(says(run, "hypervisor", &doubt) && doubt);
    assert_true(says(run, "put aside", &doubt) && doubt);
    assert_true(says(run, "writeback disturbed", &doubt) && doubt);
    run_free(run);
}

static void load_tmpfs_and_few_samples_are_said(void **state)
{
    struct make_spec spec = spec_of();
    int doubt = 0;

    (void)state;
    spec.context = ",\"load_avg\":[3.5,1.0,0.5],\"file_system\":\"tmpfs\"";
    spec.samples = 3;
    struct run *run = make_run(&spec);
    assert_true(says(run, "load was 3.5 on 2 cores", &doubt) && doubt);
    assert_true(says(run, "tmpfs", &doubt) && !doubt);
    assert_true(says(run, "fewer than 6 samples", &doubt) && doubt);
    run_free(run);
}

struct case_of {
    struct run *run;
    struct cell_tables tables;
    struct bootstrap bootstrap;
    struct advice advice;
};

static int ask(const struct make_spec *spec, const struct question *question, struct case_of *test)
{
    test->run = make_run(spec);
    assert_int_equal(cell_tables_make(test->run, &test->tables), 0);
    assert_int_equal(bootstrap_make(test->run, METRIC_TIME, 500, 1, &test->bootstrap), 0);
    return advice_make(&test->bootstrap, &test->tables, question, &test->advice);
}

static void close_case(struct case_of *test)
{
    advice_free(&test->advice);
    bootstrap_free(&test->bootstrap);
    cell_tables_free(&test->tables);
    run_free(test->run);
}

static const char *writer_name(const struct case_of *test, size_t row, char *name)
{
    struct span span = test->advice.table->writers[test->advice.rows[row].writer];
    memcpy(name, span.text, span.length);
    name[span.length] = '\0';
    return name;
}

static void advice_ranks_writers_and_names_ties(void **state)
{
    struct make_spec spec = spec_of();
    struct question question = {.chunk_bytes = 16384};
    struct case_of test;
    char name[64];

    (void)state;
    assert_int_equal(ask(&spec, &question, &test), 0);
    assert_int_equal(test.advice.count, 3);
    assert_int_equal(test.advice.rows[0].mark, MARK_BEST);
    assert_int_equal(test.advice.rows[1].mark, MARK_TIED);
    assert_int_equal(test.advice.rows[2].mark, MARK_NONE);
    assert_string_equal(writer_name(&test, 2, name), "Mmap");
    double truth = 1e7 / make_time(&writers[1], 10485760, 16384);
    assert_true(fabs(test.advice.rows[2].ratio.estimate / truth - 1) < 0.05);
    assert_true(test.advice.rows[2].ratio.low < truth && truth < test.advice.rows[2].ratio.high);
    assert_false(test.advice.cannot_tell);
    close_case(&test);
}

static void advice_between_the_sizes_is_interpolated(void **state)
{
    struct make_spec spec = spec_of();
    struct question question = {.chunk_bytes = 1448}; /* half way from 1 to 2 KiB */
    struct case_of test;
    char name[64];

    (void)state;
    spec.noise = 0.001;
    assert_int_equal(ask(&spec, &question, &test), 0);
    assert_int_equal(test.advice.chunk_below, 1024);
    assert_int_equal(test.advice.chunk_above, 2048);
    for (size_t i = 0; i < 3; i++) {
        int maps = strcmp(writer_name(&test, i, name), "Mmap") == 0;
        double expected = maps ? 1e7
                               : sqrt(make_time(&writers[1], 10485760, 1024) *
                                      make_time(&writers[1], 10485760, 2048));
        assert_true(fabs(test.advice.rows[i].time_ns / expected - 1) < 0.005);
    }
    close_case(&test);
}

static void advice_is_refused_where_nothing_was_measured(void **state)
{
    struct make_spec spec = spec_of();
    struct question outside = {.chunk_bytes = 512};
    struct question other = {.chunk_bytes = 4096, .file = "overwrite"};
    struct question size = {.chunk_bytes = 4096, .size_bytes = 4096};
    struct case_of test;

    (void)state;
    assert_int_equal(ask(&spec, &outside, &test), -ERANGE);
    close_case(&test);
    assert_int_equal(ask(&spec, &other, &test), -ENOENT);
    close_case(&test);
    assert_int_equal(ask(&spec, &size, &test), -ENOENT);
    close_case(&test);
}

static void advice_from_single_samples_cannot_tell(void **state)
{
    struct make_spec spec = spec_of();
    struct question question = {.chunk_bytes = 4096, .file = "new", .sync = "none"};
    struct case_of test;

    (void)state;
    spec.samples = 1;
    assert_int_equal(ask(&spec, &question, &test), 0);
    assert_true(test.advice.cannot_tell);
    assert_true(isnan(test.advice.rows[2].ratio.low));
    close_case(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quiet_run_is_not_doubted),
        cmocka_unit_test(noise_is_doubted),
        cmocka_unit_test(drift_is_found_in_both_directions),
        cmocka_unit_test(stolen_time_switches_and_writeback_are_found),
        cmocka_unit_test(load_tmpfs_and_few_samples_are_said),
        cmocka_unit_test(advice_ranks_writers_and_names_ties),
        cmocka_unit_test(advice_between_the_sizes_is_interpolated),
        cmocka_unit_test(advice_is_refused_where_nothing_was_measured),
        cmocka_unit_test(advice_from_single_samples_cannot_tell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
