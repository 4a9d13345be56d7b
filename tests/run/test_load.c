/* SPDX-License-Identifier: Apache-2.0 */
#include "src/analysis/cell_table.h"
#include "src/base/number.h"
#include "src/run/load.h"
#include "tests/support/make_sides.h"

#include <errno.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Members of the rows of benchmarks, with ' for ". */
#define ROW(name, more) "'name':'" name "','run_type':'iteration','time_unit':'us'," more
#define AGGREGATE(what, time)                                                                      \
    "'name':'A_" what "','run_name':'A','run_type':'aggregate','aggregate_name':'" what            \
    "','time_unit':'ns','real_time':" time

static int load(const char *text, struct run **run, struct load_problem *problem)
{
    return run_load_text(text, strlen(text), run, problem);
}

static struct run *loaded(const char *text)
{
    struct run *run;
    struct load_problem problem;
    int error = load(text, &run, &problem);
    if (error != 0)
        fail_msg("error %d: %s", error, problem.what);
    return run;
}

/* Loads a run of these rows, up to NULL. */
static struct run *run_of(const char *row, ...)
{
    va_list more;
    char *text = NULL, separator = '[';
    size_t size;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    fputs("{'context':{'num_cpus':2},'benchmarks':", out);
    va_start(more, row);
    for (; row != NULL; row = va_arg(more, const char *), separator = ',')
        fprintf(out, "%c{%s}", separator, row);
    va_end(more);
    fputs("]}", out);
    assert_int_equal(fclose(out), 0);
    for (char *at = text; *at != '\0'; at++)
        *at = *at == '\'' ? '"' : *at;
    struct run *run = loaded(text);
    free(text);
    return run;
}

static void refused(const char *text, int error)
{
    struct run *run;
    struct load_problem problem;
    int got = load(text, &run, &problem);
    if (got != error)
        fail_msg("%d instead of %d for %.60s", got, error, text);
    assert_null(run);
    assert_non_null(problem.what);
}

static void rows_become_cells_in_nanoseconds(void **state)
{
    struct run *run =
        run_of(ROW("A/8", "'real_time':1.5,'cpu_time':1,'fill_ns':7"), ROW("B", "'real_time':2e3"),
               ROW("A/8", "'real_time':2.5,'cpu_time':1"), NULL);
    const struct cell *cell = run_cell(run, "A/8");

    (void)state;
    assert_int_equal(run->cell_count, 2);
    assert_int_equal(run->sample_count, 3);
    assert_int_equal(cell->samples, 2);
    assert_true(cell->values[METRIC_TIME][0] == 1500 && cell->values[METRIC_TIME][1] == 2500);
    assert_true(cell->values[METRIC_FILL][0] == 7 && isnan(cell->values[METRIC_FILL][1]));
    assert_null(cell->values[METRIC_CALLS]);
    assert_null(run_cell(run, "C"));
    assert_true(run_context_number(run, "num_cpus", 0) == 2);
    assert_null(run_context(run, "kernel"));
    run_free(run);
}

static void errors_and_skips_never_enter_a_statistic(void **state)
{
    struct run *run =
        run_of(ROW("A", "'error_occurred':true,'error_message':'No space left','real_time':0"),
               ROW("A", "'error_occurred':false,'real_time':3"),
               ROW("B", "'skipped':true,'skip_message':'no Direct here','real_time':0"), NULL);
    const struct cell *failed = run_cell(run, "A"), *skipped = run_cell(run, "B");
    struct summary summary;

    (void)state;
    assert_int_equal(failed->errors, 1);
    assert_string_equal(failed->error, "No space left");
    assert_int_equal(failed->samples, 1);
    assert_int_equal(cell_summarise(failed, METRIC_TIME, &summary), 0);
    assert_true(summary.minimum == 3000);
    assert_int_equal(skipped->skipped, 1);
    assert_int_equal(cell_summarise(skipped, METRIC_TIME, &summary), -ENODATA);
    run_free(run);
}

