/* SPDX-License-Identifier: Apache-2.0 */
#include "src/analysis/verdict.h"
#include "src/run/load.h"
#include "tests/support/make_results.h"
#include "tests/support/support.h"

#include <math.h>

/* Makes the verdict; fails unless it has that finding. */
static struct verdict_finding found(const struct run *run, enum verdict_kind kind)
{
    struct verdict verdict;

    assert_int_equal(verdict_make(run, &verdict), 0);
    for (size_t i = 0; i < verdict.count; i++) {
        assert_int_equal(verdict.findings[i].doubt, i < verdict.doubts);
        if (verdict.findings[i].kind == kind)
            return verdict.findings[i];
    }
    fail_msg("the verdict lacks the finding %d", (int)kind);
    return verdict.findings[0];
}

static void a_quiet_run_is_not_doubted(void **state)
{
    struct make_spec spec = make_small_spec();
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

static void noise_is_worth_knowing_and_much_of_it_a_doubt(void **state)
{
    static const double noises[] = {0.12, 0.3};
    struct make_spec spec = make_small_spec();

    (void)state;
    for (int much = 0; much < 2; much++) {
        spec.noise = noises[much];
        struct run *run = make_run(&spec);
        struct verdict_finding finding = found(run, VERDICT_SPREAD);
        assert_int_equal(finding.doubt, much);
        assert_true(fabs(finding.figure[0] / (1.35 * spec.noise) - 1) < 0.3);
        run_free(run);
    }
}

static void drift_is_found_in_both_directions(void **state)
{
    struct make_spec spec = make_small_spec();

    (void)state;
    for (int up = 0; up < 2; up++) {
        struct run *run = make_run(&spec);
        for (size_t i = 0; i < run->cell_count; i++)
            for (size_t s = 0; s < 20; s++)
                run->cells[i].values[METRIC_TIME][s] *= 1 + 0.02 * (double)(up ? s : 20 - s);
        struct verdict_finding finding = found(run, VERDICT_DRIFT);
        assert_true(finding.doubt);
        assert_true(up ? finding.figure[0] > 0.15 : finding.figure[0] < -0.15);
        run_free(run);
    }
}

static void set_counter(struct run *run, enum metric metric, double value)
{
    for (size_t i = 0; i < run->cell_count; i++)
        for (size_t s = 0; s < run->cells[i].samples; s++)
            run->cells[i].values[metric][s] = value;
}

static void stolen_time_switches_and_writeback_are_doubts(void **state)
{
    static const enum verdict_kind kinds[] = {VERDICT_STOLEN, VERDICT_SWITCHES, VERDICT_WRITEBACK};
    struct make_spec spec = make_small_spec();
    struct run *run = make_run(&spec);

    (void)state;
    set_counter(run, METRIC_STOLEN, 2e6);
    set_counter(run, METRIC_INVOLUNTARY, 10);
    set_counter(run, METRIC_WRITEBACK, 8e6);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        assert_true(found(run, kinds[i]).doubt);
    assert_true(fabs(found(run, VERDICT_WRITEBACK).figure[0] - 8e6 / 10485760) < 1e-9);
    run_free(run);
}

static bool has(const struct run *run, enum verdict_kind kind)
{
    struct verdict verdict;
    bool has_it = false;

    assert_int_equal(verdict_make(run, &verdict), 0);
    for (size_t i = 0; i < verdict.count; i++)
        has_it = has_it || verdict.findings[i].kind == kind;
    return has_it;
}

/* Its own threads and writeback take the processor from it, too. */
static void switches_count_where_other_programs_ran(void **state)
{
    static const char *const contexts[] = {",\"others_percent\":\"0.40\"",
                                           ",\"others_percent\":\"3.00\"", NULL};
    struct make_spec spec = make_small_spec();

    (void)state;
    for (size_t i = 0; i < sizeof contexts / sizeof contexts[0]; i++) {
        spec.context = contexts[i];
        struct run *run = make_run(&spec);
        set_counter(run, METRIC_INVOLUNTARY, 10);
        assert_int_equal(has(run, VERDICT_SWITCHES), i > 0);
        run_free(run);
    }
}

static void an_unfit_build_is_a_doubt_and_an_incomplete_key_is_told(void **state)
{
    struct make_spec spec = make_small_spec();

    (void)state;
    spec.context = ",\"unfit_build\":\"no\",\"machine_key_lacks\":\"nothing\"";
    struct run *run = make_run(&spec);
    assert_false(has(run, VERDICT_UNFIT_BUILD) || has(run, VERDICT_KEY_INCOMPLETE));
    run_free(run);
    spec.context = ",\"unfit_build\":\"sanitizers\",\"machine_key_lacks\":\"rotational\"";
    run = make_run(&spec);
    assert_true(found(run, VERDICT_UNFIT_BUILD).doubt);
    assert_string_equal(found(run, VERDICT_KEY_INCOMPLETE).name, "rotational");
    assert_false(found(run, VERDICT_KEY_INCOMPLETE).doubt);
    run_free(run);
}

static void load_memory_file_systems_and_few_samples_are_found(void **state)
{
    struct make_spec spec = make_small_spec();

    (void)state;
    spec.context = ",\"load_avg\":[3.5,1.0,0.5],\"file_system\":\"tmpfs\"";
    spec.samples = 3;
    struct run *run = make_run(&spec);
    struct verdict_finding load = found(run, VERDICT_LOAD), few = found(run, VERDICT_FEW_SAMPLES);
    assert_true(load.doubt);
    assert_true(load.figure[0] == 3.5 && load.figure[1] == 2);
    assert_true(few.doubt);
    assert_true(few.figure[0] == 15 && few.figure[1] == 15);
    assert_false(found(run, VERDICT_IN_MEMORY).doubt);
    assert_string_equal(found(run, VERDICT_IN_MEMORY).name, "tmpfs");
    run_free(run);
}

static void rows_that_failed_were_skipped_or_make_no_sense_are_counted(void **state)
{
    static const char json[] =
        "{\"benchmarks\":["
        "{\"name\":\"Mmap/chunk:8\",\"error_occurred\":true,\"error_message\":\"No space\"},"
        "{\"name\":\"Mmap/chunk:16\",\"error_occurred\":true},"
        "{\"name\":\"Write/chunk:8\",\"skipped\":true},"
        "{\"name\":\"Write/chunk:16\",\"real_time\":-1},"
        "{\"name\":\"Write/chunk:16\",\"real_time\":0}]}";
    struct run *run;

    (void)state;
    assert_int_equal(run_load_text(json, sizeof json - 1, &run, NULL), 0);
    struct verdict_finding failed = found(run, VERDICT_FAILED);
    assert_true(failed.figure[0] == 2);
    assert_true(failed.figure[1] == 0);
    assert_string_equal(failed.name, "Mmap/chunk:8");
    assert_string_equal(failed.reason, "No space");
    assert_true(found(run, VERDICT_SKIPPED).figure[0] == 1);
    assert_true(found(run, VERDICT_UNUSABLE_TIMES).figure[0] == 1);
    assert_true(found(run, VERDICT_ZERO_TIMES).figure[0] == 1);
    run_free(run);
}

/* Half of them is the limit; a kernel that does not ask for them has no such counter. */
static void huge_pages_that_did_not_come_about_are_told(void **state)
{
    static const char *const formats[] = {"1000", "9000"};

    (void)state;
    for (size_t many = 0; many < 2; many++) {
        char json[400];
        struct verdict verdict;
        struct run *run;
        int length =
            snprintf(json, sizeof json,
                     "{\"benchmarks\":[{\"name\":\"MmapHuge/file:new/sync:none/size:10000/"
                     "chunk:8\",\"real_time\":5,\"huge_bytes\":%s},"
                     "{\"name\":\"Mmap/file:new/sync:none/size:10000/chunk:8\",\"real_time\":5}]}",
                     formats[many]);
        assert_int_equal(run_load_text(json, (size_t)length, &run, NULL), 0);
        if (many == 0) {
            assert_false(found(run, VERDICT_HUGE_PAGES).doubt);
            assert_true(fabs(found(run, VERDICT_HUGE_PAGES).figure[0] - 0.1) < 1e-9);
        }
        assert_int_equal(verdict_make(run, &verdict), 0);
        for (size_t i = 0; many == 1 && i < verdict.count; i++)
            assert_true(verdict.findings[i].kind != VERDICT_HUGE_PAGES);
        run_free(run);
    }
}

static void a_file_without_samples_is_doubted(void **state)
{
    static const char aggregates[] =
        "{\"benchmarks\":[{\"name\":\"A_median\",\"run_name\":\"A\",\"run_type\":\"aggregate\","
        "\"aggregate_name\":\"median\",\"real_time\":5}]}";
    static const char nothing[] = "{\"benchmarks\":[{\"name\":\"A\",\"error_occurred\":true}]}";
    struct run *run;

    (void)state;
    assert_int_equal(run_load_text(aggregates, sizeof aggregates - 1, &run, NULL), 0);
    assert_true(found(run, VERDICT_AGGREGATES_ONLY).doubt);
    run_free(run);
    assert_int_equal(run_load_text(nothing, sizeof nothing - 1, &run, NULL), 0);
    assert_true(found(run, VERDICT_NOTHING_MEASURED).doubt);
    run_free(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quiet_run_is_not_doubted),
        cmocka_unit_test(noise_is_worth_knowing_and_much_of_it_a_doubt),
        cmocka_unit_test(drift_is_found_in_both_directions),
        cmocka_unit_test(stolen_time_switches_and_writeback_are_doubts),
        cmocka_unit_test(switches_count_where_other_programs_ran),
        cmocka_unit_test(an_unfit_build_is_a_doubt_and_an_incomplete_key_is_told),
        cmocka_unit_test(load_memory_file_systems_and_few_samples_are_found),
        cmocka_unit_test(rows_that_failed_were_skipped_or_make_no_sense_are_counted),
        cmocka_unit_test(huge_pages_that_did_not_come_about_are_told),
        cmocka_unit_test(a_file_without_samples_is_doubted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
