/* SPDX-License-Identifier: Apache-2.0 */
#include "src/analysis/claims.h"
#include "src/run/load.h"
#include "tests/support/make_results.h"
#include "tests/support/support.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { REPLICATES = 200 };

/* Mmap takes 10 ms and a fault a page; Write and Pwrite 12.2, 7.1, 4.6, 3.3 and 2.6 ms. */
static struct run *small_run(size_t samples, uint64_t seed)
{
    struct make_writer writers[] = {
        {.name = "Mmap", .fixed_ns = 1e7, .faults = 2560},
        {.name = "Write", .fixed_ns = 2e6, .per_call_ns = 1000},
        {.name = "Pwrite", .fixed_ns = 2e6, .per_call_ns = 1000},
    };
    struct make_spec spec = make_small_spec();

    spec.writers = writers;
    spec.samples = samples;
    spec.seed = seed;
    spec.context = ",\"file_system\":\"ext4\",\"page_size_bytes\":4096";
    return make_run(&spec);
}

/* claims may be NULL: nothing that the result points to is looked at. */
static struct claim_result ask(const struct run *run, const char *condition, struct claims *claims)
{
    struct claims own;
    struct claims_problem problem;
    struct claim_result result;
    char text[300];

    snprintf(text, sizeof text, "claim a\n holds %s\n", condition);
    if (claims_parse(text, strlen(text), &own, &problem) != 0)
        fail_msg("%s: fault %d at column %zu", condition, (int)problem.fault, problem.column);
    assert_int_equal(claims_judge(run, &own, REPLICATES, 1, &result), 0);
    if (claims != NULL)
        *claims = own;
    else
        claims_free(&own);
    return result;
}

static void conditions_are_judged(void **state)
{
    static const struct {
        const char *condition;
        enum claim_outcome outcome;
        enum claim_missing missing;
        size_t cells;
        double figure; /* 0: not looked at */
        const char *cell;
    } cases[] = {
        {"Mmap < Write where file:new, chunk:..1K", CLAIM_HOLDS, 0, 1, 10 / 12.24, NULL},
        {"Mmap < Write", CLAIM_FAILS, 0, 5, 10 / 2.64, "chunk:16384/"},
        {"Mmap < 4 Write", CLAIM_HOLDS, 0, 5, 10 / 2.64, "chunk:16384/"},
        {"Mmap<Write where chunk:1K,2K", CLAIM_FAILS, 0, 2, 10 / 7.12, "chunk:2048/"},
        {"Write < 1.10 Pwrite", CLAIM_HOLDS, 0, 5, 1, NULL},
        {"Write < Pwrite", CLAIM_INCONCLUSIVE, 0, 5, 1, NULL},
        {"Mmap faults >= pages", CLAIM_HOLDS, 0, 5, 1, NULL},
        {"Mmap faults > pages", CLAIM_FAILS, 0, 5, 1, NULL},
        {"Mmap faults <= 2560", CLAIM_HOLDS, 0, 5, 2560, NULL},
        {"Mmap faults < 1.1 Write", CLAIM_FAILS, 0, 5, 0, NULL},
        {"Write faults <= 0", CLAIM_HOLDS, 0, 5, 0, NULL},
        {"Write calls > chunks", CLAIM_HOLDS, 0, 5, 0, "chunk:1024/"},
        {"Mmap < 11ms", CLAIM_HOLDS, 0, 5, 1e7, NULL},
        {"Mmap > 0.011s where chunk:4K", CLAIM_FAILS, 0, 1, 1e7, NULL},
        {"Mmap throughput > 900M", CLAIM_HOLDS, 0, 5, 1e9 * 1.048576, NULL},
        {"Write throughput < 0.9 Mmap where chunk:1K", CLAIM_HOLDS, 0, 1, 10 / 12.24, NULL},
        {"Write/chunk:16K < 0.25 Write/chunk:1K", CLAIM_HOLDS, 0, 1, 2.64 / 12.24, NULL},
        {"Mmap < Write where chunk:1K, fs:xfs,ext4", CLAIM_HOLDS, 0, 1, 0, NULL},
        {"Mmap < Write where chunk:1K, fs:xfs", CLAIM_NOT_MEASURED, MISSING_FILE_SYSTEM, 0, 0,
         NULL},
        {"Mmap < ReadMmap", CLAIM_NOT_MEASURED, MISSING_SERIES, 0, 0, NULL},
        {"Mmap < Write where chunk:..512", CLAIM_NOT_MEASURED, MISSING_CELLS, 0, 0, NULL},
        {"Mmap < Write where chunk:1K,512", CLAIM_NOT_MEASURED, MISSING_VALUE, 1, 0, NULL},
        {"Mmap < Write where chunk:2K,512", CLAIM_FAILS, 0, 1, 0, NULL},
        {"Mmap < Write where order:random", CLAIM_NOT_MEASURED, MISSING_CELLS, 0, 0, NULL},
    };
    struct run *run = small_run(20, 3);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct claim_result result = ask(run, cases[i].condition, NULL);
        if (result.outcome != cases[i].outcome || result.missing != cases[i].missing ||
            result.cells != cases[i].cells)
            fail_msg("%s: outcome %d, missing %d, %zu cells", cases[i].condition,
                     (int)result.outcome, (int)result.missing, result.cells);
        if (cases[i].figure > 0 && fabs(result.figure.estimate / cases[i].figure - 1) > 0.05)
            fail_msg("%s: %g", cases[i].condition, result.figure.estimate);
        if (cases[i].cell != NULL && strstr(result.cell->name, cases[i].cell) == NULL)
            fail_msg("%s: decided by %s", cases[i].condition, result.cell->name);
    }
    run_free(run);
}

