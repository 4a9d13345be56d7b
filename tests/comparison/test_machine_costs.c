/* SPDX-License-Identifier: Apache-2.0 */
/* Two machines side by side: what things cost on each, and what can explain a difference. */
#include "src/comparison/machine_costs.h"
#include "src/run/load.h"
#include "tests/support/make_machine.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct run *machine_run(const struct made_machine *costs, int controls)
{
    struct run *run = NULL;
    char *text = machine_text(costs, controls);

    assert_int_equal(run_load_text(text, strlen(text), &run, NULL), 0);
    free(text);
    return run;
}

/* The same with a clock between the chunks. */
static struct run *timed_run(const struct made_machine *costs)
{
    static const char before[] = "/size:", with[] = "/latency:each";
    struct run *run = NULL;
    char *text = machine_text(costs, 1), *timed = malloc(2 * strlen(text)), *to = timed;

    assert_non_null(timed);
    for (const char *from = text; *from != '\0'; *to++ = *from++)
        if (strncmp(from, before, strlen(before)) == 0)
            to = stpcpy(to, with);
    *to = '\0';
    assert_int_equal(run_load_text(timed, strlen(timed), &run, NULL), 0);
    free(text);
    free(timed);
    return run;
}

struct pair {
    struct run *runs[2];
    struct machine_costs costs;
};

static void open_pair(struct pair *pair, const struct made_machine *there, int controls)
{
    pair->runs[0] = machine_run(&machine_here, controls);
    pair->runs[1] = machine_run(there, controls);
    struct side sides[2] = {{1, &pair->runs[0]}, {1, &pair->runs[1]}};
    assert_int_equal(machine_costs_compare(&sides[0], &sides[1], 1, &pair->costs), 0);
}

static void close_pair(struct pair *pair)
{
    machine_costs_free(&pair->costs);
    run_free(pair->runs[0]);
    run_free(pair->runs[1]);
}

static const struct machine_cost *model_cost(const struct pair *pair, const char *writer,
                                             enum cost_term term)
{
    for (size_t i = 0; i < pair->costs.cost_count; i++) {
        const struct machine_cost *cost = &pair->costs.costs[i];
        if (!cost->kind.is_control && cost->kind.term == term &&
            strncmp(cost->writer, writer, strlen(writer)) == 0)
            return cost;
    }
    return NULL;
}

static const struct note *note_of(const struct pair *pair, enum note_kind kind)
{
    for (size_t i = 0; i < pair->costs.notes.count; i++)
        if (pair->costs.notes.items[i].kind == kind)
            return &pair->costs.notes.items[i];
    return NULL;
}

static void no_cost_holds_a_clock(void **state)
{
    struct pair pair = {.runs = {timed_run(&machine_here), timed_run(&machine_here)}};
    struct side sides[2] = {{1, &pair.runs[0]}, {1, &pair.runs[1]}};

    (void)state;
    assert_int_equal(machine_costs_compare(&sides[0], &sides[1], 1, &pair.costs), 0);
    assert_null(model_cost(&pair, "Write", TERM_CALL));
    close_pair(&pair);
}

static void assert_about(double value, double expected, double share)
{
    if (!(fabs(value / expected - 1) <= share))
        fail_msg("%g is not within %g %% of %g", value, 100 * share, expected);
}

/* The fill, which the controls are read from, is 97 % of the synthetic time. */
static void controls_and_models_say_what_things_cost(void **state)
{
    struct made_machine there = {
        .call_ns = 190, .copy_ns = 1.5e5, .fault_ns = 4000, .rest = 1, .seed = 2};
    struct pair pair;

    (void)state;
    open_pair(&pair, &there, 1);
    const struct machine_cost *call = machine_costs_control(&pair.costs, ASPECT_CALL);
    const struct machine_cost *fault = machine_costs_control(&pair.costs, ASPECT_FAULT);
    const struct machine_cost *copy = machine_costs_control(&pair.costs, ASPECT_COPY);
    const struct machine_cost *write_call = model_cost(&pair, "Write/", TERM_CALL);
    const struct machine_cost *bound = model_cost(&pair, "Mmap/", TERM_FAULT);
    assert_true(call != NULL && fault != NULL && copy != NULL);
    assert_true(write_call != NULL && bound != NULL);
    assert_about(call->ns[0].estimate, 0.97 * 300, 0.03);
    assert_about(call->ns[1].estimate, 0.97 * 190, 0.03);
    assert_about(call->ratio.estimate, 190.0 / 300, 0.03);
    assert_true(call->ratio.low < call->ratio.estimate && call->ratio.estimate < call->ratio.high);
    assert_about(fault->ratio.estimate, 8, 0.1);
    assert_about(copy->ratio.estimate, 1.5, 0.03);
    assert_about(write_call->ns[0].estimate, 800, 0.05);
    assert_about(write_call->ns[1].estimate, 690, 0.05);
    /* Mmap's faults do not vary: they cost no more than all of it, and a ratio of bounds is none.
     */
    assert_int_equal(bound->at_most[0], 1);
    assert_about(bound->ns[0].estimate, (1e5 + 3e5) / (double)MACHINE_FAULTS + 500, 0.05);
    assert_true(isnan(bound->ratio.estimate));
    close_pair(&pair);
}

