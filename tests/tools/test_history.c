/* SPDX-License-Identifier: Apache-2.0 */
/* bench_results history as a user meets it, and the curves that it draws. */
#include "src/base/random.h"
#include "src/report/history_reports.h"
#include "tests/support/make_sides.h"
#include "tests/support/make_watch.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RUNS = 60, STEP = 40 };

static struct watch_ids ids;

static double changes(const char *writer, uint64_t chunk_bytes, size_t at)
{
    if (strcmp(writer, "Write") == 0 && chunk_bytes == 4096)
        return at >= STEP ? 1.5 : 1;
    if (strcmp(writer, "Pwrite") == 0 && chunk_bytes == 4096)
        return at >= STEP ? 1 : at >= 20 ? 0.5 : 1;
    if (strcmp(writer, "Mmap") == 0 && chunk_bytes == 65536)
        return at >= 10 && at < 30 ? WATCH_MISSING : 1;
    return 1;
}

static int set_up(void **state)
{
    (void)state;
    test_directory_create(&place);
    char *url = path_in("h.db");
    watch_make(url, &(struct watch_spec){.runs = RUNS, .factor = changes}, &ids);
    free(url);
    return 0;
}

/* The line of the output that begins with that; the caller's. */
static char *line_of(const char *out, const char *start)
{
    for (const char *line = out; *line != '\0'; line += strcspn(line, "\n")) {
        line += *line == '\n';
        if (strncmp(line, start, strlen(start)) == 0)
            return strndup(line, strcspn(line, "\n"));
    }
    fail_msg("no line begins with '%s':\n%s", start, out);
    return NULL;
}

static void draws(const double *time, size_t count, size_t width, int unicode, const char *expected)
{
    char text[SPARKLINE_TEXT];
    double room[100];

    sparkline(time, count, width, unicode, room, text);
    assert_string_equal(text, expected);
}

static void a_curve_shows_levels_gaps_and_medians(void **state)
{
    const double none = (double)NAN;

    (void)state;
    draws((const double[]){1, 2, 4, 8, 16, 32, 64, 128}, 8, 20, 0, "_.:-=+#@");
    draws((const double[]){1, none, 128, 0}, 4, 20, 1, "▁·█·");
    draws((const double[]){1, none, 128, 0}, 4, 20, 0, "_ @ ");
    /* Noise of one per cent stays in the middle. */
    draws((const double[]){100, 101, 100}, 3, 20, 0, "-=-");
    draws((const double[]){5, 5}, 2, 20, 0, "==");
    /* Two values a sign: an outlier among three does not show, a gap needs all. */
    draws((const double[]){1, 1, 900, 128, 128, 128}, 6, 2, 0, "_@");
    draws((const double[]){none, none, 1, none, 128, 128}, 6, 3, 0, " _@");
    draws((const double[]){none, none}, 2, 20, 0, "  ");
}

static void a_long_history_is_as_wide_as_the_page(void **state)
{
    double time[1000], room[1000];
    char text[SPARKLINE_TEXT];

    (void)state;
    for (size_t i = 0; i < 1000; i++)
        time[i] = i < 500 ? 1 : 100;
    sparkline(time, 1000, 10, 0, room, text);
    assert_string_equal(text, "_____@@@@@");
    sparkline(time, 1000, 5000, 1, room, text);
    assert_int_equal(strlen(text), SPARKLINE_TEXT - 1);
}

static void a_cell_has_a_line_with_its_changes(void **state)
{
    struct test_process process = run("history --db=@h.db --width=250", NULL);

    (void)state;
    assert_int_equal(process.status, 0);
    assert_non_null(
        strstr(process.out, "Machine aa: 60 runs from 2026-01-01 00:00 to 2026-01-03 11:00 (run "));
    assert_non_null(strstr(process.out, "9 cells"));
    assert_non_null(strstr(process.out, "and 2 controls."));
    char *line = line_of(process.out, "Write/chunk:4096 ");
    assert_non_null(strstr(line, " 60 "));
    assert_non_null(strstr(line, " % 2026-01-02 r0040"));
    assert_non_null(strstr(line, "▁"));
    free(line);
    line = line_of(process.out, "Pwrite/chunk:4096 ");
    assert_non_null(strstr(line, " % 2026-01-02 r0040; 1 more"));
    free(line);
    line = line_of(process.out, "Mmap/chunk:65536 ");
    assert_non_null(strstr(line, "·"));
    assert_non_null(strstr(line, " 40"));
    assert_null(strstr(line, "%"));
    free(line);
    test_process_free(&process);
    SAYS("history Memcpy|EmptyCall --db=@h.db --width=100", 0, "\nMemcpy ", "\nEmptyCall ");
    /* The heading of the changes has its place beside the curves, and none without a change. */
    process = run("history ^Write --db=@h.db --width=100", NULL);
    line = line_of(process.out, "cell ");
    assert_non_null(strstr(line, "  changes"));
    free(line);
    test_process_free(&process);
    process = run("history Memcpy|EmptyCall --db=@h.db", NULL);
    assert_non_null(strstr(process.out, "No change was found."));
    assert_non_null(strstr(process.out, "A time is the mean of the fastest quarter of a run's "));
    assert_null(strstr(process.out, "changes"));
    test_process_free(&process);
    SAYS("history --db=@h.db --all --width=170", 0, "2026-01-02 r0040; −", "% 2026-01-01 r0020");
}