static void aggregates_count_only_where_there_is_nothing_else(void **state)
{
    struct run *alone =
        run_of(AGGREGATE("mean", "12"), AGGREGATE("median", "11"), AGGREGATE("cv", "0.1"), NULL);
    struct run *beside = run_of(AGGREGATE("median", "11"), ROW("A", "'real_time':1"), NULL);

    (void)state;
    assert_int_equal(alone->cell_count, 1);
    assert_int_equal(alone->cells[0].samples, 0);
    assert_true(alone->cells[0].aggregate_ns == 11);
    assert_int_equal(beside->cells[0].samples, 1);
    assert_true(isnan(beside->cells[0].aggregate_ns));
    run_free(alone);
    run_free(beside);
}

static void nan_infinity_and_negative_times_are_left_out(void **state)
{
    struct run *run =
        run_of(ROW("A", "'real_time':NaN"), ROW("A", "'real_time':Infinity"),
               ROW("A", "'real_time':-1"), ROW("A", "'real_time':1e999"), ROW("A", "'cpu_time':1"),
               ROW("A", "'real_time':2,'calls':NaN,'fill_ns':-Infinity"), NULL);

    (void)state;
    assert_int_equal(run->cells[0].samples, 1);
    assert_int_equal(run->cells[0].unusable, 5);
    assert_null(run->cells[0].values[METRIC_CALLS]);
    assert_null(run->cells[0].values[METRIC_FILL]);
    run_free(run);
}

static void names_that_come_twice_are_pooled_and_noted(void **state)
{
    struct run *run = run_of(ROW("A", "'repetition_index':0,'real_time':1"),
                             ROW("A", "'repetition_index':1,'real_time':1"),
                             ROW("A", "'repetition_index':0,'real_time':2"), NULL);

    (void)state;
    assert_int_equal(run->cells[0].samples, 3);
    assert_int_equal(run->cells[0].pooled, 1);
    run_free(run);
}

static void what_is_not_a_run_is_refused(void **state)
{
    (void)state;
    refused("", -ENODATA);
    refused(" \n\t", -ENODATA);
    refused("{\"benchmarks\":[]}", -ENODATA);
    refused("hello", -EBADMSG);
    refused("{\"benchmarks\":[{\"name\":\"A\",\"real_ti", -EBADMSG);
    refused("{\"benchmarks\":[{\"name\":\"A\"}]", -EBADMSG);
    refused("{\"benchmarks\":[{\"name\":\"A\"}]} x", -EBADMSG);
    refused("{\"benchmarks\":[{\"name\":\"A\"},]}", -EBADMSG);
    refused("{\"benchmarks\":[{\"name\":\"A\" \"b\":1}]}", -EBADMSG);
    refused("{\"benchmarks\":[{\"name\":\"A\",\"real_time\":01}]}", -EBADMSG);
    refused("{\"benchmarks\":[{\"name\":\"A\\x\"}]}", -EBADMSG);
    refused("{\"benchmarks\":[{\"name\":\"A\nB\"}]}", -EBADMSG);
    refused("{\"benchmarks\":[{\"name\":\"A", -EBADMSG);
    refused("{}", -EPROTO);
    refused("[1,2,3]", -EPROTO);
    refused("42", -EPROTO);
    refused("{\"benchmarks\":{}}", -EPROTO);
    refused("{\"benchmarks\":[1]}", -EPROTO);
    refused("{\"benchmarks\":[{\"real_time\":1}]}", -EPROTO);
    refused("{\"context\":3,\"benchmarks\":[]}", -EPROTO);
    refused("{\"benchmarks\":[{\"name\":\"\xff\xfe\"}]}", -EILSEQ);
    refused("{\"benchmarks\":[{\"name\":\"\xc0\xaf\"}]}", -EILSEQ);     /* overlong */
    refused("{\"benchmarks\":[{\"name\":\"\xed\xa0\x80\"}]}", -EILSEQ); /* a surrogate */
    refused("{\"benchmarks\":[{\"name\":\"\\ud800\"}]}", -EILSEQ);
    refused("{\"benchmarks\":[{\"name\":\"\xe2\x82", -EILSEQ); /* cut inside a character */
    refused("chunk_bytes,mmap_parsecs\n1,2\n", -EBADMSG);
    refused("chunk_bytes,mmap_s\n1,two\n", -EBADMSG);
    refused("chunk_bytes,mmap_s\n0,2\n", -EBADMSG);
    refused("chunk_bytes,mmap_s\n1,2,3\n", -EBADMSG);
    refused("chunk_bytes\n", -EBADMSG);
}

