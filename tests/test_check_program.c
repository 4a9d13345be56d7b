/* SPDX-License-Identifier: Apache-2.0 */
/* bench_results check as a user meets it: what it finds, what it leaves in peace, what it says. */
#include "compare_make.h"
#include "watch_make.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RUNS = 60, STEP = 50 };

/* Of step.db, which no test changes. */
static struct watch_ids step_ids;

static void make(const char *name, const struct watch_spec *spec, struct watch_ids *ids)
{
    char *url = path_in(name);
    watch_make(url, spec, ids);
    free(url);
}

static int is(const char *writer, const char *name) { return strcmp(writer, name) == 0; }

static double write_slower(const char *writer, uint64_t chunk_bytes, size_t at)
{
    (void)chunk_bytes;
    return is(writer, "Write") && at >= STEP ? 1.15 : 1;
}

static int set_up(void **state)
{
    (void)state;
    test_directory_create(&place);
    make("step.db", &(struct watch_spec){.runs = RUNS, .factor = write_slower}, &step_ids);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_directory_remove(&place);
    return 0;
}

static int is_control(const char *writer)
{
    return is(writer, "Memcpy") || is(writer, "EmptyCall");
}

static void check_lacks(const char *words, const char *part)
{
    struct test_process process = run(words, NULL);
    if (strstr(process.out, part) != NULL)
        fail_msg("'%s' says '%s':\n%s", words, part, process.out);
    test_process_free(&process);
}

/* ---- what is found ---- */

static void a_step_is_named_with_its_run(void **state)
{
    char id[13], since[100];

    (void)state;
    snprintf(id, sizeof id, "%.12s", step_ids.of[STEP]);
    snprintf(since, sizeof since, "since 2026-01-03 02:00 (run %s, revision r0050)", id);
    SAYS("check --db=@step.db", 3, "Slower: Write, +1", since, "slower", "50 + 10",
         "Machine aa: 60 runs from 2026-01-01 00:00 to 2026-01-03 11:00", "9 cells",
         "and 2 controls.");
    /* Neither the other writers nor the controls. */
    check_lacks("check --db=@step.db", "Pwrite");
    check_lacks("check --db=@step.db", "Memcpy");
    SAYS("check --db=@step.db --all", 3, "Pwrite", "Memcpy", "no step");
    /* Its cells only follow it. */
    check_lacks("check --db=@step.db", "Write/chunk");
    SAYS("check --db=@step.db --all", 3, "Write/chunk:4096 ");
    /* What began before the newest N runs is past. */
    SAYS("check --db=@step.db --last=5", 0, "Nothing became slower");
    /* Smaller than the margin is nothing. */
    SAYS("check --db=@step.db --margin=30%", 0, "Nothing became slower");
}

static double one_cell_slower(const char *writer, uint64_t chunk_bytes, size_t at)
{
    return is(writer, "Mmap") && chunk_bytes == 65536 && at >= STEP ? 1.3 : 1;
}

static void a_step_of_one_cell_is_found(void **state)
{
    (void)state;
    make("cell.db", &(struct watch_spec){.runs = RUNS, .factor = one_cell_slower}, NULL);
    SAYS("check --db=@cell.db", 3, "Slower: Mmap/chunk:65536, +", "since 2026-01-03 02:00");
    check_lacks("check --db=@cell.db", "chunk:4096");
}

static double faster(const char *writer, uint64_t chunk_bytes, size_t at)
{
    (void)chunk_bytes;
    return is(writer, "Write") && at >= STEP ? 0.8 : 1;
}

static void an_improvement_is_shown_and_does_not_fail(void **state)
{
    (void)state;
    make("faster.db", &(struct watch_spec){.runs = RUNS, .factor = faster}, NULL);
    SAYS("check --db=@faster.db", 0, "Nothing became slower; faster: Write, −", "revision r0050");
}

