/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often do the crossover and the costs of one run say what is true? Runs are drawn whose curves
 * are known: a writer that maps takes the same at all sizes, a writer that calls what its row says.
 *
 *     interval_coverage [RUNS [SEED]]
 *
 * Prints Markdown: of the runs that got an answer, the share whose 95 % interval covers the truth;
 * of all, the share that got none; and how wide the intervals are. Shares have Wilson's 95 %
 * intervals. Where the truth is no line in the number of chunks, nothing promises a coverage.
 */
#include "src/analysis/crossover.h"
#include "src/analysis/model.h"
#include "src/base/random.h"
#include "src/run/run_build.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIZE = 10485760, SIZES_MAX = 16, REPLICATES = 400 };

enum curve {
    LINE,  /* in the number of chunks */
    POWER, /* chunk size to the power of -1/2 */
    FOLIO, /* a line with a bend at 4 KiB */
    EQUAL, /* both writers take the same */
    WAVE,  /* a line, and 6 % up and down along the sizes */
    WHITE, /* a line, and 4 % that the sizes differ by for no reason */
};

struct scenario {
    const char *name;
    enum curve curve;
    double first, ratio; /* of the chunk sizes */
    size_t sizes, samples;
    double noise; /* deviation of the log of a sample */
    int at_edge;  /* the crossover lies near the smallest size */
};

struct truth {
    const struct scenario *scenario;
    double constant, fixed, per_call, per_folio, crossing;
    double phase, period;
    double misfit[SIZES_MAX]; /* of WHITE */
};

static double chunks_of(double chunk) { return ceil(SIZE / chunk); }

static double curve_of(const struct truth *truth, double chunk)
{
    double place = log(chunk / truth->scenario->first) / log(truth->scenario->ratio);
    double line = truth->fixed + truth->per_call * chunks_of(chunk) +
                  truth->per_folio * SIZE / fmax(chunk, 4096);

    switch (truth->scenario->curve) {
    case POWER:
        return truth->constant * pow(chunk / truth->crossing, -0.5);
    case EQUAL:
        return truth->constant;
    case WAVE:
        return line * (1 + 0.06 * sin(truth->phase + 2 * acos(-1.0) * place / truth->period));
    default:
        return line;
    }
}

/* Where the curve with its wave crosses, near where the line does. */
static double crossing_of(const struct truth *truth)
{
    double low = truth->crossing / 1.5, high = truth->crossing * 1.5;

    for (int i = 0; i < 40; i++) {
        double middle = sqrt(low * high);
        *(curve_of(truth, middle) > truth->constant ? &low : &high) = middle;
    }
    return low;
}

static double size_at(const struct scenario *scenario, size_t i)
{
    return fmin(SIZE, round(scenario->first * pow(scenario->ratio, (double)i)));
}

static struct truth draw_truth(const struct scenario *scenario, struct random *random)
{
    struct truth truth = {.scenario = scenario,
                          .constant = 1e7,
                          .phase = 7 * random_unit(random),
                          .period = 3 + 7 * random_unit(random)};
    /* Beyond, a file has so few chunks that the curve has steps. */
    double last = log(131072 / scenario->first) / log(scenario->ratio);
    double at =
        scenario->at_edge ? 0.5 * random_unit(random) : 0.5 + (last - 0.5) * random_unit(random);

    truth.crossing = scenario->first * pow(scenario->ratio, at);
    truth.fixed = truth.constant * (0.1 + 0.5 * random_unit(random));
    double bend = scenario->curve == FOLIO ? 3 * random_unit(random) : 0;
    double calls = SIZE / truth.crossing, folios = SIZE / fmax(truth.crossing, 4096);
    truth.per_call = (truth.constant - truth.fixed) / (calls + bend * folios);
    truth.per_folio = bend * truth.per_call;
    for (size_t i = 0; i < scenario->sizes; i++)
        truth.misfit[i] = scenario->curve == WHITE ? 0.04 * random_normal(random) : 0;
    if (scenario->curve == WAVE)
        truth.crossing = crossing_of(&truth);
    return truth;
}

