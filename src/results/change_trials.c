/* SPDX-License-Identifier: Apache-2.0 */
#include "change_trials.h"

#include "change_steps.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum { DRAWS = 3999, STOP = 20, BEFORE_LEAST = 8, STRATA = 3 };

/* An older step begins a new level to compare with. A false one would cost the level before it. */
#define OLDER_LEVEL 0.001

/* What of alpha the kinds of rows get: few means would pay for many cells otherwise. */
static const size_t stratum_of[RESULTS_WATCH_KINDS] = {0, 0, 1, 2};
static const double shares[STRATA] = {0.45, 0.45, 0.1};

struct work {
    const struct watch_rows *rows;
    const struct results_watch_options *options;
    struct trials *trials;
    struct results_random random;
    double share[STRATA];
    double *largest[STRATA]; /* [draw] */
    size_t draws;
    double *persistence[2]; /* [row], own and relative */
    size_t *order, *room;   /* [runs] */
};

static const double *values_of(const struct watch_rows *rows, const struct trial *trial)
{
    return &(trial->relative ? rows->relative : rows->own)[trial->row * rows->runs];
}

static size_t stratum(const struct work *work, const struct trial *trial)
{
    return stratum_of[work->rows->row[trial->row].kind];
}

/* ---- setting up -------------------------------------------------------------------------- */

static size_t count_values(const struct watch_rows *rows, const struct trial *trial)
{
    const double *value = values_of(rows, trial);
    size_t count = 0;

    for (size_t i = trial->from; i < rows->runs; i++)
        count += isnan(value[i]) ? 0 : 1;
    return count;
}

/* The level to compare with begins after the last step that is older than the newest runs. */
static int find_level(struct work *work, struct trial *trial)
{
    const struct watch_rows *rows = work->rows;
    struct results_step_options options = results_step_default();
    struct results_steps steps;
    size_t begin = trial->from, newest = work->options->newest;

    options.level = OLDER_LEVEL;
    options.margin = work->options->margin;
    options.persistence = trial->persistence;
    options.seed = work->options->seed + trial->row;
    int error = steps_find(values_of(rows, trial) + begin, rows->runs - begin, &options,
                           work->trials->cache, &steps);
    if (error != 0)
        return error;
    for (size_t i = 0; i < steps.count; i++)
        if (begin + steps.steps[i].at + newest < rows->runs)
            trial->from = begin + steps.steps[i].at;
    results_steps_free(&steps);
    return 0;
}

static int take_ranks(struct work *work, struct trial *trial)
{
    const double *value = values_of(work->rows, trial);
    double present[RESULTS_STEP_WINDOW], fresh[RESULTS_STEP_WINDOW], rank[RESULTS_STEP_WINDOW];
    size_t count = 0, at = 0;

    for (size_t i = trial->from; i < work->rows->runs; i++)
        if (!isnan(value[i]))
            present[count++] = value[i];
    results_innovations(present, count, trial->persistence, fresh);
    int error = scan_ranks(fresh, count, rank);
    for (size_t i = 0; error == 0 && i < work->rows->runs; i++)
        trial->rank[i] = i >= trial->from && !isnan(value[i]) ? rank[at++] : (double)NAN;
    trial->count = count;
    trial->scan = scan_get(work->trials->cache, count);
    return trial->scan == NULL ? -ENOMEM : error;
}

static int add_trial(struct work *work, size_t row, int relative)
{
    struct trials *trials = work->trials;
    struct trial *trial = &trials->trial[trials->count];

    *trial = (struct trial){.row = row,
                            .relative = relative,
                            .from = work->rows->start[row],
                            .p = 1,
                            .persistence = work->persistence[relative][row],
                            .rank = &trials->store[trials->count * work->rows->runs]};
    if (count_values(work->rows, trial) < BEFORE_LEAST + RESULTS_STEP_LEAST)
        return 0;
    int error = find_level(work, trial);
    if (error != 0 || count_values(work->rows, trial) < BEFORE_LEAST + RESULTS_STEP_LEAST)
        return error;
    trials->count++;
    return take_ranks(work, trial);
}

