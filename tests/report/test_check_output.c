/* SPDX-License-Identifier: Apache-2.0 */
/* bench_results check: which runs it looks at, and how it says what it finds. */
#include "tests/support/make_sides.h"
#include "tests/support/make_watch.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void a_run_is_looked_at_as_if_it_were_the_newest(void **state)
{
    struct watch_spec spec = {.runs = WATCH_RUNS, .factor = watch_slower};
    char words[300], *path = path_in("run55.json"), *text = watch_text(&spec, WATCH_STEP + 7);

    (void)state;
    snprintf(words, sizeof words, "check %.8s --db=@step.db", step_ids.of[WATCH_STEP - 1]);
    SAYS(words, 0, "Nothing became slower", "50 runs from", "10 newer runs are not looked at.");
    write_file(path, text);
    SAYS("check @run55.json --db=@step.db", 3, "Slower: Write", "58 runs from", "50 + 8",
         "2 newer runs");
    free(text);
    spec.seed = 5;
    text = watch_text(&spec, 3);
    write_file(path, text);
    SAYS("check @run55.json --db=@step.db", 1, "run55.json is not in the store; bench_results add");
    SAYS("check 0000000 --db=@step.db", 1, "there is no run 0000000.");
    SAYS("check @nowhere.json --db=@step.db", 1, "nowhere.json cannot be read: No such file");
    SAYS("check xyz --db=@step.db", 1, "'xyz' is no run; give 4 to 64 hexadecimal digits");
    SAYS("check 0000 1111 --db=@step.db", 1, "name one run at most");
    free(text);
    free(path);
}

static int next_month(size_t at) { return (int)at + 700; }

static void machines_are_not_mixed_up(void **state)
{
    struct watch_ids ids;
    char words[300];

    (void)state;
    watch_store("machines.db", &(struct watch_spec){.runs = WATCH_RUNS, .factor = watch_slower},
                &ids);
    watch_store("machines.db",
                &(struct watch_spec){.machine = "bb", .runs = 30, .hour = next_month}, NULL);
    SAYS("check --db=@machines.db", 0, "Machine bb, one of 2 in the store: 30 runs");
    SAYS("check --db=@machines.db --machine=a", 3, "Slower: Write", "Machine aa, one of 2");
    SAYS("check --db=@machines.db --machine=cc", 1, "there is no machine cc; there are: aa, bb.");
    snprintf(words, sizeof words, "check %.12s --db=@machines.db --machine=bb", ids.of[7]);
    SAYS(words, 4, "is a run of machine aa, not of bb.");
    snprintf(words, sizeof words, "check %.12s --db=@machines.db", ids.of[WATCH_STEP + 9]);
    SAYS(words, 3, "Machine aa");
}

static int clock_goes_back(size_t at) { return at < 39 ? (int)at + 10 : 3; }
static int one_is_late(size_t at) { return at == 20 ? 2 : (int)at + 10; }

static int far_ahead(size_t at) { return at == 20 ? 500000 : (int)at; }

static void a_clock_that_was_ahead_is_said(void **state)
{
    (void)state;
    watch_store("ahead.db", &(struct watch_spec){.runs = 40, .hour = far_ahead}, NULL);
    SAYS("check --db=@ahead.db --width=300", 0, "The run added last is not the newest",
         "dated a day or more after being added: the clock was wrong, or is (bench_results move ");
}

static void a_clock_that_goes_back_is_said(void **state)
{
    struct watch_ids ids;
    char expected[200];

    (void)state;
    watch_store("back.db", &(struct watch_spec){.runs = 40, .hour = clock_goes_back}, &ids);
    snprintf(expected, sizeof expected, "at 2026-01-01 03:00 (run %.12s, revision r0039)",
             ids.of[39]);
    SAYS("check --db=@back.db --width=300", 0, "The run added last is not the newest", expected,
         "If a clock went back, that is the wrong place: bench_results move ");
    /* Before all figures: they are of other runs than the reader thinks. */
    struct test_process process = run("check --db=@back.db --width=300", NULL);
    assert_true(strstr(process.out, "The run added last") < strstr(process.out, "Machine aa"));
    test_process_free(&process);
    watch_store("late.db", &(struct watch_spec){.runs = 40, .hour = one_is_late}, NULL);
    SAYS("check --db=@late.db --width=300", 0, "1 run was added after one of a later date");
    watch_store("order.db", &(struct watch_spec){.runs = 12}, NULL);
    lacks("check --db=@order.db", "later date");
}