static void a_nul_in_the_text_is_refused(void **state)
{
    static const char text[] = "{\"benchmarks\":[{\"name\":\"A\0B\",\"real_time\":1}]}";
    struct run *run;

    (void)state;
    assert_int_equal(run_load_text(text, sizeof text - 1, &run, NULL), -EBADMSG);
    assert_null(run);
}

static void every_prefix_of_a_run_is_refused(void **state)
{
    static const char text[] =
        "{\"context\":{\"num_cpus\":2},\"benchmarks\":[{\"name\":\"A\\u00e9\\\"/8\","
        "\"real_time\":1.5e+3,\"skipped\":false,\"x\":[null,{}]}]}";
    struct run *run;

    (void)state;
    run_free(loaded(text));
    for (size_t length = 0; length < sizeof text - 1; length++) {
        assert_int_not_equal(run_load_text(text, length, &run, NULL), 0);
        assert_null(run);
    }
}

static void deep_nesting_is_refused_and_not_a_crash(void **state)
{
    enum { DEEP = 1000000 };
    char *text = malloc(DEEP + 1);

    (void)state;
    assert_non_null(text);
    memset(text, '[', DEEP);
    text[DEEP] = '\0';
    refused(text, -E2BIG);
    free(text);
}

static void a_problem_names_the_line_and_column(void **state)
{
    struct run *run;
    struct load_problem problem;

    (void)state;
    assert_int_equal(load("{\n  \"benchmarks\": [\n    7\n]}", &run, &problem), -EPROTO);
    assert_int_equal(problem.line, 3);
    assert_int_equal(problem.column, 5);
    assert_int_equal(load("{\n\"benchmarks\": [{\"name\": tru}]}", &run, &problem), -EBADMSG);
    assert_int_equal(problem.line, 2);
    assert_int_equal(load("chunk_bytes,mmap_s\n1,2\n2,x\n", &run, &problem), -EBADMSG);
    assert_int_equal(problem.line, 3);
}

static void files_that_cannot_be_read_say_why(void **state)
{
    struct run *run;
    struct load_problem problem;

    (void)state;
    assert_int_equal(run_load(TEST_DATA_DIR, &run, &problem), -EISDIR);
    assert_null(run);
    assert_int_equal(run_load(TEST_DATA_DIR "/nothing-here.json", &run, &problem), -ENOENT);
    assert_int_equal(run_load("/dev/null", &run, &problem), -ENODATA);
    assert_string_equal(problem.what, "the file is empty");
}

/* One that tells its size, and one that never ends. */
static void no_more_is_read_than_asked_for(void **state)
{
    static const char *const paths[] = {TEST_DATA_DIR "/lesson.csv", "/dev/zero"};
    char *text;
    size_t length;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(load_bytes(paths[i], 100, &text, &length), -EFBIG);
        free(text);
    }
    length = 1000;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(load_bytes(paths[0], length, &text, &length), 0);
        free(text);
    }
}

static void escapes_cannot_steer_a_terminal(void **state)
{
    struct run *run =
        run_of(ROW("A\\u001b[31m\\n\\u0000\\u009b\\u00e9\\ud83d\\ude00", "'real_time':1"), NULL);

    (void)state;
    assert_string_equal(run->cells[0].name, "A?[31m???\xc3\xa9\xf0\x9f\x98\x80");
    run_free(run);
}

static void the_size_is_inferred_from_the_throughput(void **state)
{
    struct run *run = run_of(ROW("W/chunk:1", "'real_time':2000,'bytes_per_second':5242880000"),
                             ROW("X/chunk:1", "'real_time':2000,'bytes_per_second':5242880000"),
                             ROW("X/chunk:1", "'real_time':2000,'bytes_per_second':100"),
                             ROW("Y/size:4096/chunk:1", "'real_time':1"), NULL);

    (void)state;
    assert_int_equal(run->cells[0].parts.size_bytes, 10485760);
    assert_int_equal(run->cells[1].parts.size_bytes, 0); /* its rows do not agree */
    assert_true(fabs(run->cells[2].values[METRIC_THROUGHPUT][0] - 4096e6) < 1);
    run_free(run);
}