/* The machine is 10 % faster or slower in every run. */
static double noisy_machine(const char *writer, uint64_t chunk_bytes, size_t at)
{
    struct results_random random;

    results_random_seed(&random, at);
    return exp(0.1 * results_random_normal(&random)) * write_slower(writer, chunk_bytes, at);
}

static void a_noisy_machine_does_not_hide_a_step(void **state)
{
    (void)state;
    make("noisy.db", &(struct watch_spec){.runs = RUNS, .factor = noisy_machine}, NULL);
    SAYS("check --db=@noisy.db", 3, "Slower: Write, +", "slower than the others");
}

static double drifts(const char *writer, uint64_t chunk_bytes, size_t at)
{
    (void)chunk_bytes;
    return is(writer, "Write") ? exp(0.01 * (double)at) : 1;
}

static void a_drift_is_told_from_a_step(void **state)
{
    (void)state;
    make("drift.db", &(struct watch_spec){.runs = RUNS, .factor = drifts}, NULL);
    SAYS("check --db=@drift.db --width=200", 3, "Slower: Write", "slower, drifting",
         " drifts rather than steps: +1.0 % a run, +");
    /* No run can be named. */
    check_lacks("check --db=@drift.db", "Since then");
}

/* ---- what is left in peace ---- */

static void samples_beside_the_fastest_do_not_count(void **state)
{
    (void)state;
    make("pace.db", &(struct watch_spec){.runs = RUNS, .slow_from = STEP}, NULL);
    SAYS("check --db=@pace.db", 0, "Nothing became slower");
    check_lacks("check --db=@pace.db", "since");
}

static double outlier(const char *writer, uint64_t chunk_bytes, size_t at)
{
    (void)chunk_bytes;
    return !is_control(writer) && (at == RUNS - 1 || at == RUNS - 6) ? 3 : 1;
}

static void a_single_outlier_is_no_step(void **state)
{
    (void)state;
    make("outlier.db", &(struct watch_spec){.runs = RUNS, .factor = outlier}, NULL);
    SAYS("check --db=@outlier.db", 0, "Nothing became slower");
    check_lacks("check --db=@outlier.db", "since");
}

static void noise_is_no_step(void **state)
{
    char name[20], words[60];

    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        snprintf(name, sizeof name, "null%d.db", (int)seed);
        make(name, &(struct watch_spec){.runs = 40, .seed = seed, .noise = 0.1}, NULL);
        snprintf(words, sizeof words, "check --db=@%s", name);
        SAYS(words, 0, "Nothing became slower");
        check_lacks(words, "since");
    }
}

/* ---- what else changed there ---- */

static const char *new_kernel(size_t at)
{
    return at < STEP
               ? ",\"kernel\":\"6.1.0 #1 SMP\",\"governor\":\"performance\",\"my_firmware\":\"7\""
               : ",\"kernel\":\"6.18.5 #9 SMP\",\"governor\":\"powersave\",\"my_firmware\":\"8\"";
}

static const char *earlier_kernel(size_t at) { return new_kernel(at + 1); }

static void a_changed_context_is_named(void **state)
{
    struct watch_spec spec = {.runs = RUNS, .factor = write_slower, .context = new_kernel};

    (void)state;
    make("kernel.db", &spec, NULL);
    SAYS("check --db=@kernel.db", 3,
         "Since then: revision r0049 -> r0050, kernel 6.1.0 -> 6.18.5, governor performance ->",
         "my_firmware 7 -> 8");
    /* What differs from run to run explains nothing. */
    check_lacks("check --db=@kernel.db", "load_before");
    spec.context = earlier_kernel;
    make("near.db", &spec, NULL);
    SAYS("check --db=@near.db --width=300", 3, "kernel 6.1.0 -> 6.18.5 (1 run earlier)");
}

/* ---- when nothing can be told ---- */