static void json_says_all(void **state)
{
    struct watch_ids ids;
    json_error_t error;

    (void)state;
    watch_store(
        "json.db",
        &(struct watch_spec){.runs = WATCH_RUNS, .factor = watch_slower, .context = watch_kernel},
        &ids);
    struct test_process process = run("check --db=@json.db --format=json", NULL);
    assert_int_equal(process.status, 3);
    json_t *json = json_loads(process.out, 0, &error);
    if (json == NULL)
        fail_msg("line %d: %s\n%s", error.line, error.text, process.out);
    const char *name, *since, *change, *key;
    int status, slower, before, after;
    double low, high;
    assert_int_equal(
        json_unpack(json, "{s:i, s:i, s:[{s:s, s:s, s:{s:F, s:F}, s:{s:s}, s:i, s:i, s:[{s:s}]}]}",
                    "status", &status, "slower", &slower, "rows", "name", &name, "change", &change,
                    "ratio", "low", &low, "high", &high, "since", "run", &since, "runs_before",
                    &before, "runs_after", &after, "changed_with", "key", &key),
        0);
    assert_int_equal(status, 3);
    assert_string_equal(name, "Write/file:new/sync:none");
    assert_string_equal(change, "slower");
    assert_true(low > 1 && low < 1.15 && high > 1.15 && high < 1.3);
    assert_string_equal(since, ids.of[WATCH_STEP]);
    assert_int_equal(before, WATCH_STEP);
    assert_int_equal(after, WATCH_RUNS - WATCH_STEP);
    assert_string_equal(key, "git_revision");
    /* all, three writers, nine cells, two controls */
    assert_int_equal(json_array_size(json_object_get(json, "rows")), 15);
    json_decref(json);
    test_process_free(&process);
}

/* Commas that are not between quotes. */
static size_t columns_of(const char *line)
{
    size_t columns = 1;
    int quoted = 0;

    for (; *line != '\0' && *line != '\n'; line++) {
        quoted ^= *line == '"';
        columns += *line == ',' && !quoted;
    }
    return columns;
}

static void csv_has_as_many_columns_in_every_row(void **state)
{
    size_t rows = 0;

    (void)state;
    struct test_process process = run("check --db=@step.db --format=csv", NULL);
    assert_int_equal(process.status, 3);
    for (const char *line = process.out; *line != '\0'; line = strchr(line, '\n') + 1, rows++)
        assert_int_equal(columns_of(line), 19);
    assert_int_equal(rows, 16);
    assert_non_null(strstr(process.out, "\nwriter,Write/file:new/sync:none,slower,1.1"));
    test_process_free(&process);
    SAYS("check --db=@step.db --width=400 --confirm", 4,
         "Suspected of being slower, and not confirmed yet: Write, +",
         "To confirm it, build r0047 and r0052, and let them take turns: bench_results ab "
         "r0047/bench_mmap r0052/bench_mmap -- '--benchmark_filter=^Write/file:new/sync:none/'. "
         "bench/compare_revisions.sh --since-change does all of that; only what it confirms is a "
         "regression.",
         "Of slow-downs that began 5 runs ago, ", " % of a writer, ",
         " of everything would have been seen in four of five cases", "(of a control 5 %)");
    SAYS("check --db=@step.db --format=json", 3, "\"visible\": 0.0");
    SAYS("check --db=@step.db --format=markdown", 3, "### Slower: Write", "| row |", "| :-- ");
    process = run("check --db=@step.db --ascii", NULL);
    for (const char *c = process.out; *c != '\0'; c++)
        assert_true((unsigned char)*c < 0x80);
    test_process_free(&process);
}

static void bad_input_gets_a_sentence(void **state)
{
    (void)state;
    SAYS("check --db=@missing.db", 1, "there is no store");
    SAYS("check --db=@step.db --last=2", 1, "a number from 3 to");
    SAYS("check --db=@step.db --last=1000", 1, "a number from 3 to");
    SAYS("check --db=@step.db --last=0", 1, "a number from 3 to");
    SAYS("check --db=@step.db --margin=x", 1, "--margin=x: give a share");
    SAYS("check --db=@step.db --format=xml", 1, "--format=xml: not known");
    char *url = path_in("empty.db");
    history_close(test_open(url, HISTORY_CREATE));
    free(url);
    SAYS("check --db=@empty.db", 1, "there is no run in the store; bench_results add adds them.");
    SAYS("check --help", 0, "Usage: bench_results check [RUN.json | ID] [options]", "--machine=KEY",
         "--last=N", "--margin=SHARE", "fastest quarter");
}

static void a_server_is_checked_like_a_file(void **state)
{
    struct watch_ids ids;
    const char *reason = test_server_start();

    (void)state;
    if (reason != NULL) {
        print_message("skipped: test_check_output: a server: %s\n", reason);
        skip();
    }
    char *url = test_store_url(TEST_POSTGRESQL, &place), words[300];
    watch_make(url, &(struct watch_spec){.runs = WATCH_RUNS, .factor = watch_slower}, &ids);
    snprintf(words, sizeof words, "check --db=%s", url);
    SAYS(words, 3, "Slower: Write", "revision r0050");
    snprintf(words, sizeof words, "check %.12s --db=%s", ids.of[WATCH_STEP - 1], url);
    SAYS(words, 0, "10 newer runs are not looked at.");
    snprintf(words, sizeof words, "history ^Write --db=%s", url);
    SAYS(words, 0, "2026-01-03 r0050");
    free(url);
    test_server_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_is_looked_at_as_if_it_were_the_newest),
        cmocka_unit_test(machines_are_not_mixed_up),
        cmocka_unit_test(a_clock_that_goes_back_is_said),
        cmocka_unit_test(a_clock_that_was_ahead_is_said),
        cmocka_unit_test(json_says_all),
        cmocka_unit_test(csv_has_as_many_columns_in_every_row),
        cmocka_unit_test(bad_input_gets_a_sentence),
        cmocka_unit_test(a_server_is_checked_like_a_file),
    };
    return cmocka_run_group_tests(tests, step_store_make, place_remove);
}