/* Time = calls + copy + faults + remainder on each side, so that the differences sum up, too. */
static void what_time_was_spent_on_sums_to_the_time(void **state)
{
    struct made_machine there = {
        .call_ns = 190, .copy_ns = 1.5e5, .fault_ns = 800, .rest = 2, .seed = 3};
    struct pair pair;

    (void)state;
    open_pair(&pair, &there, 1);
    assert_int_equal(pair.costs.breakdown_count, 2 * MACHINE_CHUNKS);
    for (size_t i = 0; i < pair.costs.breakdown_count; i++) {
        const struct cost_breakdown *breakdown = &pair.costs.breakdowns[i];
        for (int side = 0; side < 2; side++) {
            double sum = 0;
            for (int a = 0; a < ASPECTS; a++)
                sum += breakdown->share_ns[a][side];
            assert_about(sum, breakdown->time_ns[side], 1e-9);
        }
    }
    for (size_t i = 0; i < pair.costs.remainder_count; i++)
        assert_about(pair.costs.remainders[i].ratio.estimate, 2, 0.15);
    close_pair(&pair);
}

/* Three runs or more have Student's interval over processes; it must hold what they differ by. */
static void several_runs_have_an_interval_over_processes(void **state)
{
    struct made_machine one = machine_here;
    struct run *runs[2][5];
    struct machine_costs costs;

    (void)state;
    for (int side = 0; side < 2; side++) {
        for (int i = 0; i < 5; i++) {
            one.call_ns = (side == 0 ? 300 : 150) * (1 + 0.1 * (i - 2));
            one.seed = 10 + (uint64_t)(5 * side + i);
            runs[side][i] = machine_run(&one, 1);
        }
    }
    struct side sides[2] = {{5, runs[0]}, {5, runs[1]}};
    assert_int_equal(machine_costs_compare(&sides[0], &sides[1], 1, &costs), 0);
    const struct machine_cost *call = &costs.costs[0];
    assert_string_equal(call->writer, "EmptyCall");
    /* ±20 % over 5 processes: a standard error of 7 % and 2.8 of them, not the bootstrap's 1 %. */
    assert_true(call->ns[0].high / call->ns[0].low > 1.3);
    assert_true(call->ns[0].high / call->ns[0].low < 1.8);
    assert_true(call->ratio.low < 0.5 && call->ratio.high > 0.5 && call->ratio.high < 1);
    machine_costs_free(&costs);
    for (int i = 0; i < 10; i++)
        run_free(runs[i / 5][i % 5]);
}

static void a_model_that_does_not_hold_has_no_cost_and_a_note(void **state)
{
    struct made_machine bent = machine_here;
    struct pair pair;

    (void)state;
    bent.bend = -0.3;
    open_pair(&pair, &bent, 1);
    const struct note *note = note_of(&pair, NOTE_NO_MODEL);
    assert_non_null(note);
    assert_string_equal(note->names[0], "Write/file:new/sync:none");
    assert_int_equal(note->side, 1);
    assert_int_not_equal(note->model.refusal, MODEL_HOLDS);
    const struct machine_cost *call = model_cost(&pair, "Write/", TERM_CALL);
    assert_non_null(call);
    assert_true(call->ns[0].estimate > 0 && isnan(call->ns[1].estimate));
    assert_true(isnan(call->ratio.estimate));
    close_pair(&pair);
    open_pair(&pair, &bent, 0);
    note = note_of(&pair, NOTE_MISSING_CONTROLS);
    assert_non_null(note);
    assert_int_equal(note->name_count, 3);
    assert_string_equal(note->names[2], "MemcpyFresh");
    assert_true(pair.costs.breakdowns[0].share_ns[ASPECT_FILE][0] ==
                pair.costs.breakdowns[0].time_ns[0]);
    close_pair(&pair);
}