static void a_regular_expression_picks_cells(void **state)
{
    struct test_process process =
        run("history ^P?[Ww]rite.*chunk:(4096|65536)/ --db=@h.db --width=200", NULL);

    (void)state;
    assert_int_equal(process.status, 0);
    assert_non_null(strstr(process.out, "4 cells, all of file:new/sync:none/size:1048576"));
    assert_null(strstr(process.out, "Mmap"));
    assert_null(strstr(process.out, "1048576 "));
    test_process_free(&process);
    SAYS("history Nothing --db=@h.db", 1,
         "no cell of machine aa matches 'Nothing'; the store has 11 cells");
    SAYS("history [a --db=@h.db", 1, "'[a' is no extended regular expression: ");
    SAYS("history a b --db=@h.db", 1, "give one regular expression at most");
}

static void fewer_runs_may_be_asked_for(void **state)
{
    (void)state;
    SAYS("history ^Write --db=@h.db --last=12", 0, "12 of 60 runs from 2026-01-03 00:00");
}

static void accepted_changes_are_marked(void **state)
{
    char words[300], name[120], *url = path_in("accepted.db");
    struct watch_ids own;

    (void)state;
    watch_make(url, &(struct watch_spec){.runs = RUNS, .factor = changes}, &own);
    watch_name("Write", 4096, name);
    /* A run beside the step: where a step is found is not surer. */
    snprintf(words, sizeof words, "bless %s --at=%s --reason=tuned --db=@accepted.db", name,
             own.of[STEP + 1]);
    SAYS(words, 0, "accepted");
    SAYS("history --db=@accepted.db --width=170", 0, "2026-01-02 r0040 accepted",
         "Accepted: Write/file:new", ": tuned.");
    struct test_process process = run("history ^Pwrite --db=@accepted.db --width=170", NULL);
    assert_null(strstr(process.out, "r0040 accepted"));
    test_process_free(&process);
    SAYS("history ^Write --db=@accepted.db --format=csv", 0, "tuned,1,0\n");
    free(url);
}

/* What is there in a run is still there in the next one, for the most part. */
static double persistent(const char *writer, uint64_t chunk_bytes, size_t at)
{
    struct random random;
    double level = 0;

    random_seed(&random, chunk_bytes + (uint64_t)writer[0] + (uint64_t)writer[1]);
    for (size_t i = 0; i <= at; i++)
        level = 0.7 * level + 0.03 * random_normal(&random);
    return exp(level);
}

static void noise_that_persists_is_no_change(void **state)
{
    char *url = path_in("persistent.db");
    size_t steps = 0;

    (void)state;
    watch_make(url, &(struct watch_spec){.runs = 100, .factor = persistent}, NULL);
    struct test_process process = run("history --db=@persistent.db --format=csv", NULL);
    for (const char *line = process.out; *line != '\0'; line = strchr(line, '\n') + 1)
        steps++;
    /* A heading and a level a cell; it would be 39 if the noise were taken as independent. */
    if (steps > 1 + WATCH_CELLS + 4)
        fail_msg("%zu lines:\n%s", steps, process.out);
    test_process_free(&process);
    free(url);
}

static double drifting(const char *writer, uint64_t chunk_bytes, size_t at)
{
    if (strcmp(writer, "Write") == 0 && chunk_bytes == 4096)
        return exp(0.008 * (double)at);
    return strcmp(writer, "Pwrite") == 0 && chunk_bytes == 4096 && at >= STEP ? 1.5 : 1;
}