static double all_slower(const char *writer, uint64_t chunk_bytes, size_t at)
{
    (void)writer;
    (void)chunk_bytes;
    return at >= STEP ? 1.3 : 1;
}

static void controls_that_moved_mark_the_runs(void **state)
{
    (void)state;
    make("control.db", &(struct watch_spec){.runs = RUNS, .factor = all_slower}, NULL);
    SAYS("check --db=@control.db --width=200", 4, "The newest runs cannot be trusted",
         "measures the machine", "Memcpy", "control, slower");
}

static void too_few_runs_tell_nothing(void **state)
{
    (void)state;
    make("few.db", &(struct watch_spec){.runs = 6}, NULL);
    SAYS("check --db=@few.db", 4, "It cannot be told yet whether anything became slower",
         "A verdict needs 1", " runs; there are 6.");
    make("one.db", &(struct watch_spec){.runs = 1}, NULL);
    SAYS("check --db=@one.db", 4, "It cannot be told yet", "there are 1.");
}

static double all_failed(const char *writer, uint64_t chunk_bytes, size_t at)
{
    (void)writer;
    (void)chunk_bytes;
    return at == 29 ? WATCH_FAILED : 1;
}

static void a_newest_run_without_times_tells_nothing(void **state)
{
    (void)state;
    make("failed.db", &(struct watch_spec){.runs = 30, .factor = all_failed}, NULL);
    SAYS("check --db=@failed.db", 4, "The newest run cannot be judged: it has no time of any cell",
         "Failed in the newest run: EmptyCall/chunk:4096, ", " and 5 more.");
}

static double gaps(const char *writer, uint64_t chunk_bytes, size_t at)
{
    if (is(writer, "Write") && chunk_bytes == 4096 && at == RUNS - 1)
        return WATCH_MISSING;
    if (is(writer, "Pwrite") && chunk_bytes == 65536 && at == RUNS - 1)
        return WATCH_FAILED;
    /* Now and then only. */
    if (is(writer, "Pwrite") && chunk_bytes == 4096)
        return at % 4 == 0 ? 1 : WATCH_MISSING;
    /* Given up long ago, and slow at its end. */
    if (is(writer, "Mmap") && chunk_bytes == 1048576)
        return at >= 25 ? WATCH_MISSING : at >= 15 ? 2 : 1;
    return 1;
}

static void cells_without_a_time_are_named(void **state)
{
    (void)state;
    make("gaps.db", &(struct watch_spec){.runs = RUNS, .factor = gaps}, NULL);
    SAYS("check --db=@gaps.db", 0, "Failed in the newest run: Pwrite/chunk:65536.",
         "Not in the newest run, although in most before it: Write/chunk:4096.",
         "In none of the newest runs, and not judged: Mmap/chunk:1048576.");
    check_lacks("check --db=@gaps.db", "Pwrite/chunk:4096");
    check_lacks("check --db=@gaps.db --format=csv",
                "Mmap/file:new/sync:none/size:1048576/chunk:1048576/");
}

/* ---- what was accepted ---- */

static void accepted_changes_are_silent_and_listed(void **state)
{
    struct watch_ids ids;
    char words[300];

    (void)state;
    make("bless.db", &(struct watch_spec){.runs = 75, .factor = write_slower}, &ids);
    SAYS("check --db=@bless.db", 3, "Slower: Write");
    snprintf(words, sizeof words, "bless all --at=%s --reason=O_DSYNC --db=@bless.db",
             ids.of[STEP]);
    SAYS(words, 0, "accepted: all");
    snprintf(words, sizeof words, "Accepted: all cells since 2026-01-03 02:00 (run %.12s, ",
             ids.of[STEP]);
    SAYS("check --db=@bless.db", 0, "Nothing became slower", words, "): O_DSYNC.");
}