/* What the load did is not put down to what differs in the contexts. */
static void a_doubtful_run_is_said_to_be_one(void **state)
{
    struct made_machine busy = machine_here;
    struct pair pair;

    (void)state;
    open_pair(&pair, &busy, 1);
    assert_null(note_of(&pair, NOTE_DOUBTFUL_RUNS));
    close_pair(&pair);
    busy.context = ",\"machine_key\":\"" KEY_B "\",\"cores\":\"2\",\"load_before\":\"7.8\"";
    open_pair(&pair, &busy, 1);
    const struct note *note = note_of(&pair, NOTE_DOUBTFUL_RUNS);
    assert_non_null(note);
    assert_int_equal(note->side, 1);
    assert_int_equal(note->count[0], 1);
    assert_int_equal(note->count[1], 1);
    assert_int_equal(note->finding.doubt, 1);
    close_pair(&pair);
}

/* A copy of a larger file leaves the caches: it says nothing about the machine. */
static void other_sizes_are_not_set_against_each_other(void **state)
{
    struct run *runs[2];
    struct machine_costs costs;
    struct made_machine there = machine_here;

    (void)state;
    there.copy_ns *= 20;
    runs[0] = machine_run(&machine_here, 1);
    there.file_bytes = 8 * MACHINE_FILE_BYTES;
    runs[1] = machine_run(&there, 1);
    struct side sides[2] = {{1, &runs[0]}, {1, &runs[1]}};
    assert_int_equal(machine_costs_compare(&sides[0], &sides[1], 1, &costs), 0);
    assert_about(costs.aspect[ASPECT_CALL].estimate, 1, 0.03);
    assert_true(isnan(costs.aspect[ASPECT_COPY].estimate));
    assert_int_equal(costs.breakdown_count, 0);
    for (size_t i = 0; i < costs.cost_count; i++)
        if (!costs.costs[i].kind.is_control && costs.costs[i].kind.term == TERM_FIXED)
            assert_true(isnan(costs.costs[i].ratio.estimate));
    machine_costs_free(&costs);
    run_free(runs[0]);
    run_free(runs[1]);
}

/* One more or fewer at the end of the sweep, and the costs are still those of a common size. */
static void sides_of_different_sweeps_share_a_control(void **state)
{
    struct made_machine there = machine_here;
    struct run *runs[2];
    struct machine_costs costs;

    (void)state;
    there.seed = 2;
    runs[0] = machine_run(&machine_here, 1);
    there.chunk_count = 4;
    runs[1] = machine_run(&there, 1);
    struct side sides[2] = {{1, &runs[0]}, {1, &runs[1]}};
    assert_int_equal(machine_costs_compare(&sides[0], &sides[1], 1, &costs), 0);
    assert_about(costs.aspect[ASPECT_COPY].estimate, 1, 0.03);
    assert_about(costs.aspect[ASPECT_FAULT].estimate, 1, 0.05);
    assert_int_equal(machine_costs_control(&costs, ASPECT_COPY)->chunk_bytes, 8192);
    for (size_t i = 0; i < costs.notes.count; i++)
        assert_int_not_equal(costs.notes.items[i].kind, NOTE_MISSING_CONTROLS);
    machine_costs_free(&costs);
    run_free(runs[0]);
    run_free(runs[1]);
}

static void settings_that_differ_can_explain_the_files_times(void **state)
{
    struct made_machine there = machine_here;
    struct pair pair;
    size_t named = 0;

    (void)state;
    there.context = ",\"machine_key\":\"" KEY_B "\",\"dirty_expire_centisecs\":\"500\"";
    pair.runs[0] = machine_run(&there, 1);
    there.context = ",\"machine_key\":\"" KEY_C "\",\"dirty_expire_centisecs\":\"3000\"";
    pair.runs[1] = machine_run(&there, 1);
    struct side sides[2] = {{1, &pair.runs[0]}, {1, &pair.runs[1]}};
    assert_int_equal(machine_costs_compare(&sides[0], &sides[1], 1, &pair.costs), 0);
    for (size_t i = 0; i < pair.costs.differences.count; i++) {
        const struct context_difference *difference = &pair.costs.differences.items[i];
        if (strcmp(difference->field->key, "dirty_expire_centisecs") != 0)
            continue;
        assert_int_equal(difference->field->explains, 1U << ASPECT_FILE);
        assert_string_equal(difference->value[1], "3000");
        named++;
    }
    assert_int_equal(named, 1);
    close_pair(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(controls_and_models_say_what_things_cost),
        cmocka_unit_test(no_cost_holds_a_clock),
        cmocka_unit_test(what_time_was_spent_on_sums_to_the_time),
        cmocka_unit_test(several_runs_have_an_interval_over_processes),
        cmocka_unit_test(a_model_that_does_not_hold_has_no_cost_and_a_note),
        cmocka_unit_test(a_doubtful_run_is_said_to_be_one),
        cmocka_unit_test(other_sizes_are_not_set_against_each_other),
        cmocka_unit_test(sides_of_different_sweeps_share_a_control),
        cmocka_unit_test(settings_that_differ_can_explain_the_files_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