/* ---- the statistic ----------------------------------------------------------------------- */

/* The largest score of the runs at the end of `order`, from the shortest stretch to the longest.
 * *since (may be NULL): where that stretch begins. */
static double scan_end(const struct trial *trial, const size_t *order, size_t runs, size_t newest,
                       size_t *since)
{
    double sum = 0, largest = -1;
    size_t part = 0, most = trial->count - BEFORE_LEAST;

    most = most < newest ? most : newest;
    for (size_t i = runs; i-- > 0 && part < most;) {
        double rank = trial->rank[order[i]];
        if (isnan(rank))
            continue;
        sum += rank;
        if (++part < RESULTS_STEP_LEAST)
            continue;
        double score = fabs(scan_score(trial->scan, part, sum));
        if (score > largest) {
            largest = score;
            if (since != NULL)
                *since = order[i];
        }
    }
    return largest;
}

static void observe(struct work *work, double highest[STRATA])
{
    for (size_t i = 0; i < work->rows->runs; i++)
        work->order[i] = i;
    for (size_t t = 0; t < work->trials->count; t++) {
        struct trial *trial = &work->trials->trial[t];
        trial->score =
            scan_end(trial, work->order, work->rows->runs, work->options->newest, &trial->since);
        size_t s = stratum(work, trial);
        highest[s] = fmax(highest[s], trial->score);
    }
}

/* Nothing can be found any more: the best of every stratum was passed too often. */
static int is_settled(const size_t passed[STRATA], const double share[STRATA])
{
    for (size_t s = 0; s < STRATA; s++)
        if (share[s] > 0 && passed[s] < STOP)
            return 0;
    return 1;
}

/* All rows get the same order, so that what they have in common stays in common. */
static void permute(struct work *work, const double highest[STRATA], size_t block, size_t draws)
{
    size_t passed[STRATA] = {0};

    while (work->draws < draws && !is_settled(passed, work->share)) {
        double largest[STRATA] = {0};
        scan_permute(work->order, work->rows->runs, block, work->room, &work->random);
        for (size_t t = 0; t < work->trials->count; t++) {
            const struct trial *trial = &work->trials->trial[t];
            size_t s = stratum(work, trial);
            double score =
                scan_end(trial, work->order, work->rows->runs, work->options->newest, NULL);
            largest[s] = fmax(largest[s], score);
        }
        for (size_t s = 0; s < STRATA; s++) {
            work->largest[s][work->draws] = largest[s];
            passed[s] += largest[s] >= highest[s] - 1e-9;
        }
        work->draws++;
    }
}

static void adjust(struct work *work)
{
    for (size_t t = 0; t < work->trials->count; t++) {
        struct trial *trial = &work->trials->trial[t];
        size_t s = stratum(work, trial), passed = 1;
        for (size_t d = 0; d < work->draws; d++)
            passed += work->largest[s][d] >= trial->score - 1e-9;
        trial->p = fmin(1, (double)passed / (double)(work->draws + 1) / work->share[s]);
    }
}

/* ---- all of it --------------------------------------------------------------------------- */

static void divide_alpha(const struct watch_rows *rows, double share[STRATA])
{
    double sum = 0;

    for (size_t s = 0; s < STRATA; s++)
        share[s] = 0;
    for (size_t r = 0; r < rows->count; r++)
        share[stratum_of[rows->row[r].kind]] = shares[stratum_of[rows->row[r].kind]];
    for (size_t s = 0; s < STRATA; s++)
        sum += share[s];
    for (size_t s = 0; s < STRATA; s++)
        share[s] /= sum > 0 ? sum : 1;
}

static void take_persistence(struct work *work)
{
    size_t count = 0;
    double *room = work->persistence[1] + work->rows->count;

    for (size_t r = 0; r < work->rows->count; r++)
        if (work->rows->row[r].kind == RESULTS_WATCH_CELL)
            room[count++] = work->persistence[0][r];
    results_sort(room, count);
    work->trials->persistence = count > 0 ? results_median(room, count) : 0;
}

