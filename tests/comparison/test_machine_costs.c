/* SPDX-License-Identifier: Apache-2.0 */
/* Two machines side by side: what things cost on each, and what can explain a difference. */
#include "src/comparison/machine_costs.h"
#include "src/run/load.h"
#include "tests/support/make_results.h"
#include "tests/support/make_sides.h"

#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_A "aaaaaaaaaaaaaaaa"
#define KEY_B "bbbbbbbbbbbbbbbb"
#define KEY_C "cccccccccccccccc"
#define KEY_NEAR "aaaaaaaa"
#define KEY_FAR "cccccccc"

/* What a machine of these tests costs. */
struct costs {
    double call_ns, copy_ns, fault_ns; /* the copy: of a file */
    double rest;                       /* factor on what the writers take besides */
    double bend;                       /* Write's time is a power of the chunk: no model */
    double faults;                     /* of Mmap; 0: a page each */
    const char *context;
    uint64_t seed;
};

enum { CHUNKS = 9, FILE_BYTES = 1 << 20, FAULTS = 256 };
static const uint64_t chunks[CHUNKS] = {1024,  2048,  4096,   8192,  16384,
                                        32768, 65536, 131072, 262144};

static uint64_t file_bytes = FILE_BYTES;
static size_t chunk_count = CHUNKS;

static char *machine_text(const struct costs *costs, int controls)
{
    double write_call = costs->call_ns + 500 * costs->rest;
    double faults = costs->faults > 0 ? costs->faults : FAULTS;
    const struct make_writer writers[] = {
        {.name = "Mmap",
         .fixed_ns = costs->copy_ns + 3e5 * costs->rest + faults * costs->fault_ns,
         .faults = faults},
        {.name = "Write",
         .fixed_ns = costs->bend != 0 ? 1e6 : costs->copy_ns + 2e5 * costs->rest,
         .per_call_ns = write_call,
         .power = costs->bend},
        {.name = "EmptyCall", .file = "none", .per_call_ns = costs->call_ns},
        {.name = "Memcpy", .file = "none", .fixed_ns = costs->copy_ns},
        {.name = "MemcpyFresh",
         .file = "none",
         .fixed_ns = costs->copy_ns,
         .per_fault_ns = costs->fault_ns,
         .faults = FAULTS},
    };
    struct make_spec spec = {.writers = writers,
                             .writer_count = controls ? 5 : 2,
                             .chunks = chunks,
                             .chunk_count = chunk_count,
                             .samples = 10,
                             .noise = 0.01,
                             .seed = costs->seed,
                             .size_bytes = file_bytes,
                             .counters = 1,
                             .context = costs->context};
    char *text = make_json(&spec);
    assert_non_null(text);
    return text;
}

static struct run *machine_run(const struct costs *costs, int controls)
{
    struct run *run = NULL;
    char *text = machine_text(costs, controls);

    assert_int_equal(run_load_text(text, strlen(text), &run, NULL), 0);
    free(text);
    return run;
}

static const struct costs here = {.call_ns = 300,
                                  .copy_ns = 1e5,
                                  .fault_ns = 500,
                                  .rest = 1,
                                  .seed = 1,
                                  .context = ",\"machine_key\":\"" KEY_A
                                             "\",\"cpu_model\":\"A 1\",\"file_system\":\"ext4\""};

/* The same with a clock between the chunks. */
static struct run *timed_run(const struct costs *costs)
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

static void open_pair(struct pair *pair, const struct costs *there, int controls)
{
    pair->runs[0] = machine_run(&here, controls);
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
    struct pair pair = {.runs = {timed_run(&here), timed_run(&here)}};
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
    struct costs there = {.call_ns = 190, .copy_ns = 1.5e5, .fault_ns = 4000, .rest = 1, .seed = 2};
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
    assert_about(bound->ns[0].estimate, (1e5 + 3e5) / (double)FAULTS + 500, 0.05);
    assert_true(isnan(bound->ratio.estimate));
    close_pair(&pair);
}