static void numbers_read_as_strtod_reads_them(void **state)
{
    static const char *const texts[] = {"0",
                                        "-0",
                                        "1",
                                        "1.5",
                                        "1.1016257999926893e+01",
                                        "9.5184408354176044e+08",
                                        "123456789012345678901234567890",
                                        "0.1e-5",

                                        "1e22",
                                        "1e23",
                                        "9007199254740993",
                                        "8.5e-27",
                                        "2.5e-300",
                                        "1.5e300",
                                        "0.00000000000000000000000000000000000001"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        double value, expected = strtod(texts[i], NULL);
        const char *after = number_scan(texts[i], &value);
        assert_ptr_equal(after, texts[i] + strlen(texts[i]));
        if (!(fabs(value - expected) <= 2 * fabs(expected) * DBL_EPSILON))
            fail_msg("%s reads %.17g", texts[i], value);
    }
    double value;
    assert_null(number_scan("+1", &value));
    assert_null(number_scan(".5", &value));
    assert_null(number_scan("5.", &value));
    assert_null(number_scan("1e", &value));
    assert_null(number_scan("", &value));
    assert_non_null(number_scan("1e999999999999", &value));
    assert_true(isinf(value));
}

static void another_projects_run_loads_as_plain_rows(void **state)
{
    struct run *run;
    struct cell_tables tables;

    (void)state;
    assert_int_equal(run_load(TEST_DATA_DIR "/other_project.json", &run, NULL), 0);
    assert_int_equal(cell_tables_make(run, &tables), 0);
    assert_int_equal(tables.count, 0);
    assert_true(tables.plain_count > 5);
    cell_tables_free(&tables);
    run_free(run);
}

/* Its name says more than the place of the first surprise. */
static void what_other_tools_write_is_called_by_their_name(void **state)
{
    static const struct {
        const char *text, *what;
        size_t line;
    } cases[] = {
        {"{\"fio version\":\"fio-3.33\",\"jobs\":[]}", "fio", 0},
        {"{\"results\":[{\"command\":\"sleep 1\"}]}", "hyperfine", 0},
        {"[{\"jmhVersion\":\"1.36\"}]", "JMH", 0},
        {"goos: linux\nBenchmarkFoo-8  100  123 ns/op\n", "Go's benchmarks", 0},
        {"PASS\nBenchmarkFoo-8  100  123 ns/op\n", "Go's benchmarks", 0},
        {"-----\nBenchmark    Time    CPU   Iterations\n-----\n", "console of Google Benchmark", 0},
        {"name,iterations,real_time\n\"A\",1,2\n", "CSV of Google Benchmark", 0},
        {"null", "it is JSON, but not a run", 1},
        {"Run on (2 X 2000 MHz CPUs)\n", "text, and not JSON", 0},
        {"\xff\xfe{", "UTF-16", 0},
        {"{}", "it is JSON, but not a run", 1},
        {"{\"benchmarks\":[{\"name\":\"results\",", "", 1},
    };
    struct load_problem problem;
    struct run *run;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(run_load_text(cases[i].text, strlen(cases[i].text), &run, &problem) != 0);
        if (strstr(problem.what, cases[i].what) == NULL ||
            (problem.line > 0) != (cases[i].line > 0))
            fail_msg("%s: line %zu: %s", cases[i].text, problem.line, problem.what);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_become_cells_in_nanoseconds),
        cmocka_unit_test(errors_and_skips_never_enter_a_statistic),
        cmocka_unit_test(aggregates_count_only_where_there_is_nothing_else),
        cmocka_unit_test(nan_infinity_and_negative_times_are_left_out),
        cmocka_unit_test(names_that_come_twice_are_pooled_and_noted),
        cmocka_unit_test(what_is_not_a_run_is_refused),
        cmocka_unit_test(a_nul_in_the_text_is_refused),
        cmocka_unit_test(every_prefix_of_a_run_is_refused),
        cmocka_unit_test(deep_nesting_is_refused_and_not_a_crash),
        cmocka_unit_test(a_problem_names_the_line_and_column),
        cmocka_unit_test(files_that_cannot_be_read_say_why),
        cmocka_unit_test(no_more_is_read_than_asked_for),
        cmocka_unit_test(escapes_cannot_steer_a_terminal),
        cmocka_unit_test(the_size_is_inferred_from_the_throughput),
        cmocka_unit_test(numbers_read_as_strtod_reads_them),
        cmocka_unit_test(another_projects_run_loads_as_plain_rows),
        cmocka_unit_test(what_other_tools_write_is_called_by_their_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