static void what_is_missing_is_named(void **state)
{
    struct run *run = small_run(20, 3);
    struct claims claims;
    struct claim_result result = ask(run, "Mmap < Write where chunk:1K,512", &claims);

    (void)state;
    assert_true(span_is(result.what, "512"));
    claims_free(&claims);
    result = ask(run, "Mmap < ReadMmap", &claims);
    assert_true(span_is(result.what, "ReadMmap"));
    claims_free(&claims);
    run_free(run);
}

static struct run *load(const char *rows)
{
    struct run *run;
    char text[2000];

    snprintf(text, sizeof text, "{\"context\":{},\"benchmarks\":[%s]}", rows);
    assert_int_equal(run_load_text(text, strlen(text), &run, NULL), 0);
    return run;
}

#define ROW(name, time)                                                                            \
    "{\"name\":\"" name "\",\"run_type\":\"iteration\",\"real_time\":" #time                       \
    ",\"time_unit\":\"ms\"}"

#define TWICE(name, time) ROW(name, time) "," ROW(name, time)

static void parts_that_few_names_have_are_looked_at_where_they_are_named(void **state)
{
    struct run *run = load(TWICE("A/chunk:8", 1) "," TWICE("B/chunk:8", 2));

    (void)state;
    assert_int_equal(ask(run, "A < B", NULL).cells, 1);
    run_free(run);
    run = load(TWICE("A/chunk:8", 1) "," TWICE("B/chunk:8", 2) "," TWICE(
        "A/chunk:8/threads:4", 2) "," TWICE("B/chunk:8/threads:4", 1));
    assert_int_equal(ask(run, "A < B", NULL).outcome, CLAIM_HOLDS);
    assert_int_equal(ask(run, "A < B where threads:2..", NULL).outcome, CLAIM_FAILS);
    run_free(run);
}

static void single_samples_and_failed_cells_give_no_answer(void **state)
{
    struct run *run = small_run(1, 3);

    (void)state;
    assert_int_equal(ask(run, "Mmap < Write", NULL).outcome, CLAIM_INCONCLUSIVE);
    run_free(run);
    run = load(TWICE("A/chunk:8", 1) "," TWICE("A/chunk:16", 1) "," TWICE(
        "B/chunk:8",
        2) ",{\"name\":\"B/chunk:16\",\"run_type\":\"iteration\",\"error_occurred\":true,"
           "\"error_message\":\"no\",\"real_time\":0,\"time_unit\":\"ms\"}");
    struct claim_result result = ask(run, "A < B", NULL);
    assert_int_equal(result.outcome, CLAIM_NOT_MEASURED);
    assert_int_equal(result.missing, MISSING_SAMPLES);
    assert_string_equal(result.cell->name, "A/chunk:16");
    assert_int_equal(ask(run, "A > B", NULL).outcome, CLAIM_FAILS);
    run_free(run);
}