/* Time = calls + copy + faults + remainder on each side, so that the differences sum up, too. */
static void what_time_was_spent_on_sums_to_the_time(void **state)
{
    struct costs there = {.call_ns = 190, .copy_ns = 1.5e5, .fault_ns = 800, .rest = 2, .seed = 3};
    struct pair pair;

    (void)state;
    open_pair(&pair, &there, 1);
    assert_int_equal(pair.costs.breakdown_count, 2 * CHUNKS);
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
    struct costs one = here;
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
    struct costs bent = here;
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
    struct costs busy = here;
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
    struct costs there = here;

    (void)state;
    there.copy_ns *= 20;
    runs[0] = machine_run(&here, 1);
    file_bytes = 8 * FILE_BYTES;
    runs[1] = machine_run(&there, 1);
    file_bytes = FILE_BYTES;
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

static void make_machine(const char *name, const struct costs *costs, int controls)
{
    char *path = path_in(name), *text = machine_text(costs, controls);
    write_file(path, text);
    free(path);
    free(text);
}

static void only_what_moved_is_explained(void **state)
{
    struct costs copying = here, files = here, unnamed = here;

    (void)state;
    copying.copy_ns *= 1.4;
    copying.context = ",\"machine_key\":\"" KEY_B
                      "\",\"cpu_model\":\"B 2\","
                      "\"file_system\":\"ext4\",\"dirty_ratio\":\"99\"";
    files.rest = 3;
    files.context = ",\"machine_key\":\"" KEY_B "\",\"cpu_model\":\"A 1\",\"file_system\":\"xfs\"";
    unnamed.call_ns = 900;
    unnamed.context =
        ",\"machine_key\":\"" KEY_B "\",\"cpu_model\":\"A 1\",\"file_system\":\"xfs\"";
    make_machine("here.json", &here, 1);
    make_machine("copying.json", &copying, 1);
    make_machine("files.json", &files, 1);
    make_machine("unnamed.json", &unnamed, 1);
    make_machine("bare.json", &files, 0);
    SAYS("compare @here.json @copying.json --cross-machine --width 400", 4,
         "Copying memory takes 1.4", "Can explain it: the hardware: CPU model (A 1 and B 2).",
         "An empty system call: no clear difference");
    SAYS("compare @here.json @files.json --cross-machine --width 400", 4, "Write: a call ",
         "Copying memory: no clear difference",
         "Copying a MiB of memory in chunks of 256 KiB, a page fault of fresh memory in chunks of ",
         "moved for 2 of 2 writers", "most of it in fill",
         "Can explain the remainder: the file system: file system (ext4 and xfs).");
    SAYS("compare @here.json @unnamed.json --cross-machine --width 400", 4,
         "An empty system call takes 3", "Nothing that differs in the contexts can explain it.");
    SAYS("compare @here.json @bare.json --cross-machine --width 400", 4,
         "do not both have EmptyCall, Memcpy, MemcpyFresh", "of the same sizes");
    unnamed.context = ",\"machine_key\":\"" KEY_B "\",\"rotational\":\"1\"";
    files.context = ",\"machine_key\":\"" KEY_C "\",\"rotational\":\"none\"";
    make_machine("unnamed.json", &unnamed, 1);
    make_machine("bare.json", &files, 1);
    SAYS("compare @unnamed.json @bare.json --cross-machine --width 400", 4,
         "kind of disk (rotating and none)");
}

/* One more or fewer at the end of the sweep, and the costs are still those of a common size. */
static void sides_of_different_sweeps_share_a_control(void **state)
{
    struct costs there = here;
    struct run *runs[2];
    struct machine_costs costs;

    (void)state;
    there.seed = 2;
    runs[0] = machine_run(&here, 1);
    chunk_count = 4;
    runs[1] = machine_run(&there, 1);
    chunk_count = CHUNKS;
    struct side sides[2] = {{1, &runs[0]}, {1, &runs[1]}};
    assert_int_equal(machine_costs_compare(&sides[0], &sides[1], 1, &costs), 0);
    assert_about(costs.aspect[ASPECT_COPY].estimate, 1, 0.03);
    assert_about(costs.aspect[ASPECT_FAULT].estimate, 1, 0.05);
    assert_int_equal(machine_costs_control(&costs, ASPECT_COPY)->chunk_bytes, chunks[3]);
    for (size_t i = 0; i < costs.notes.count; i++)
        assert_int_not_equal(costs.notes.items[i].kind, NOTE_MISSING_CONTROLS);
    machine_costs_free(&costs);
    run_free(runs[0]);
    run_free(runs[1]);
}

static void numbers_of_faults_that_differ_are_told(void **state)
{
    struct costs large = here;

    (void)state;
    large.faults = 64;
    large.context = ",\"machine_key\":\"" KEY_B "\",\"file_system\":\"xfs\"";
    make_machine("large.json", &large, 1);
    SAYS("compare @here.json @large.json --cross-machine --width 400", 4,
         "The numbers of page faults differ, old and new: Mmap takes 256 and 64 a file. ");
    struct test_process process =
        run("compare @here.json @copying.json --cross-machine --width 400", NULL);
    assert_null(strstr(process.out, "numbers of page faults"));
    test_process_free(&process);
}

/* A median of one or two chunk sizes has no quartiles. */
static void few_chunk_sizes_have_no_quartiles(void **state)
{
    struct costs files = here;

    (void)state;
    files.rest = 3;
    files.context = ",\"machine_key\":\"" KEY_B "\",\"file_system\":\"xfs\"";
    chunk_count = 2;
    make_machine("two.json", &here, 1);
    make_machine("two_files.json", &files, 1);
    chunk_count = CHUNKS;
    SAYS("compare @two.json @two_files.json --cross-machine --width 400", 4,
         ", over 2 chunk sizes");
}

static void a_doubtful_run_is_told(void **state)
{
    struct costs busy = here;

    (void)state;
    busy.context = ",\"machine_key\":\"" KEY_B "\",\"cores\":\"2\",\"load_before\":\"7.8\"";
    make_machine("busy.json", &busy, 1);
    SAYS("compare @here.json @busy.json --cross-machine --width 400", 4,
         "1 of 1 runs of the new side are doubtful, and a part of what differs can be due to that. "
         "The load was 7.8 on 2 cores");
    SAYS("compare @here.json @busy.json --cross-machine --format=json", 4,
         "\"code\": \"doubtful_runs\"", "\"refusal_code\": \"other_machines\"");
}

static void side_by_side_in_every_format(void **state)
{
    struct test_process process =
        run("compare @here.json @files.json --cross-machine --format=json", NULL);
    json_t *root = json_loads(process.out, 0, NULL), *machines = json_object_get(root, "machines");

    (void)state;
    assert_int_equal(process.status, 4);
    assert_non_null(machines);
    json_t *cost = json_array_get(json_object_get(machines, "costs"), 0);
    assert_string_equal(json_string_value(json_object_get(cost, "writer")), "EmptyCall");
    assert_true(json_number_value(json_object_get(json_object_get(cost, "old_ns"), "low")) > 200);
    json_t *difference = json_array_get(json_object_get(machines, "differences"), 0);
    assert_string_equal(json_string_value(json_object_get(difference, "key")), "file_system");
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(difference, "can_explain"), 0)), "rest");
    json_decref(root);
    test_process_free(&process);
    SAYS("compare @here.json @files.json --cross-machine --format=csv", 4,
         "\ncost,EmptyCall: an empty system call,,29");
    SAYS("compare @here.json @files.json --cross-machine --format=markdown", 4,
         "### The machines side by side", "| cost | old [95 %] | new [95 %] | new / old |",
         "### What can explain it");
    SAYS("compare @here.json @files.json", 4, "shows their ratios all the same");
}