static int add_cell(struct run *run, const struct truth *truth, size_t i, int maps,
                    struct random *random)
{
    const struct scenario *scenario = truth->scenario;
    double chunk = size_at(scenario, i), noise = scenario->noise;
    double time = maps ? truth->constant : curve_of(truth, chunk) * (1 + truth->misfit[i]);
    /* The mean of the faster half of all possible samples is the curve itself. */
    double location = erfc(noise / sqrt(2.0)) * exp(noise * noise / 2);
    struct run_row row = run_row_empty();
    char name[100];
    int error = 0;

    snprintf(name, sizeof name, "%s/file:new/sync:none/size:%d/chunk:%.0f", maps ? "Mmap" : "Write",
             SIZE, chunk);
    row.name = name;
    row.values[METRIC_CALLS] = maps ? 5 : chunks_of(chunk);
    row.values[METRIC_MINOR_FAULTS] = maps ? 2560 : 0;
    for (size_t s = 0; error == 0 && s < scenario->samples; s++) {
        row.values[METRIC_TIME] = time * exp(noise * random_normal(random)) / location;
        error = run_add_row(run, &row);
    }
    return error;
}

static struct run *draw_run(const struct truth *truth, struct random *random)
{
    struct run *run = calloc(1, sizeof *run);
    int error = run == NULL ? -1 : 0;

    for (int maps = 1; maps >= 0; maps--)
        for (size_t i = 0; error == 0 && i < truth->scenario->sizes; i++)
            error = add_cell(run, truth, i, maps, random);
    if (error == 0 && run_finish(run) == 0)
        return run;
    fprintf(stderr, "interval_coverage: no run could be drawn.\n");
    exit(1);
}

struct tally {
    size_t runs, answered, covered, fixed_covered, none;
    double width; /* sum of the logs */
};

static int covers(struct interval interval, double value)
{
    return interval.low <= value && value <= interval.high;
}

static void look_at_pair(const struct truth *truth, const struct pair *pair, struct tally *tally)
{
    const struct crossover *crossover = pair->crossovers;

    tally->none +=
        (pair->state == PAIR_FIRST || pair->state == PAIR_SECOND) && pair->possible_count == 0;
    if (pair->crossover_count != 1 || !crossover->interpolated)
        return;
    struct interval at = crossover->chunk_bytes;
    tally->answered++;
    tally->covered += (size_t)covers(at, truth->crossing);
    tally->width += log2(fmin(at.high, SIZE) / fmax(at.low, 1));
}

static void look_at_model(const struct truth *truth, const struct model *model, struct tally *tally)
{
    struct interval call = model->cost_ns[TERM_CALL];

    if (model->refusal != MODEL_HOLDS || !model->used[TERM_CALL])
        return;
    tally->answered++;
    tally->covered += (size_t)covers(call, truth->per_call);
    tally->fixed_covered += (size_t)covers(model->cost_ns[TERM_FIXED], truth->fixed);
    tally->width += log2(call.high / fmax(call.low, 0.01 * call.high));
}

static int look(const struct truth *truth, struct run *run, int at_model, struct tally *tally)
{
    struct cell_tables tables;
    struct bootstrap bootstrap;
    struct pair pair;
    struct model model;

    if (cell_tables_make(run, &tables) != 0 ||
        bootstrap_make(run, METRIC_TIME, REPLICATES, 1, &bootstrap) != 0)
        return -1;
    int error = at_model ? model_fit(&bootstrap, &tables, 0, 1, &model)
                         : crossover_find(&bootstrap, &tables.tables[0], 0, 1, &pair);
    tally->runs++;
    if (error == 0 && at_model) {
        look_at_model(truth, &model, tally);
        model_free(&model);
    } else if (error == 0) {
        look_at_pair(truth, &pair, tally);
        pair_free(&pair);
    }
    bootstrap_free(&bootstrap);
    cell_tables_free(&tables);
    run_free(run);
    return error;
}

/* " 95.0 [93.1, 96.5] |", in per cent, with Wilson's interval. */
static void put_share(size_t hits, size_t trials)
{
    double n = (double)trials, p = (double)hits / n, z = 1.96;
    double centre = (p + z * z / (2 * n)) / (1 + z * z / n);
    double half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n);

    if (trials == 0)
        printf(" - |");
    else
        printf(" %.1f [%.1f, %.1f] |", 100 * p, 100 * (centre - half), 100 * (centre + half));
}