/* The longest block that any row asks for. */
static size_t block_of(const struct trials *trials) { return scan_block(trials->persistence); }

static int allocate(struct work *work, size_t draws)
{
    size_t rows = work->rows->count, runs = work->rows->runs;
    struct trials *trials = work->trials;
    int failed = 0;

    trials->trial = calloc(2 * rows, sizeof *trials->trial);
    trials->store = calloc(2 * rows * runs, sizeof *trials->store);
    trials->cache = calloc(1, sizeof *trials->cache);
    work->persistence[0] = calloc(rows, sizeof(double));
    work->persistence[1] = calloc(2 * rows, sizeof(double));
    work->order = calloc(runs + 1, sizeof *work->order);
    work->room = calloc(runs + 1, sizeof *work->room);
    for (size_t s = 0; s < STRATA; s++)
        failed |= (work->largest[s] = calloc(draws, sizeof(double))) == NULL;
    return failed || trials->trial == NULL || trials->store == NULL || trials->cache == NULL ||
                   work->persistence[0] == NULL || work->persistence[1] == NULL ||
                   work->order == NULL || work->room == NULL
               ? -ENOMEM
               : 0;
}

static int set_up(struct work *work)
{
    const struct watch_rows *rows = work->rows;

    int error = results_persistence(rows->own, rows->runs, rows->count, work->persistence[0]);
    if (error == 0)
        error = results_persistence(rows->relative, rows->runs, rows->count, work->persistence[1]);
    if (error != 0)
        return error;
    take_persistence(work);
    for (size_t r = 0; error == 0 && r < rows->count; r++) {
        error = add_trial(work, r, 0);
        if (error == 0)
            error = add_trial(work, r, 1);
    }
    return error;
}

int trials_run(const struct watch_rows *rows, const struct results_watch_options *options,
               struct trials *trials)
{
    struct work work = {.rows = rows, .options = options, .trials = trials};
    size_t draws = options->draws > 0 ? options->draws : DRAWS;
    double highest[STRATA] = {0};

    *trials = (struct trials){0};
    results_random_seed(&work.random, options->seed);
    divide_alpha(rows, work.share);
    int error = allocate(&work, draws);
    if (error == 0)
        error = set_up(&work);
    if (error == 0 && trials->count > 0) {
        observe(&work, highest);
        permute(&work, highest, block_of(trials), draws);
        adjust(&work);
    }
    free(work.persistence[0]);
    free(work.persistence[1]);
    free(work.order);
    free(work.room);
    for (size_t s = 0; s < STRATA; s++)
        free(work.largest[s]);
    return error;
}

/* So many runs that the clearest step of all could pass: half of them above all others. */
void trials_needed(const struct watch_rows *rows, const struct results_watch_options *options,
                   size_t needed[RESULTS_WATCH_KINDS])
{
    double share[STRATA], tests[STRATA] = {0};

    divide_alpha(rows, share);
    for (size_t r = 0; r < rows->count; r++)
        tests[stratum_of[rows->row[r].kind]] += 2;
    for (size_t kind = 0; kind < RESULTS_WATCH_KINDS; kind++) {
        size_t s = stratum_of[kind], runs = BEFORE_LEAST + RESULTS_STEP_LEAST;
        double target = log(2 * tests[s] / (share[s] * options->alpha));
        for (;; runs++) {
            size_t part = runs - BEFORE_LEAST < runs / 2 ? runs - BEFORE_LEAST : runs / 2;
            part = part < options->newest ? part : options->newest;
            double n = (double)runs, m = (double)part;
            if (tests[s] == 0 || runs >= RESULTS_STEP_WINDOW ||
                lgamma(n + 1) - lgamma(m + 1) - lgamma(n - m + 1) >= target)
                break;
        }
        needed[kind] = tests[s] > 0 ? runs : 0;
    }
}

void trials_free(struct trials *trials)
{
    if (trials->cache != NULL)
        scan_cache_free(trials->cache);
    free(trials->cache);
    free(trials->trial);
    free(trials->store);
    *trials = (struct trials){0};
}
