/* SPDX-License-Identifier: Apache-2.0 */
/* bench_results check: what it finds, and what it leaves in peace. */
#include "src/base/random.h"
#include "tests/support/make_sides.h"
#include "tests/support/make_watch.h"

#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static int is_control(const char *writer)
{
    return watch_is(writer, "Memcpy") || watch_is(writer, "EmptyCall");
}

static void a_step_is_named_with_its_run(void **state)
{
    char id[13], since[100];

    (void)state;
    snprintf(id, sizeof id, "%.12s", step_ids.of[WATCH_STEP]);
    snprintf(since, sizeof since, "since 2026-01-03 02:00 (run %s, revision r0050)", id);
    SAYS("check --db=@step.db", 3, "Slower: Write, +1", since, "slower", "50 + 10",
         "Machine aa: 60 runs from 2026-01-01 00:00 to 2026-01-03 11:00", "9 cells",
         "and 2 controls.");
    /* Neither the other writers nor the controls. */
    lacks("check --db=@step.db", "Pwrite");
    lacks("check --db=@step.db", "Memcpy");
    SAYS("check --db=@step.db --all", 3, "Pwrite", "Memcpy", "no step");
    /* Its cells only follow it. */
    lacks("check --db=@step.db", "Write/chunk");
    SAYS("check --db=@step.db --all", 3, "Write/chunk:4096 ");
    /* What began before the newest N runs stays, until it is accepted. */
    check_finds("check --db=@step.db --last=5", 3, "slower", "Write/file:new/sync:none");
    SAYS("check --db=@step.db --last=5", 3, "Slower: Write, +1", since,
         ", 10 runs ago and not accepted");
    /* Smaller than the margin is nothing. */
    check_finds("check --db=@step.db --margin=30%", 4, "could_miss", NULL);
}

/* What an A/B comparison has to tell is no regression yet: revisions from before and after the
 * step, which may lie two runs from where it was found, and a filter. */
static void a_suspicion_says_what_would_confirm_it(void **state)
{
    const char *code, *base, *head, *flags;

    (void)state;
    struct test_process process = run("check --db=@step.db --confirm --format=json", NULL);
    json_t *json = json_loads(process.out, 0, NULL);
    assert_int_equal(process.status, 4);
    assert_int_equal(json_unpack(json, "{s:s, s:s, s:s, s:s}", "verdict_code", &code,
                                 "confirm_base", &base, "confirm_head", &head, "confirm_flags",
                                 &flags),
                     0);
    assert_string_equal(code, "suspected");
    assert_string_equal(base, "r0047");
    assert_string_equal(head, "r0052");
    assert_string_equal(flags, "--benchmark_filter=^Write/file:new/sync:none/");
    json_decref(json);
    test_process_free(&process);
    watch_store("revision.db",
                &(struct watch_spec){.runs = WATCH_RUNS, .factor = watch_slower, .one_revision = 1},
                NULL);
    process = run("check --db=@revision.db --confirm --format=json", NULL);
    assert_int_equal(process.status, 4);
    assert_non_null(strstr(process.out, "\"verdict_code\": \"suspected\""));
    assert_non_null(strstr(process.out, "\"confirm_base\": null"));
    test_process_free(&process);
}

static void a_step_of_one_cell_is_found(void **state)
{
    char name[120];

    (void)state;
    watch_store("cell.db", &(struct watch_spec){.runs = WATCH_RUNS, .factor = watch_cell_slower},
                NULL);
    watch_name("Mmap", 65536, name);
    check_finds("check --db=@cell.db", 3, "slower", name);
    SAYS("check --db=@cell.db", 3, "since 2026-01-03 02:00");
    lacks("check --db=@cell.db", "chunk:4096");
}

static double faster(const char *writer, uint64_t chunk_bytes, size_t at)
{
    (void)chunk_bytes;
    return watch_is(writer, "Write") && at >= WATCH_STEP ? 0.9 : 1;
}

static double half_the_time(const char *writer, uint64_t chunk_bytes, size_t at)
{
    return faster(writer, chunk_bytes, at) < 1 ? 0.5 : 1;
}

static double all_faster(const char *writer, uint64_t chunk_bytes, size_t at)
{
    (void)chunk_bytes;
    return !is_control(writer) && at >= WATCH_STEP ? 0.6 : 1;
}