/* Two ways of the same cost, in five cells: that one of them differs is said in one of twenty runs.
 */
static void intervals_hold_for_all_cells_at_once(void **state)
{
    int told = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct run *run = small_run(20, seed);
        told += ask(run, "Write < Pwrite", NULL).outcome == CLAIM_FAILS;
        told += ask(run, "Write > Pwrite", NULL).outcome == CLAIM_FAILS;
        run_free(run);
    }
    if (told > 10)
        fail_msg("told apart in %d of 100", told);
}

static void what_is_wrong_in_a_text_is_found(void **state)
{
    static const struct {
        const char *text;
        enum claims_fault fault;
        size_t line, column;
        const char *word;
    } cases[] = {
        {"", CLAIMS_NONE, 1, 1, ""},
        {"# nothing\n", CLAIMS_NONE, 2, 1, ""},
        {"claim\n", CLAIMS_UNNAMED, 1, 6, ""},
        {"holds A < B\n", CLAIMS_OUTSIDE, 1, 1, "holds"},
        {"claim a\nholdz A < B\n", CLAIMS_KEYWORD, 2, 1, "holdz"},
        {"claim a always\n", CLAIMS_REST, 1, 9, "always"},
        {"claim a must be\n", CLAIMS_REST, 1, 14, "be"},
        {"claim a\n says x\nclaim b\n", CLAIMS_NO_CONDITION, 3, 1, "claim"},
        {"claim a\n says x", CLAIMS_NO_CONDITION, 2, 7, ""},
        {"claim a\n holds A < B\nclaim a\n", CLAIMS_NAME_TWICE, 3, 7, "a"},
        {"claim a\n says x\n says y\n", CLAIMS_LINE_TWICE, 3, 2, "says"},
        {"claim a\n holds \n", CLAIMS_LINE_EMPTY, 2, 2, "holds"},
        {"claim a\n says \x1b[m\n", CLAIMS_TEXT, 2, 1, ""},
        {"claim a\n holds < B", CLAIMS_SERIES, 2, 8, "<"},
        {"claim a\n holds A <", CLAIMS_SERIES, 2, 11, ""},
        {"claim a\n holds A < 2 3", CLAIMS_SERIES, 2, 14, "3"},
        {"claim a\n holds A", CLAIMS_OPERATOR, 2, 9, ""},
        {"claim a\n holds A = B", CLAIMS_OPERATOR, 2, 10, "="},
        {"claim a\n holds A fautls < B", CLAIMS_METRIC, 2, 10, "fautls"},
        {"claim a\n holds A < 0 B", CLAIMS_NUMBER, 2, 12, "0"},
        {"claim a\n holds A < 1e999s", CLAIMS_NUMBER, 2, 12, "1e999s"},
        {"claim a\n holds A < 5", CLAIMS_UNIT, 2, 12, "5"},
        {"claim a\n holds A < 5 where b:c", CLAIMS_UNIT, 2, 12, "5"},
        {"claim a\n holds A < 5mm", CLAIMS_UNIT, 2, 12, "5mm"},
        {"claim a\n holds A faults < 5K", CLAIMS_UNIT, 2, 19, "5K"},
        {"claim a\n holds A < pages", CLAIMS_UNIT, 2, 12, "pages"},
        {"claim a\n holds A/b:c < B", CLAIMS_SIDES, 2, 8, "A/b:c"},
        {"claim a\n holds A/b:c < B/d:e", CLAIMS_SIDES, 2, 8, "A/b:c"},
        {"claim a\n holds A/b: < B", CLAIMS_AXIS, 2, 10, "b:"},
        {"claim a\n holds A < B and C", CLAIMS_REST, 2, 14, "and"},
        {"claim a\n holds A < B where", CLAIMS_AXIS, 2, 19, ""},
        {"claim a\n holds A < B where new", CLAIMS_AXIS, 2, 20, "new"},
        {"claim a\n holds A < B where b:c,,", CLAIMS_AXIS, 2, 24, ""},
        {"claim a\n holds A < B where b:..", CLAIMS_RANGE, 2, 22, ".."},
        {"claim a\n holds A < B where b:4K..1K", CLAIMS_RANGE, 2, 22, "4K..1K"},
        {"claim a\n holds A < B where b:1K..x", CLAIMS_RANGE, 2, 22, "1K..x"},
        {"claim a\n holds A < B where b:..1K, 2K", CLAIMS_RANGE, 2, 28, "2K"},
        {"claim a\n holds A < B where b:1K, 2K..", CLAIMS_RANGE, 2, 26, "2K.."},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct claims claims;
        struct claims_problem problem;
        int error = claims_parse(cases[i].text, strlen(cases[i].text), &claims, &problem);
        claims_free(&claims);
        if (error != -EINVAL || problem.fault != cases[i].fault || problem.line != cases[i].line ||
            problem.column != cases[i].column || strcmp(problem.word, cases[i].word) != 0)
            fail_msg("%s: error %d, fault %d at %zu:%zu '%s'", cases[i].text, error,
                     (int)problem.fault, problem.line, problem.column, problem.word);
    }
    struct claims claims;
    assert_int_equal(claims_parse("claim a\0", 8, &claims, &(struct claims_problem){0}), -EINVAL);
    claims_free(&claims);
}