/* results/ with a folder a machine, and one's own run. */
static void each_kept_machine_is_set_against_ones_own(void **state)
{
    struct costs other = here;
    char *path;

    (void)state;
    other.rest = 9;
    other.context = ",\"machine_key\":\"" KEY_C "\",\"cpu_model\":\"C 3\"";
    static const char *const folders[] = {"kept", "kept/" KEY_A, "kept/" KEY_C, "kept/notes"};
    for (int i = 0; i < 4; i++) {
        path = path_in(folders[i]);
        assert_int_equal(mkdir(path, 0700), 0);
        free(path);
    }
    make_machine("kept/" KEY_A "/1.json", &here, 1);
    make_machine("kept/" KEY_C "/1.json", &other, 1);
    make_machine("kept/notes/odd.json", &other, 1);
    /* A line a machine, the nearest first, and that one in full. */
    struct test_process process = run("compare @kept @files.json --cross-machine --ascii", NULL);
    const char *nearest = strstr(process.out, "\n" KEY_NEAR " "), *far;
    assert_int_equal(process.status, 4);
    far = strstr(process.out, "\n" KEY_FAR " ");
    assert_non_null(nearest);
    assert_non_null(far);
    assert_true(nearest < far);
    assert_non_null(strstr(process.out, "\n  " KEY_FAR ": C 3; other CPU model, file system\n"));
    assert_non_null(strstr(process.out, "Against ext4, A 1"));
    assert_null(strstr(process.out, "Against C 3"));
    assert_null(strstr(process.out, "against peers"));
    assert_non_null(strstr(process.out, "1 machine is not shown in full; --all"));
    test_process_free(&process);
    SAYS("compare @kept @files.json --cross-machine --all", 4, "Against ext4, A 1", "Against C 3",
         "The machines side by side");
    SAYS("compare @kept @files.json --cross-machine --format=json", 4,
         "\"machine_key\": \"" KEY_A "\"", "\"machine_key\": \"" KEY_C "\"");
    SAYS("compare @files.json @kept --cross-machine", 1, "has runs of several machines");
    /* One's own run is kept among them. */
    make_machine("kept/" KEY_A "/2.json", &here, 1);
    process = run("compare @kept @kept/" KEY_A "/2.json --cross-machine --ascii", NULL);
    assert_int_equal(process.status, 4);
    assert_non_null(strstr(process.err, "2.json is the new side; the old one is taken without it"));
    assert_non_null(strstr(process.out, "1 machine beside the one on the new side"));
    assert_non_null(strstr(process.out, ": ext4, A 1; the machine of the new side\n"));
    assert_non_null(strstr(process.out, "Against C 3"));
    test_process_free(&process);
}

static void settings_that_differ_can_explain_the_files_times(void **state)
{
    struct costs there = here;
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

static int set_up(void **state)
{
    (void)state;
    test_directory_create(&place);
    return 0;
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
        cmocka_unit_test(only_what_moved_is_explained),
        cmocka_unit_test(a_doubtful_run_is_told),
        cmocka_unit_test(sides_of_different_sweeps_share_a_control),
        cmocka_unit_test(numbers_of_faults_that_differ_are_told),
        cmocka_unit_test(few_chunk_sizes_have_no_quartiles),
        cmocka_unit_test(side_by_side_in_every_format),
        cmocka_unit_test(each_kept_machine_is_set_against_ones_own),
        cmocka_unit_test(settings_that_differ_can_explain_the_files_times),
    };
    return cmocka_run_group_tests(tests, set_up, place_remove);
}
