/* SPDX-License-Identifier: Apache-2.0 */
/* The values of the cells of a machine, run after run. */
#include "src/statistics/quantiles.h"
#include "tests/support/store_tests.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int is_wanted(const char *cell, void *data) { return strstr(cell, data) != NULL; }

static const struct history_cell *cell_of(const struct history_series *series, const char *part)
{
    for (size_t c = 0; c < series->cell_count; c++)
        if (strstr(series->cells[c].name, part) != NULL)
            return &series->cells[c];
    fail_msg("no cell %s", part);
    return NULL;
}

static void check_value(const struct history_series *series, size_t run, const char *part,
                        const struct test_run_spec *spec)
{
    char *text = test_run_text(spec);
    struct run *loaded;
    const struct history_cell *kept = cell_of(series, part);
    const struct history_value *value = &kept->values[run];

    assert_int_equal(run_load_text(text, strlen(text), &loaded, NULL), 0);
    const struct cell *cell = run_cell(loaded, kept->name);
    assert_non_null(cell);
    stats_sort(cell->values[METRIC_TIME], cell->samples);
    assert_true(value->location_ns == stats_location(cell->values[METRIC_TIME], cell->samples));
    assert_true(value->pace_ns == stats_pace(cell->values[METRIC_TIME], cell->samples));
    assert_int_equal(value->samples, cell->samples);
    assert_int_equal(value->errors, 0);
    run_free(loaded);
    free(text);
}

static void reads_the_series_of_a_machine(void **state)
{
    struct history *history = test_open(store_url, HISTORY_CREATE);
    struct history_series series;
    const struct test_run_spec specs[] = {
        {.machine = "aa", .minute = 3, .seed = 1, .samples = 7},
        {.machine = "aa", .minute = 1, .seed = 2, .samples = 4, .without_write = 1},
        {.machine = "bb", .minute = 2, .seed = 3},
        {.machine = "aa", .minute = 2, .seed = 4}};

    (void)state;
    for (size_t i = 0; i < 4; i++)
        test_add(history, &specs[i]);
    struct history_query query = {.machine = "aa"};
    assert_int_equal(history_read(history, &query, &series), 0);
    assert_int_equal(series.runs.count, 3);
    assert_int_equal(series.cell_count, 4);
    for (size_t c = 1; c < 4; c++)
        assert_true(strcmp(series.cells[c - 1].name, series.cells[c].name) < 0);
    check_value(&series, 0, "Mmap/file:new/sync:none/size:1048576/chunk:4096", &specs[1]);
    check_value(&series, 1, "Write/file:new/sync:none/size:1048576/chunk:65536", &specs[3]);
    check_value(&series, 2, "Mmap/file:new/sync:none/size:1048576/chunk:65536", &specs[0]);
    const struct history_value *missing = &cell_of(&series, "Write/")->values[0];
    assert_true(isnan(missing->location_ns));
    assert_true(isnan(missing->pace_ns));
    assert_int_equal(missing->samples, 0);
    assert_string_equal(history_context(&series.runs.runs[1], "date"), "2026-01-01T00:02:00+00:00");
    history_series_free(&series);

    query =
        (struct history_query){.machine = "aa", .newest = 2, .wants = is_wanted, .data = "Write/"};
    assert_int_equal(history_read(history, &query, &series), 0);
    assert_int_equal(series.runs.count, 2);
    assert_int_equal(series.cell_count, 2);
    check_value(&series, 1, "chunk:4096", &specs[0]);
    history_series_free(&series);
    query = (struct history_query){.machine = "cc"};
    assert_int_equal(history_read(history, &query, &series), 0);
    assert_int_equal(series.runs.count + series.cell_count, 0);
    history_series_free(&series);
    history_close(history);
}

static char *many_cells(size_t cells)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    fputs(
        "{\"context\":{\"date\":\"2026-01-01T00:00:00Z\",\"machine_key\":\"aa\"},"
        "\"benchmarks\":[",
        out);
    for (size_t i = 0; i < cells; i++) {
        fprintf(out,
                "%s{\"name\":\"BM/%zu\",\"run_type\":\"iteration\",\"real_time\":%zu,"
                "\"cpu_time\":1,\"time_unit\":\"ns\"}",
                i > 0 ? "," : "", i, i + 1);
    }
    fputs(
        ",{\"name\":\"BM/0\",\"run_type\":\"iteration\",\"error_occurred\":true,"
        "\"error_message\":\"no\"},"
        "{\"name\":\"BM/agg_median\",\"run_name\":\"BM/agg\",\"run_type\":\"aggregate\","
        "\"aggregate_name\":\"median\",\"real_time\":7,\"cpu_time\":7,\"time_unit\":\"ns\"}]}",
        out);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void takes_many_cells_errors_and_aggregates(void **state)
{
    enum { CELLS = 250 };
    struct history *history = test_open(store_url, HISTORY_CREATE);
    struct history_query query = {.machine = "aa"};
    struct history_series series;
    char *text = many_cells(CELLS);

    (void)state;
    assert_int_equal(store_add(history, text, NULL, NULL, NULL), 0);
    assert_int_equal(history_read(history, &query, &series), 0);
    assert_int_equal(series.cell_count, CELLS + 1);
    for (size_t c = 0; c < series.cell_count; c++) {
        const char *name = series.cells[c].name;
        const struct history_value *value = &series.cells[c].values[0];
        if (strcmp(name, "BM/agg") == 0)
            assert_true(value->location_ns == 7 && isnan(value->pace_ns) && value->samples == 0);
        else
            assert_true(value->location_ns == atof(name + 3) + 1);
        assert_int_equal(value->errors, strcmp(name, "BM/0") == 0);
    }
    assert_int_equal(series.runs.runs[0].errors, 1);
    history_series_free(&series);
    history_close(history);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(reads_the_series_of_a_machine),
        STORE_TEST(takes_many_cells_errors_and_aggregates),
    };
    return STORE_TESTS(tests);
}
