/* SPDX-License-Identifier: Apache-2.0 */
#include "src/analysis/advice.h"
#include "tests/support/make_results.h"
#include "tests/support/support.h"

#include <errno.h>
#include <math.h>
#include <string.h>

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

static const char *writer_name(const struct case_of *test, size_t row)
{
    return test->advice.table->writers[test->advice.rows[row].writer];
}

static void writers_are_ranked_and_ties_named(void **state)
{
    struct make_spec spec = make_small_spec();
    struct question question = {.chunk_bytes = 16384};
    struct case_of test;

    (void)state;
    assert_int_equal(ask(&spec, &question, &test), 0);
    assert_int_equal(test.advice.count, 3);
    assert_int_equal(test.advice.rows[0].mark, MARK_BEST);
    assert_int_equal(test.advice.rows[1].mark, MARK_TIED);
    assert_int_equal(test.advice.rows[2].mark, MARK_NONE);
    assert_string_equal(writer_name(&test, 2), "Mmap");
    double truth = 1e7 / make_time(&spec.writers[1], 10485760, 16384);
    assert_true(fabs(test.advice.rows[2].ratio.estimate / truth - 1) < 0.05);
    assert_true(test.advice.rows[2].ratio.low < truth && truth < test.advice.rows[2].ratio.high);
    assert_false(test.advice.inconclusive);
    close_case(&test);
}

static void times_between_the_sizes_are_interpolated(void **state)
{
    struct make_spec spec = make_small_spec();
    struct question question = {.chunk_bytes = 1448}; /* half way from 1 to 2 KiB */
    struct case_of test;

    (void)state;
    spec.noise = 0.001;
    assert_int_equal(ask(&spec, &question, &test), 0);
    assert_int_equal(test.advice.chunk_below, 1024);
    assert_int_equal(test.advice.chunk_above, 2048);
    for (size_t i = 0; i < 3; i++) {
        int maps = strcmp(writer_name(&test, i), "Mmap") == 0;
        double expected = maps ? 1e7
                               : sqrt(make_time(&spec.writers[1], 10485760, 1024) *
                                      make_time(&spec.writers[1], 10485760, 2048));
        assert_true(fabs(test.advice.rows[i].time_ns / expected - 1) < 0.005);
    }
    close_case(&test);
}

static void a_question_is_refused_where_nothing_was_measured(void **state)
{
    struct make_spec spec = make_small_spec();
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

static void single_samples_are_inconclusive(void **state)
{
    struct make_spec spec = make_small_spec();
    struct question question = {.chunk_bytes = 4096, .file = "new", .sync = "none"};
    struct case_of test;

    (void)state;
    spec.samples = 1;
    assert_int_equal(ask(&spec, &question, &test), 0);
    assert_true(test.advice.inconclusive);
    assert_true(isnan(test.advice.rows[2].ratio.low));
    close_case(&test);
}

/* A kind that the run lacks is another answer than a case of it that it lacks. */
static void each_kind_has_its_own_answer(void **state)
{
    static const struct make_writer writers[] = {
        {.name = "Write", .fixed_ns = 1e6},
        {.name = "ReadCall", .fixed_ns = 2e6, .file = "cached"},
        {.name = "ChannelPipe", .fixed_ns = 3e6, .file = "none"}};
    struct make_spec spec = make_small_spec();
    struct case_of test;

    (void)state;
    spec.writers = writers;
    for (size_t kinds = 1; kinds <= 3; kinds++) {
        spec.writer_count = kinds;
        for (int kind = 0; kind <= BM_KINDS; kind++) {
            struct question question = {.chunk_bytes = 4096, .of_kind = kind};
            int is_there = (size_t)kind <= kinds;
            assert_int_equal(ask(&spec, &question, &test), is_there ? 0 : -ENXIO);
            if (is_there)
                assert_string_equal(writer_name(&test, 0), writers[kind > 0 ? kind - 1 : 0].name);
            close_case(&test);
        }
        struct question cold = {
            .chunk_bytes = 4096, .of_kind = 1 + BM_KIND_WRITER, .file = "cached"};
        assert_int_equal(ask(&spec, &cold, &test), -ENOENT);
        close_case(&test);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_has_its_own_answer),
        cmocka_unit_test(writers_are_ranked_and_ties_named),
        cmocka_unit_test(times_between_the_sizes_are_interpolated),
        cmocka_unit_test(a_question_is_refused_where_nothing_was_measured),
        cmocka_unit_test(single_samples_are_inconclusive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