static void an_improvement_is_shown_and_does_not_fail(void **state)
{
    (void)state;
    watch_store("faster.db", &(struct watch_spec){.runs = WATCH_RUNS, .factor = faster}, NULL);
    SAYS("check --db=@faster.db --must-see=1% --width=200", 4,
         "could have been missed; faster: Write, −");
    /* Its step makes its own limit large, which is no reason to doubt it. */
    watch_store("half.db", &(struct watch_spec){.runs = WATCH_RUNS, .factor = half_the_time}, NULL);
    check_finds("check --db=@half.db", 0, "faster", "Write/file:new/sync:none");
    /* Nor to ask no more what could have been missed. */
    watch_store("all.db", &(struct watch_spec){.runs = WATCH_RUNS, .factor = all_faster}, NULL);
    SAYS("check --db=@all.db --must-see=1% --width=200", 4, "could have been missed; faster: ");
    SAYS("check --db=@all.db --must-see=20%", 0, "Nothing became slower; faster: ");
    SAYS("check --db=@faster.db --must-see=50%", 0, "Nothing became slower; faster: Write, −",
         "revision r0050");
}

/* The machine is 10 % faster or slower in every run. */
static double noisy_machine(const char *writer, uint64_t chunk_bytes, size_t at)
{
    struct random random;

    random_seed(&random, at);
    return exp(0.1 * random_normal(&random)) * watch_slower(writer, chunk_bytes, at);
}

static void a_noisy_machine_does_not_hide_a_step(void **state)
{
    (void)state;
    watch_store("noisy.db", &(struct watch_spec){.runs = WATCH_RUNS, .factor = noisy_machine},
                NULL);
    check_finds("check --db=@noisy.db", 3, "slower", "Write/file:new/sync:none");
    SAYS("check --db=@noisy.db", 3, "slower than the others");
}

static double drifts(const char *writer, uint64_t chunk_bytes, size_t at)
{
    (void)chunk_bytes;
    return watch_is(writer, "Write") ? exp(0.01 * (double)at) : 1;
}

static void a_drift_is_told_from_a_step(void **state)
{
    (void)state;
    watch_store("drift.db", &(struct watch_spec){.runs = WATCH_RUNS, .factor = drifts}, NULL);
    SAYS("check --db=@drift.db --width=200", 3, "Slower: Write, +",
         " % in all, a little with every run", ", drifting",
         " drifts rather than steps: +1.0 % a run, +");
    /* What it is in all is the same in both sentences, and no run can be named. */
    struct test_process process = run("check --db=@drift.db --width=200", NULL);
    const char *told = strstr(process.out, "+1.0 % a run, +");
    double in_all[2] = {0, 1};
    assert_int_equal(sscanf(process.out, "Slower: Write, +%lf", &in_all[0]), 1);
    assert_int_equal(sscanf(told, "+1.0 %% a run, +%lf", &in_all[1]), 1);
    assert_true(in_all[0] > 20 && fabs(in_all[0] - in_all[1]) < 1e-9);
    assert_non_null(strstr(process.out, " +1.0 % a run  "));
    test_process_free(&process);
    lacks("check --db=@drift.db", "Since then");
    lacks("check --db=@drift.db", "bless");
}

static void samples_beside_the_fastest_do_not_count(void **state)
{
    (void)state;
    watch_store("pace.db", &(struct watch_spec){.runs = WATCH_RUNS, .slow_from = WATCH_STEP}, NULL);
    check_finds("check --db=@pace.db", 0, "nothing_slower", NULL);
    lacks("check --db=@pace.db", "since");
}

static void files_of_aggregates_are_judged_by_their_medians(void **state)
{
    (void)state;
    watch_store(
        "median.db",
        &(struct watch_spec){.runs = WATCH_RUNS, .factor = watch_slower, .aggregates_only = 1},
        NULL);
    check_finds("check --db=@median.db", 3, "slower", "Write/file:new/sync:none");
}

static double outlier(const char *writer, uint64_t chunk_bytes, size_t at)
{
    (void)chunk_bytes;
    return !is_control(writer) && (at == WATCH_RUNS - 1 || at == WATCH_RUNS - 6) ? 3 : 1;
}