static int study(const struct scenario *scenarios, size_t count, int at_model, size_t runs,
                 uint64_t seed)
{
    for (const struct scenario *one = scenarios; one < scenarios + count; one++) {
        struct tally tally = {0};
        struct random random;
        random_seed(&random, seed + (uint64_t)(one - scenarios));
        for (size_t r = 0; r < runs; r++) {
            struct truth truth = draw_truth(one, &random);
            if (look(&truth, draw_run(&truth, &random), at_model, &tally) != 0)
                return -1;
        }
        printf("| %s | %zu sizes, %g apart; %zu samples, %g %% |", one->name, one->sizes,
               one->ratio, one->samples, 100 * one->noise);
        put_share(tally.covered, tally.answered);
        if (at_model)
            put_share(tally.fixed_covered, tally.answered);
        put_share(tally.runs - tally.answered, tally.runs);
        if (!at_model)
            put_share(tally.none, tally.runs);
        printf(" %.2f |\n", tally.answered == 0 ? 0 : tally.width / (double)tally.answered);
        fflush(stdout);
    }
    return 0;
}

static const struct scenario pairs[] = {
    {"line", LINE, 1024, 2, 10, 20, 0.05, 0},
    {"line, coarse", LINE, 1024, 6.31, 6, 50, 0.05, 0},
    {"line, coarse, quiet", LINE, 1024, 6.31, 6, 50, 0.02, 0},
    {"line, coarse, noisy", LINE, 1024, 6.31, 6, 20, 0.15, 0},
    {"line, near the smallest size", LINE, 1024, 4, 7, 20, 0.10, 1},
    {"power", POWER, 1024, 2, 10, 20, 0.05, 0},
    {"power, coarse", POWER, 1024, 6.31, 6, 50, 0.05, 0},
    {"bend", FOLIO, 1024, 2, 10, 20, 0.05, 0},
    {"bend, coarse", FOLIO, 1024, 6.31, 6, 50, 0.05, 0},
    {"wave", WAVE, 1024, 2, 10, 20, 0.05, 0},
    {"equal", EQUAL, 1024, 2, 10, 20, 0.05, 0},
};

static const struct scenario models[] = {
    {"line", LINE, 1024, 2.79, 10, 20, 0.05, 0},
    {"line, quiet", LINE, 1024, 2.79, 10, 50, 0.02, 0},
    {"line, noisy", LINE, 1024, 2.79, 10, 20, 0.15, 0},
    {"line, 6 sizes", LINE, 1024, 6.31, 6, 20, 0.05, 0},
    {"wave of 6 %", WAVE, 1024, 2.79, 10, 20, 0.05, 0},
    {"wave of 6 %, quiet", WAVE, 1024, 2.79, 10, 50, 0.02, 0},
    {"wave of 6 %, 14 sizes", WAVE, 1024, 2, 14, 20, 0.05, 0},
    {"wave of 6 %, 7 sizes", WAVE, 1024, 4.66, 7, 20, 0.05, 0},
    {"wave of 6 %, 8 sizes", WAVE, 1024, 3.74, 8, 20, 0.05, 0},
    {"wave of 6 %, 6 sizes", WAVE, 1024, 6.31, 6, 20, 0.05, 0},
    {"4 % at random", WHITE, 1024, 2.79, 10, 20, 0.05, 0},
    {"bend", FOLIO, 1024, 2, 14, 20, 0.05, 0},
};

int main(int argc, char **argv)
{
    size_t runs = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 1000;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;

    printf("%zu runs a row, seed %llu; shares in per cent, widths in octaves\n\n", runs,
           (unsigned long long)seed);
    printf(
        "| crossover | run | covered | no single one | \"none\" | width |\n"
        "| --- | --- | --- | --- | --- | --- |\n");
    if (study(pairs, sizeof pairs / sizeof pairs[0], 0, runs, seed) != 0)
        return 1;
    printf(
        "\n| cost per call | run | covered | fixed cost covered | refused | width |\n"
        "| --- | --- | --- | --- | --- | --- |\n");
    return study(models, sizeof models / sizeof models[0], 1, runs, seed + 100) != 0;
}