/* What moves a little with every run has no steps, whatever a search for them finds. */
static void a_drift_is_called_one_and_a_step_is_not(void **state)
{
    char *url = path_in("drift.db");

    (void)state;
    watch_make(url, &(struct watch_spec){.runs = RUNS, .factor = drifting}, NULL);
    struct test_process process =
        run("history ^P?[Ww]rite.*chunk:4096/ --db=@drift.db --format=json", NULL);
    json_t *json = json_loads(process.out, 0, NULL), *cells = json_object_get(json, "cells");
    json_t *stepped = json_array_get(cells, 0), *drifted = json_array_get(cells, 1);
    assert_int_equal(json_integer_value(json_object_get(stepped, "is_drift")), 0);
    assert_null(json_object_get(stepped, "drift_per_run"));
    assert_int_equal(json_integer_value(json_object_get(drifted, "is_drift")), 1);
    assert_int_equal(json_integer_value(json_object_get(drifted, "drift_from")), 0);
    json_t *per_run = json_object_get(drifted, "drift_per_run");
    assert_true(json_number_value(json_object_get(per_run, "low")) < exp(0.008) &&
                exp(0.008) < json_number_value(json_object_get(per_run, "high")));
    json_decref(json);
    test_process_free(&process);
    process = run("history --db=@drift.db --width=170 --ascii", NULL);
    char *line = line_of(process.out, "Write/chunk:4096 ");
    assert_non_null(strstr(line, "drifts, +0."));
    assert_null(strstr(line, " r00")); /* there is no run at which it changed */
    free(line);
    line = line_of(process.out, "Pwrite/chunk:4096 ");
    assert_null(strstr(line, "drifts"));
    assert_non_null(strstr(line, " r0040"));
    free(line);
    test_process_free(&process);
    free(url);
}

static void long_lists_are_folded(void **state)
{
    (void)state;
    watch_many("many.db", 24, 40);
    struct test_process process = run("history --db=@many.db", NULL);
    assert_non_null(strstr(process.out, "Cell07 "));
    assert_non_null(strstr(process.out, "Cell08 ")); /* nor does a list without changes end empty */
    assert_null(strstr(process.out, "Cell39 "));
    assert_non_null(strstr(process.out, "10 cells without a change are folded; --all shows them."));
    test_process_free(&process);
    SAYS("history --db=@many.db --all", 0, "Cell07 ", "Cell08 ", "Cell39 ");
}

static void every_format_can_be_read(void **state)
{
    json_error_t error;
    struct test_process process = run("history chunk:4096/ --db=@h.db --format=json", NULL);

    (void)state;
    json_t *json = json_loads(process.out, 0, &error);
    if (json == NULL)
        fail_msg("line %d: %s", error.line, error.text);
    assert_int_equal(json_array_size(json_object_get(json, "runs")), RUNS);
    json_t *cell = json_array_get(json_object_get(json, "cells"), 2), *step;
    assert_string_equal(json_string_value(json_object_get(cell, "cell")),
                        "Write/file:new/sync:none/size:1048576/chunk:4096/manual_time");
    assert_int_equal(json_array_size(json_object_get(cell, "time_ns")), RUNS);
    step = json_array_get(json_object_get(cell, "steps"), 0);
    assert_int_equal(json_integer_value(json_object_get(step, "at")), STEP);
    assert_string_equal(json_string_value(json_object_get(step, "run")), ids.of[STEP]);
    assert_true(json_is_null(json_object_get(step, "accepted")));
    json_decref(json);
    test_process_free(&process);
    process = run("history ^Pwrite.*chunk:4096/ --db=@h.db --format=csv", NULL);
    size_t rows = 0;
    for (const char *line = process.out; *line != '\0'; line = strchr(line, '\n') + 1, rows++) {
        size_t commas = 0;
        for (const char *c = line; *c != '\n'; c++)
            commas += *c == ',';
        assert_int_equal(commas, 12);
    }
    /* A heading and three levels. */
    assert_int_equal(rows, 4);
    test_process_free(&process);
    SAYS("history ^Write --db=@h.db --format=markdown", 0, "| cell |", "| Write/chunk:4096 |");
    process = run("history --db=@h.db --ascii --all", NULL);
    for (const char *c = process.out; *c != '\0'; c++)
        assert_true((unsigned char)*c < 0x80);
    test_process_free(&process);
}

static void bad_input_gets_a_sentence(void **state)
{
    char *url = path_in("empty.db");

    (void)state;
    history_close(test_open(url, HISTORY_CREATE));
    SAYS("history --db=@empty.db", 1, "there is no run in the store; bench_results add adds them.");
    SAYS("history --db=@missing.db", 1, "there is no store");
    SAYS("history --db=@h.db --machine=zz", 1, "there is no machine zz; there are: aa.");
    SAYS("history --help", 0, "Usage: bench_results history [REGEX] [options]", "--last=N",
         "--all");
    SAYS("--help", 0, "check ", "history ");
    free(url);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_curve_shows_levels_gaps_and_medians),
        cmocka_unit_test(a_long_history_is_as_wide_as_the_page),
        cmocka_unit_test(a_cell_has_a_line_with_its_changes),
        cmocka_unit_test(a_regular_expression_picks_cells),
        cmocka_unit_test(fewer_runs_may_be_asked_for),
        cmocka_unit_test(accepted_changes_are_marked),
        cmocka_unit_test(noise_that_persists_is_no_change),
        cmocka_unit_test(a_drift_is_called_one_and_a_step_is_not),
        cmocka_unit_test(long_lists_are_folded),
        cmocka_unit_test(every_format_can_be_read),
        cmocka_unit_test(bad_input_gets_a_sentence),
    };
    return cmocka_run_group_tests(tests, set_up, place_remove);
}