static void a_single_outlier_is_no_step(void **state)
{
    (void)state;
    watch_store("outlier.db", &(struct watch_spec){.runs = WATCH_RUNS, .factor = outlier}, NULL);
    check_finds("check --db=@outlier.db", 0, "nothing_slower", NULL);
    lacks("check --db=@outlier.db", "since");
}

static void noise_is_no_step(void **state)
{
    char name[20], words[60];

    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        snprintf(name, sizeof name, "null%d.db", (int)seed);
        watch_store(name, &(struct watch_spec){.runs = 40, .seed = seed, .noise = 0.1}, NULL);
        snprintf(words, sizeof words, "check --db=@%s --must-see=99%%", name);
        check_finds(words, 0, "nothing_slower", NULL);
        lacks(words, "since");
    }
}

static const char *earlier_kernel(size_t at) { return watch_kernel(at + 1); }

static void a_changed_context_is_named(void **state)
{
    struct watch_spec spec = {.runs = WATCH_RUNS, .factor = watch_slower, .context = watch_kernel};

    (void)state;
    watch_store("kernel.db", &spec, NULL);
    SAYS("check --db=@kernel.db", 3,
         "Since then: revision r0049 -> r0050, kernel 6.1.0 -> 6.18.5, governor performance ->",
         "my_firmware 7 -> 8");
    /* What differs from run to run explains nothing. */
    lacks("check --db=@kernel.db", "load_before");
    spec.context = earlier_kernel;
    watch_store("near.db", &spec, NULL);
    SAYS("check --db=@near.db --width=300", 3, "kernel 6.1.0 -> 6.18.5 (1 run earlier)");
}

static double all_slower(const char *writer, uint64_t chunk_bytes, size_t at)
{
    (void)writer;
    (void)chunk_bytes;
    return at >= WATCH_STEP ? 1.3 : 1;
}

static void controls_that_moved_mark_the_runs(void **state)
{
    (void)state;
    watch_store("control.db", &(struct watch_spec){.runs = WATCH_RUNS, .factor = all_slower}, NULL);
    SAYS("check --db=@control.db --width=200", 4,
         "Nothing can be judged, because a control moved and the machine is another one: ",
         "Memcpy", "control, slower");
}

/* What takes long says so, and nothing else does. */
static void a_long_check_announces_itself(void **state)
{
    (void)state;
    watch_many("long.db", 24, 1500);
    struct test_process process =
        run("check --db=@long.db --replicates=100000", "this takes at most ");
    assert_int_equal(process.status, 128 + SIGINT);
    assert_string_equal(process.out, "");
    test_process_free(&process);
    process = run("check --db=@step.db", NULL);
    assert_string_equal(process.err, "");
    test_process_free(&process);
}

static void too_few_runs_tell_nothing(void **state)
{
    (void)state;
    watch_store("few.db", &(struct watch_spec){.runs = 6}, NULL);
    SAYS("check --db=@few.db", 4, "It cannot be told yet whether anything became slower",
         "A verdict needs 1", " runs; there are 6.");
    watch_store("one.db", &(struct watch_spec){.runs = 1}, NULL);
    check_finds("check --db=@one.db", 4, "too_few_runs", NULL);
    SAYS("check --db=@one.db", 4, "; there is 1.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_is_named_with_its_run),
        cmocka_unit_test(a_suspicion_says_what_would_confirm_it),
        cmocka_unit_test(a_step_of_one_cell_is_found),
        cmocka_unit_test(an_improvement_is_shown_and_does_not_fail),
        cmocka_unit_test(a_noisy_machine_does_not_hide_a_step),
        cmocka_unit_test(a_drift_is_told_from_a_step),
        cmocka_unit_test(samples_beside_the_fastest_do_not_count),
        cmocka_unit_test(a_single_outlier_is_no_step),
        cmocka_unit_test(noise_is_no_step),
        cmocka_unit_test(a_changed_context_is_named),
        cmocka_unit_test(controls_that_moved_mark_the_runs),
        cmocka_unit_test(a_long_check_announces_itself),
        cmocka_unit_test(too_few_runs_tell_nothing),
        cmocka_unit_test(files_of_aggregates_are_judged_by_their_medians),
    };
    return cmocka_run_group_tests(tests, step_store_make, place_remove);
}
