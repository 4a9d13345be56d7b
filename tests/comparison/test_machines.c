/* SPDX-License-Identifier: Apache-2.0 */
/* Several machines: two side by side, and two builds on each of many. */
#include "src/base/random.h"
#include "src/comparison/machine_costs.h"
#include "src/run/load.h"
#include "src/statistics/random_effects.h"
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

/* What a machine of these tests costs. */
struct costs {
    double call_ns, copy_ns, fault_ns; /* the copy: of a file */
    double rest;                       /* factor on what the writers take besides */
    double bend;                       /* Write's time is a power of the chunk: no model */
    const char *context;
    uint64_t seed;
};

enum { CHUNKS = 9, FILE_BYTES = 1 << 20, FAULTS = 256 };
static const uint64_t chunks[CHUNKS] = {1024,  2048,  4096,   8192,  16384,
                                        32768, 65536, 131072, 262144};

static uint64_t file_bytes = FILE_BYTES;

static char *machine_text(const struct costs *costs, int controls)
{
    double write_call = costs->call_ns + 500 * costs->rest;
    const struct make_writer writers[] = {
        {.name = "Mmap",
         .fixed_ns = costs->copy_ns + 3e5 * costs->rest + (double)FAULTS * costs->fault_ns,
         .faults = FAULTS},
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
                             .chunk_count = CHUNKS,
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

struct pair {
    struct run *runs[2];
    struct machine_costs beside;
};

static void open_pair(struct pair *pair, const struct costs *there, int controls)
{
    pair->runs[0] = machine_run(&here, controls);
    pair->runs[1] = machine_run(there, controls);
    struct side sides[2] = {{1, &pair->runs[0]}, {1, &pair->runs[1]}};
    assert_int_equal(machine_costs_compare(&sides[0], &sides[1], 1, &pair->beside), 0);
}

static void close_pair(struct pair *pair)
{
    machine_costs_free(&pair->beside);
    run_free(pair->runs[0]);
    run_free(pair->runs[1]);
}

static const struct machine_cost *cost_of(const struct pair *pair, const char *writer,
                                          const char *what)
{
    for (size_t i = 0; i < pair->beside.cost_count; i++)
        if (strncmp(pair->beside.costs[i].writer, writer, strlen(writer)) == 0 &&
            strcmp(pair->beside.costs[i].what, what) == 0)
            return &pair->beside.costs[i];
    return NULL;
}

static int has_note(const struct pair *pair, const char *part)
{
    for (size_t i = 0; i < pair->beside.note_count; i++)
        if (strstr(pair->beside.notes[i], part) != NULL)
            return 1;
    return 0;
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
    const struct machine_cost *call = cost_of(&pair, "EmptyCall", "an empty system call");
    const struct machine_cost *fault =
        cost_of(&pair, "MemcpyFresh", "a page fault of fresh memory");
    const struct machine_cost *copy = cost_of(&pair, "Memcpy", "copying a MiB of memory");
    const struct machine_cost *write_call = cost_of(&pair, "Write/", "a call");
    const struct machine_cost *bound = cost_of(&pair, "Mmap/", "a page fault");
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

/* Time = calls + copy + faults + rest on each side, so that the differences sum up, too. */
static void parts_sum_to_the_time(void **state)
{
    struct costs there = {.call_ns = 190, .copy_ns = 1.5e5, .fault_ns = 800, .rest = 2, .seed = 3};
    struct pair pair;

    (void)state;
    open_pair(&pair, &there, 1);
    assert_int_equal(pair.beside.parts_count, 2 * CHUNKS);
    for (size_t i = 0; i < pair.beside.parts_count; i++) {
        const struct cost_breakdown *parts = &pair.beside.parts[i];
        for (int side = 0; side < 2; side++) {
            double sum = 0;
            for (int a = 0; a < ASPECTS; a++)
                sum += parts->part_ns[a][side];
            assert_about(sum, parts->time_ns[side], 1e-9);
        }
    }
    for (size_t i = 0; i < pair.beside.rest_count; i++)
        assert_about(pair.beside.rests[i].ratio.estimate, 2, 0.15);
    close_pair(&pair);
}

/* Three runs or more have Student's interval over processes; it must hold what they differ by. */
static void several_runs_have_an_interval_over_processes(void **state)
{
    struct costs one = here;
    struct run *runs[2][5];
    struct machine_costs beside;

    (void)state;
    for (int side = 0; side < 2; side++) {
        for (int i = 0; i < 5; i++) {
            one.call_ns = (side == 0 ? 300 : 150) * (1 + 0.1 * (i - 2));
            one.seed = 10 + (uint64_t)(5 * side + i);
            runs[side][i] = machine_run(&one, 1);
        }
    }
    struct side sides[2] = {{5, runs[0]}, {5, runs[1]}};
    assert_int_equal(machine_costs_compare(&sides[0], &sides[1], 1, &beside), 0);
    const struct machine_cost *call = &beside.costs[0];
    assert_string_equal(call->writer, "EmptyCall");
    /* ±20 % over 5 processes: a standard error of 7 % and 2.8 of them, not the bootstrap's 1 %. */
    assert_true(call->ns[0].high / call->ns[0].low > 1.3);
    assert_true(call->ns[0].high / call->ns[0].low < 1.8);
    assert_true(call->ratio.low < 0.5 && call->ratio.high > 0.5 && call->ratio.high < 1);
    machine_costs_free(&beside);
    for (int i = 0; i < 10; i++)
        run_free(runs[i / 5][i % 5]);
}

static void what_does_not_hold_is_refused_with_a_sentence(void **state)
{
    struct costs bent = here;
    struct pair pair;

    (void)state;
    bent.bend = -0.3;
    open_pair(&pair, &bent, 1);
    assert_true(has_note(&pair, "Write/file:new/sync:none has no cost model on the new side: "));
    const struct machine_cost *call = cost_of(&pair, "Write/", "a call");
    assert_non_null(call);
    assert_true(call->ns[0].estimate > 0 && isnan(call->ns[1].estimate));
    assert_true(isnan(call->ratio.estimate));
    close_pair(&pair);
    open_pair(&pair, &bent, 0);
    assert_true(has_note(&pair, "have no EmptyCall, Memcpy, MemcpyFresh"));
    assert_true(pair.beside.parts[0].part_ns[ASPECT_FILE][0] == pair.beside.parts[0].time_ns[0]);
    close_pair(&pair);
}

/* What the load did is not put down to what differs in the contexts. */
static void a_doubtful_run_is_said_to_be_one(void **state)
{
    struct costs busy = here;
    struct pair pair;

    (void)state;
    open_pair(&pair, &busy, 1);
    assert_false(has_note(&pair, "doubtful"));
    close_pair(&pair);
    busy.context = ",\"machine_key\":\"" KEY_B "\",\"cores\":\"2\",\"load_before\":\"7.8\"";
    open_pair(&pair, &busy, 1);
    assert_true(has_note(&pair,
                         "1 of 1 runs of the new side are doubtful, and a part of what "
                         "differs can be due to that. The load was 7.8 on 2 cores"));
    assert_false(has_note(&pair, "runs of the old side are doubtful"));
    close_pair(&pair);
}

/* A copy of a larger file leaves the caches: it says nothing about the machine. */
static void other_sizes_are_not_set_against_each_other(void **state)
{
    struct run *runs[2];
    struct machine_costs beside;
    struct costs there = here;

    (void)state;
    there.copy_ns *= 20;
    runs[0] = machine_run(&here, 1);
    file_bytes = 8 * FILE_BYTES;
    runs[1] = machine_run(&there, 1);
    file_bytes = FILE_BYTES;
    struct side sides[2] = {{1, &runs[0]}, {1, &runs[1]}};
    assert_int_equal(machine_costs_compare(&sides[0], &sides[1], 1, &beside), 0);
    assert_about(beside.aspect[ASPECT_CALL].estimate, 1, 0.03);
    assert_true(isnan(beside.aspect[ASPECT_COPY].estimate));
    assert_int_equal(beside.parts_count, 0);
    for (size_t i = 0; i < beside.cost_count; i++)
        if (strcmp(beside.costs[i].what, "the fixed part of a file") == 0)
            assert_true(isnan(beside.costs[i].ratio.estimate));
    machine_costs_free(&beside);
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
         "An empty system call: no difference can be told");
    SAYS("compare @here.json @files.json --cross-machine --width 400", 4,
         "A call of Write costs 80", "Copying memory: no difference can be told",
         "moved for 2 of 2 writers", "most of it in fill",
         "Can explain the rest: the file system: file system (ext4 and xfs).");
    SAYS("compare @here.json @unnamed.json --cross-machine --width 400", 4,
         "An empty system call takes 3", "Nothing that differs in the contexts can explain it.");
    SAYS("compare @here.json @bare.json --cross-machine --width 400", 4,
         "have no EmptyCall, Memcpy, MemcpyFresh");
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
         "\ncost,\"EmptyCall: an empty system call\",,29");
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
    SAYS("compare @kept @files.json --cross-machine", 4, "Against ext4, A 1", "Against C 3",
         "The machines side by side");
    SAYS("compare @kept @files.json --cross-machine --format=json", 4,
         "\"machine_key\": \"" KEY_A "\"", "\"machine_key\": \"" KEY_C "\"");
    SAYS("compare @files.json @kept --cross-machine", 1, "has runs of several machines");
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
    assert_int_equal(machine_costs_compare(&sides[0], &sides[1], 1, &pair.beside), 0);
    for (size_t i = 0; i < pair.beside.difference_count; i++) {
        const struct machine_difference *difference = &pair.beside.differences[i];
        if (strcmp(difference->key, "dirty_expire_centisecs") != 0)
            continue;
        assert_int_equal(difference->explains, 1U << ASPECT_FILE);
        assert_string_equal(difference->value[1], "3000");
        named++;
    }
    assert_int_equal(named, 1);
    close_pair(&pair);
}

/* Values from an own implementation of Paule and Mandel's estimate. */
static void combining_follows_the_books(void **state)
{
    static const double apart[3] = {0.1, 0.2, 0.5}, apart_variance[3] = {0.001, 0.002, 0.004};
    static const double close[3] = {0.10, 0.11, 0.12}, close_variance[3] = {0.01, 0.01, 0.02};
    static const double unknown[3] = {0.01, (double)NAN, 0.01};
    struct interval interval;
    double heterogeneity, t;

    (void)state;
    assert_int_equal(random_effects(apart, apart_variance, 3, 0.95, &interval, &heterogeneity, &t),
                     0);
    assert_about(interval.estimate, 0.2617880847, 1e-6);
    assert_about(heterogeneity, 0.2010156144, 1e-6);
    assert_about(interval.high - interval.estimate, 4.302652730 * 0.1193099681, 1e-6);
    assert_about(t, 0.2617880847 / 0.1193099681, 1e-6);
    /* Nearer to each other than their variances: the interval is no narrower than these allow. */
    assert_int_equal(random_effects(close, close_variance, 3, 0.95, &interval, &heterogeneity, &t),
                     0);
    assert_true(heterogeneity == 0);
    assert_about(interval.estimate, 0.108, 1e-6);
    assert_about(interval.high - interval.estimate, 4.302652730 * 0.06324555320, 1e-6);
    /* A variance that is not known: all weigh the same. */
    assert_int_equal(random_effects(apart, unknown, 3, 0.95, &interval, &heterogeneity, &t), 0);
    assert_about(interval.estimate, 0.8 / 3, 1e-9);
    assert_true(isnan(heterogeneity));
    assert_int_equal(random_effects(apart, apart_variance, 1, 0.95, &interval, &heterogeneity, &t),
                     0);
    assert_true(interval.estimate == 0.1 && isnan(interval.low) && isnan(t));
}

/* Machines that truly differ, known to different degrees: the interval holds the mean of all
 * machines. The share is printed: STATISTICS.md quotes it. */
static void combined_intervals_cover_the_mean_of_all_machines(void **state)
{
    static const size_t machines[] = {2, 3, 5, 10};
    struct random random;

    (void)state;
    for (int h = 0; h < 2; h++) {
        double heterogeneity = h == 0 ? 0 : 0.05;
        for (size_t k = 0; k < sizeof machines / sizeof machines[0]; k++) {
            enum { TRIALS = 4000 };
            int covered = 0;
            random_seed(&random, 5 + k);
            for (int i = 0; i < TRIALS; i++) {
                double value[10], variance[10], between, t;
                struct interval interval;
                for (size_t m = 0; m < machines[k]; m++) {
                    double error = 0.01 * (1 + (double)(m % 4));
                    variance[m] = error * error;
                    value[m] = 0.1 + heterogeneity * random_normal(&random) +
                               error * random_normal(&random);
                }
                random_effects(value, variance, machines[k], 0.95, &interval, &between, &t);
                covered += interval.low <= 0.1 && 0.1 <= interval.high;
            }
            double share = (double)covered / (double)TRIALS;
            print_message("%zu machines that differ by %g %%: intervals cover %.1f %%\n",
                          machines[k], 100 * heterogeneity, 100 * share);
            assert_true(share > (h == 0 ? 0.94 : 0.93) && share <= 1);
        }
    }
}

static void a_change_of_all_machines_is_found(void **state)
{
    (void)state;
    SAYS("compare @before @after", 3, "Slower over 3 machines: Mmap (+20", "3 of them agree",
         "3 of 3 slower", "Machine dddddddddddddddd has runs on the new side only",
         "random-effects mean");
    SAYS("compare @after @before", 0, "Faster, and nothing became slower, over 3 machines: Mmap");
    SAYS("compare @before @again", 0, "Nothing became slower over 3 machines", "nothing slower");
}

/* One of three: the machines together cannot be told, that machine can. */
static void a_change_of_one_machine_is_not_lost(void **state)
{
    (void)state;
    SAYS("compare @before @one", 3, "Slower on 1 of 3 machines", "1 of 3 slower");
}

static void fewer_than_two_machines_have_no_verdict_together(void **state)
{
    (void)state;
    SAYS("compare @few1 @few2", 4, "No verdict over 2 machines",
         "0 of 2 machines have runs that allow a verdict of their own", "2 of 2 slower");
}

static size_t commas_of(const char *line)
{
    size_t count = 0;
    int quoted = 0;
    for (; *line != '\0' && *line != '\n'; line++) {
        quoted ^= *line == '"';
        count += *line == ',' && !quoted;
    }
    return count;
}

static void many_machines_in_every_format(void **state)
{
    struct test_process process = run("compare @before @after --format=json", NULL);
    json_t *root = json_loads(process.out, 0, NULL);
    json_t *row = json_array_get(json_object_get(root, "rows"), 0);

    (void)state;
    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(row, "change")), "slower");
    assert_int_equal(json_integer_value(json_object_get(row, "slower_on")), 3);
    assert_about(json_number_value(json_object_get(json_object_get(row, "ratio"), "estimate")), 1.2,
                 0.02);
    assert_int_equal(json_object_size(json_object_get(row, "ratio_by_machine")), 3);
    assert_int_equal(json_array_size(json_object_get(root, "comparisons")), 3);
    json_decref(root);
    test_process_free(&process);

    process = run("compare @before @after --format=csv", NULL);
    size_t commas = commas_of(process.out), combined = 0;
    for (const char *line = process.out; *line != '\0'; line = strchr(line, '\n') + 1) {
        assert_int_equal(commas_of(line), commas);
        combined += strncmp(line, "combined,writer,\"Mmap/", 22) == 0;
    }
    assert_int_equal(combined, 1);
    test_process_free(&process);
    SAYS("compare @before @after --format=markdown --github", 3, "### Slower over 3 machines",
         "::error title=Slower on 3 of 3 machines::Mmap");
}