static void one_cell_is_accepted_alone(void **state)
{
    struct watch_ids ids;
    char words[300], name[120];

    (void)state;
    make("blesscell.db", &(struct watch_spec){.runs = RUNS, .factor = one_cell_slower}, &ids);
    watch_name("Mmap", 65536, name);
    snprintf(words, sizeof words, "bless %s --at=%s --reason=known --db=@blesscell.db", name,
             ids.of[STEP]);
    SAYS(words, 0, "accepted: Mmap");
    SAYS("check --db=@blesscell.db", 0, "Nothing became slower", "Accepted: Mmap", "known.");
    /* Seen from before, nothing is accepted yet. */
    snprintf(words, sizeof words, "check %.10s --db=@blesscell.db", ids.of[STEP - 1]);
    check_lacks(words, "Accepted");
}

static void a_blessing_without_runs_behind_it_tells_nothing(void **state)
{
    struct watch_ids ids;
    char words[300];

    (void)state;
    make("fresh.db", &(struct watch_spec){.runs = 40}, &ids);
    snprintf(words, sizeof words, "bless all --at=%s --reason=new --db=@fresh.db", ids.of[36]);
    SAYS(words, 0, "accepted");
    SAYS("check --db=@fresh.db", 4, "It cannot be told yet",
         "runs since a change was accepted; there are 4.");
}

/* ---- which runs ---- */

static void a_run_is_looked_at_as_if_it_were_the_newest(void **state)
{
    struct watch_spec spec = {.runs = RUNS, .factor = write_slower};
    char words[300], *path = path_in("run55.json"), *text = watch_text(&spec, STEP + 7);

    (void)state;
    snprintf(words, sizeof words, "check %.8s --db=@step.db", step_ids.of[STEP - 1]);
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
    make("machines.db", &(struct watch_spec){.runs = RUNS, .factor = write_slower}, &ids);
    make("machines.db", &(struct watch_spec){.machine = "bb", .runs = 30, .hour = next_month},
         NULL);
    SAYS("check --db=@machines.db", 0, "Machine bb, one of 2 in the store: 30 runs");
    SAYS("check --db=@machines.db --machine=a", 3, "Slower: Write", "Machine aa, one of 2");
    SAYS("check --db=@machines.db --machine=cc", 1, "there is no machine cc; there are: aa, bb.");
    snprintf(words, sizeof words, "check %.12s --db=@machines.db --machine=bb", ids.of[7]);
    SAYS(words, 4, "is a run of machine aa, not of bb.");
    snprintf(words, sizeof words, "check %.12s --db=@machines.db", ids.of[STEP + 9]);
    SAYS(words, 3, "Machine aa");
}

static int clock_goes_back(size_t at) { return at < 39 ? (int)at + 10 : 3; }
static int one_is_late(size_t at) { return at == 20 ? 2 : (int)at + 10; }

static int far_ahead(size_t at) { return at == 20 ? 500000 : (int)at; }

static void a_clock_that_was_ahead_is_said(void **state)
{
    (void)state;
    make("ahead.db", &(struct watch_spec){.runs = 40, .hour = far_ahead}, NULL);
    SAYS("check --db=@ahead.db --width=300", 0, "The run added last is not the newest",
         "dated a day or more after being added: the clock was wrong, or is.");
}

static void a_clock_that_goes_back_is_said(void **state)
{
    struct watch_ids ids;
    char expected[200];

    (void)state;
    make("back.db", &(struct watch_spec){.runs = 40, .hour = clock_goes_back}, &ids);
    snprintf(expected, sizeof expected, "at 2026-01-01 03:00 (run %.12s, revision r0039)",
             ids.of[39]);
    SAYS("check --db=@back.db --width=300", 0, "The run added last is not the newest", expected,
         "If a clock went back, that is the wrong place.");
    make("late.db", &(struct watch_spec){.runs = 40, .hour = one_is_late}, NULL);
    SAYS("check --db=@late.db --width=300", 0, "1 run was added after one of a later date");
    make("order.db", &(struct watch_spec){.runs = 12}, NULL);
    check_lacks("check --db=@order.db", "later date");
}