static void the_lines_of_a_claim_are_kept(void **state)
{
    static const char text[] =
        "# ours\r\n\tclaim\ta must\r\n  source us\n  holds A < B  \n says  x y \n"
        "claim b\n holds A/chunk:4K fill >= 2 B/chunk:8K where b: c , d, e:1K..";
    struct claims claims;
    struct claims_problem problem;

    (void)state;
    assert_int_equal(claims_parse(text, strlen(text), &claims, &problem), 0);
    assert_int_equal(claims.count, 2);
    assert_string_equal(claims.items[0].name, "a");
    assert_string_equal(claims.items[0].says, "x y");
    assert_string_equal(claims.items[0].source, "us");
    assert_string_equal(claims.items[0].condition, "A < B");
    assert_true(claims.items[0].must);
    const struct claim *claim = &claims.items[1];
    assert_true(!claim->must && claim->source == NULL && claim->factor == 2);
    assert_true(claim->metric == METRIC_FILL && claim->operation == CLAIM_AT_LEAST);
    assert_true(span_is(claim->first.series, "A") && span_is(claim->second.series, "B"));
    assert_true(claim->second.axes.items[0].values[0].number == 8192);
    assert_int_equal(claim->where.count, 2);
    assert_true(span_is(claim->where.items[0].values[1].text, "d"));
    assert_true(claim->where.items[1].low == 1024 && isinf(claim->where.items[1].high));
    claims_free(&claims);
}

static void all_published_claims_can_be_judged(void **state)
{
    struct claims claims;
    struct run *run = small_run(20, 3);

    (void)state;
    assert_int_equal(claims_published(&claims), 0);
    assert_true(claims.count >= 15);
    struct claim_result *results = calloc(claims.count, sizeof *results);
    assert_non_null(results);
    assert_int_equal(claims_judge(run, &claims, REPLICATES, 1, results), 0);
    for (size_t i = 0; i < claims.count; i++) {
        assert_true(claims.items[i].says != NULL && claims.items[i].source != NULL);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(claims.items[i].name, claims.items[j].name);
        if (strcmp(claims.items[i].name, "mentor-small-chunks") == 0)
            assert_int_equal(results[i].outcome, CLAIM_HOLDS);
        if (strcmp(claims.items[i].name, "lesson-small-chunks") == 0)
            assert_int_equal(results[i].missing, MISSING_CELLS);
    }
    free(results);
    claims_free(&claims);
    run_free(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conditions_are_judged),
        cmocka_unit_test(what_is_missing_is_named),
        cmocka_unit_test(parts_that_few_names_have_are_looked_at_where_they_are_named),
        cmocka_unit_test(single_samples_and_failed_cells_give_no_answer),
        cmocka_unit_test(intervals_hold_for_all_cells_at_once),
        cmocka_unit_test(what_is_wrong_in_a_text_is_found),
        cmocka_unit_test(the_lines_of_a_claim_are_kept),
        cmocka_unit_test(all_published_claims_can_be_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