#define EXTRA(key) ",\"round\":\"%zu\",\"machine_key\":\"" key "\",\"cpu_model\":\"" key "\""

static void make_fleet(const char *name, const double *slow, size_t machines, size_t runs,
                       int first_minute)
{
    static const char *const extras[] = {EXTRA(KEY_A), EXTRA(KEY_B), EXTRA(KEY_C),
                                         EXTRA("dddddddddddddddd")};
    static const char *const keys[] = {KEY_A, KEY_B, KEY_C, "dddddddddddddddd"};
    char *path = path_in(name);

    assert_int_equal(mkdir(path, 0700), 0);
    free(path);
    for (size_t m = 0; m < machines; m++) {
        char folder[100];
        snprintf(folder, sizeof folder, "%s/%s", name, keys[m]);
        make_side(&(struct made_side){.name = folder,
                                      .runs = runs,
                                      .slow = slow[m],
                                      .extra = extras[m],
                                      .first_minute = first_minute + 40 * (int)m});
    }
}

static int set_up(void **state)
{
    (void)state;
    test_directory_create(&place);
    make_fleet("before", (const double[]){1, 1, 1}, 3, 12, 0);
    make_fleet("again", (const double[]){1, 1, 1}, 3, 12, 1);
    make_fleet("after", (const double[]){1.19, 1.2, 1.21, 1}, 4, 12, 1);
    make_fleet("one", (const double[]){1, 1.5, 1}, 3, 12, 1);
    make_fleet("few1", (const double[]){1, 1}, 2, 2, 0);
    make_fleet("few2", (const double[]){1.5, 1.5}, 2, 2, 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_directory_remove(&place);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(controls_and_models_say_what_things_cost),
        cmocka_unit_test(parts_sum_to_the_time),
        cmocka_unit_test(several_runs_have_an_interval_over_processes),
        cmocka_unit_test(what_does_not_hold_is_refused_with_a_sentence),
        cmocka_unit_test(a_doubtful_run_is_said_to_be_one),
        cmocka_unit_test(other_sizes_are_not_set_against_each_other),
        cmocka_unit_test(only_what_moved_is_explained),
        cmocka_unit_test(side_by_side_in_every_format),
        cmocka_unit_test(each_kept_machine_is_set_against_ones_own),
        cmocka_unit_test(settings_that_differ_can_explain_the_files_times),
        cmocka_unit_test(combining_follows_the_books),
        cmocka_unit_test(combined_intervals_cover_the_mean_of_all_machines),
        cmocka_unit_test(a_change_of_all_machines_is_found),
        cmocka_unit_test(a_change_of_one_machine_is_not_lost),
        cmocka_unit_test(fewer_than_two_machines_have_no_verdict_together),
        cmocka_unit_test(many_machines_in_every_format),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