static void files_of_aggregates_are_judged_by_their_medians(void **state)
{
    (void)state;
    make("median.db",
         &(struct watch_spec){.runs = RUNS, .factor = write_slower, .aggregates_only = 1}, NULL);
    SAYS("check --db=@median.db", 3, "Slower: Write");
}

/* ---- how it is said ---- */

static void json_says_all(void **state)
{
    struct watch_ids ids;
    json_error_t error;

    (void)state;
    make("json.db",
         &(struct watch_spec){.runs = RUNS, .factor = write_slower, .context = new_kernel}, &ids);
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
    assert_string_equal(since, ids.of[STEP]);
    assert_int_equal(before, STEP);
    assert_int_equal(after, RUNS - STEP);
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
        assert_int_equal(columns_of(line), 18);
    assert_int_equal(rows, 16);
    assert_non_null(strstr(process.out, "\nwriter,\"Write/file:new/sync:none\",slower,1.1"));
    test_process_free(&process);
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
    SAYS("check --db=@step.db --last=2", 1, "--last is from 3");
    SAYS("check --db=@step.db --last=1000", 1, "--last is from 3");
    SAYS("check --db=@step.db --last=0", 1, "--last is from 3");
    SAYS("check --db=@step.db --margin=x", 1, "--margin is a share");
    SAYS("check --db=@step.db --format=xml", 1, "--format is text");
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
        print_message("skipped: test_check_program: a server: %s\n", reason);
        skip();
    }
    char *url = test_store_url(TEST_POSTGRESQL, &place), words[300];
    watch_make(url, &(struct watch_spec){.runs = RUNS, .factor = write_slower}, &ids);
    snprintf(words, sizeof words, "check --db=%s", url);
    SAYS(words, 3, "Slower: Write", "revision r0050");
    snprintf(words, sizeof words, "check %.12s --db=%s", ids.of[STEP - 1], url);
    SAYS(words, 0, "10 newer runs are not looked at.");
    snprintf(words, sizeof words, "history ^Write --db=%s", url);
    SAYS(words, 0, "2026-01-03 r0050");
    free(url);
    test_server_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_is_named_with_its_run),
        cmocka_unit_test(a_step_of_one_cell_is_found),
        cmocka_unit_test(an_improvement_is_shown_and_does_not_fail),
        cmocka_unit_test(a_noisy_machine_does_not_hide_a_step),
        cmocka_unit_test(a_drift_is_told_from_a_step),
        cmocka_unit_test(samples_beside_the_fastest_do_not_count),
        cmocka_unit_test(a_single_outlier_is_no_step),
        cmocka_unit_test(noise_is_no_step),
        cmocka_unit_test(a_changed_context_is_named),
        cmocka_unit_test(controls_that_moved_mark_the_runs),
        cmocka_unit_test(too_few_runs_tell_nothing),
        cmocka_unit_test(a_newest_run_without_times_tells_nothing),
        cmocka_unit_test(cells_without_a_time_are_named),
        cmocka_unit_test(accepted_changes_are_silent_and_listed),
        cmocka_unit_test(one_cell_is_accepted_alone),
        cmocka_unit_test(a_blessing_without_runs_behind_it_tells_nothing),
        cmocka_unit_test(a_run_is_looked_at_as_if_it_were_the_newest),
        cmocka_unit_test(machines_are_not_mixed_up),
        cmocka_unit_test(a_clock_that_goes_back_is_said),
        cmocka_unit_test(a_clock_that_was_ahead_is_said),
        cmocka_unit_test(files_of_aggregates_are_judged_by_their_medians),
        cmocka_unit_test(json_says_all),
        cmocka_unit_test(csv_has_as_many_columns_in_every_row),
        cmocka_unit_test(bad_input_gets_a_sentence),
        cmocka_unit_test(a_server_is_checked_like_a_file),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
