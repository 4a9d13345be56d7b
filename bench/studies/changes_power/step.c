/* SPDX-License-Identifier: Apache-2.0 */
/* Something became slower: is it found, and where? */
#include "changes_power.h"
#include "src/statistics/quantiles.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum what { FOUND, PLACED, COVERED, WRONG };

static const struct scenario scenarios[] = {
    {INDEPENDENT, 0.03, CELL, 1.10, 5, 0.9},     {HEAVY, 0.03, CELL, 1.10, 5, 0.9},
    {CORRELATED, 0.03, CELL, 1.10, 5, 0},        {CORRELATED, 0.03, CELL, 1.10, 8, 0},
    {COMMON, 0.03, CELL, 1.10, 5, 0.9},          {MIXED, 0.03, CELL, 1.10, 5, 0},
    {INDEPENDENT, 0.10, CELL, 1.10, 5, 0},       {INDEPENDENT, 0.10, CELL, 1.10, 30, 0},
    {INDEPENDENT, 0.10, CELL, 1.30, 5, 0},       {INDEPENDENT, 0.03, CELL, 1.05, 12, 0.75},
    {HEAVY, 0.03, CELL, 1.05, 12, 0.75},         {CORRELATED, 0.03, CELL, 1.05, 12, 0},
    {COMMON, 0.03, CELL, 1.05, 12, 0},           {INDEPENDENT, 0.10, WRITER, 1.10, 5, 0},
    {CORRELATED, 0.03, WRITER, 1.05, 5, 0},      {COMMON, 0.03, WRITER, 1.05, 5, 0},
    {INDEPENDENT, 0.10, EVERYTHING, 1.10, 5, 0}, {COMMON, 0.03, EVERYTHING, 1.10, 5, 0},
    {COMMON, 0.03, EVERYTHING, 1.10, 12, 0},     {INDEPENDENT, 0.03, CELL, 1 / 1.10, 5, 0},
    {INDEPENDENT, 0.03, HALF, 1.05, 12, 0},      {INDEPENDENT, 0.03, HALF, 1.10, 5, 0},
    {COMMON, 0.03, HALF, 1.05, 12, 0},           {COMMON, 0.03, HALF, 1.10, 5, 0},
};

/* Little has been measured yet. */
#define OF_FEW(after)                                                                              \
    {INDEPENDENT, 0.03, CELL, 1.30, after, 0}, {CORRELATED, 0.03, CELL, 1.30, after, 0},           \
        {INDEPENDENT, 0.03, WRITER, 1.10, after, 0}, {CORRELATED, 0.03, WRITER, 1.10, after, 0},   \
        {INDEPENDENT, 0.03, EVERYTHING, 1.10, after, 0},                                           \
    {                                                                                              \
        CORRELATED, 0.03, EVERYTHING, 1.10, after, 0                                               \
    }
static const struct scenario of_dozen[] = {OF_FEW(3)}, of_twenty[] = {OF_FEW(5)};

/* The mean change of a row's cells. */
static double truth_of(const struct trial *trial, const struct finding *row, size_t place)
{
    const struct history *history = trial->history;
    double cells = 0, changed = 0;

    for (size_t c = 0; c < history_columns(history); c++) {
        int is_part = row->kind == ROW_ALL      ? c < history->cells
                      : row->kind == ROW_WRITER ? history->group[c] == row->index
                                                : c == row->index;
        cells += is_part;
        changed += is_part && history_is_changed(history, trial->scenario->target, place, c);
    }
    return changed / cells * log(trial->scenario->factor);
}

/* Some row is said to have gone the other way, or to have gone where it stayed within the margin.
 */
static int has_wrong_name(const struct trial *trial, const struct watch_result *watched,
                          size_t place)
{
    double margin = log1p(watch_options_default().margin);

    for (const struct watch_row *row = watched->rows; row < watched->rows + watched->count; row++) {
        double truth = truth_of(trial, &row->finding, place);
        double sign = row->finding.change == CHANGE_SLOWER ? 1 : -1;
        if (finding_moved(&row->finding) && row->finding.kind != ROW_CONTROL &&
            sign * truth < margin)
            return 1;
    }
    return 0;
}

static void count_hits(const struct trial *trial, const struct watch_result *watched, size_t place)
{
    const struct scenario *scenario = trial->scenario;
    size_t truly = trial->history->runs - scenario->after;
    const struct watch_row *row = history_row(watched, scenario->target, place);
    enum change sought = scenario->factor > 1 ? CHANGE_SLOWER : CHANGE_FASTER;
    int found = row != NULL ? row->finding.change == sought : watched->slower > 0;

    if (row != NULL && found) {
        size_t off = row->since > truly ? row->since - truly : truly - row->since;
        share_add(&trial->shares[PLACED], off <= 2, 1);
        share_add(&trial->shares[COVERED],
                  row->finding.ratio.low <= scenario->factor &&
                      scenario->factor <= row->finding.ratio.high,
                  1);
    }
    share_add(&trial->shares[FOUND], (size_t)found, 1);
    share_add(&trial->shares[WRONG], (size_t)has_wrong_name(trial, watched, place), 1);
}

static int look(const struct trial *trial)
{
    const struct scenario *scenario = trial->scenario;
    struct watch_options options = watch_options_suspicious();
    struct watch_result watched;
    size_t place = random_below(trial->random, scenario->target == CELL ? trial->history->cells
                                                                        : trial->history->writers);

    history_draw(trial->history, scenario->noise, scenario->spread, trial->random);
    history_slow(trial->history, scenario->target, place, trial->history->runs - scenario->after,
                 scenario->factor);
    struct watch_series series = history_until(trial->history, trial->history->runs);
    options.without_limits = 1;
    options.seed = trial->seed + trial->number;
    int error = watch_newest(&series, &options, &watched);
    if (error != 0)
        return error;
    count_hits(trial, &watched, place);
    watch_result_free(&watched);
    return 0;
}

enum { DRAWS = 400000, STEPS_DRAWN = 20000 };

struct known {
    double carried; /* 1 - persistence */
    double shift;   /* of the level, in deviations of what is new in a run */
    size_t after, newest;
};

/* The largest of the generalised least-squares estimates of a step, in their deviations, over all
 * places; what is before the newest runs counts only by its sum. */
static double largest(const struct known *known, struct random *random)
{
    double fresh[RUNS], sum = 0, newer = 0, n = RUNS, most = -INFINITY;
    size_t first = RUNS - known->newest;

    sum = sqrt((double)first) * random_normal(random);
    for (size_t i = first; i < RUNS; i++) {
        double step = i + known->after == RUNS ? 1 : i + known->after > RUNS ? known->carried : 0;
        fresh[i] = random_normal(random) + step * known->shift;
        sum += fresh[i];
    }
    for (size_t part = 1; part <= known->newest; part++) {
        double later = (double)part - 1, w = known->carried;
        double weights = 1 + later * w, squares = 1 + later * w * w;
        double value = fresh[RUNS - part] + w * newer - weights * sum / n;
        newer += fresh[RUNS - part];
        if (part >= STEP_LEAST)
            most = fmax(most, value / sqrt(squares - weights * weights / n));
    }
    return most;
}

/* What could be found at best of a step of one cell: the deviation and the persistence of its
 * normal noise are known, and it is held against one threshold, which all cells together pass by
 * chance with probability alpha. NaN where the noise is another. */
static double optimum(const struct scenario *scenario)
{
    struct watch_options options = watch_options_suspicious();
    double persistence = scenario->noise == CORRELATED ? 0.5 : 0;
    double *drawn = calloc(DRAWS, sizeof *drawn), found = 0;
    struct random random;

    if (drawn == NULL || scenario->target != CELL || scenario->factor < 1 ||
        (scenario->noise != INDEPENDENT && scenario->noise != CORRELATED)) {
        free(drawn);
        return (double)NAN;
    }
    struct known known = {1 - persistence, 0, scenario->after, options.newest};
    random_seed(&random, 1);
    for (size_t d = 0; d < DRAWS; d++)
        drawn[d] = largest(&known, &random);
    stats_sort(drawn, DRAWS);
    double threshold = stats_quantile(drawn, DRAWS, 1 - options.alpha / (double)large.cells);
    known.shift = log(scenario->factor) / scenario->spread / sqrt(1 - persistence * persistence);
    for (size_t d = 0; d < STEPS_DRAWN; d++)
        found += largest(&known, &random) >= threshold;
    free(drawn);
    return found / (double)STEPS_DRAWN;
}

static int put_of_few(const struct scenario *scenario, const struct share shares[SHARES_MAX])
{
    printf("| %s %+.0f %% | %s | %.0f %% | %zu |", target_names[scenario->target],
           100 * (scenario->factor - 1), noise_names[scenario->noise], 100 * scenario->spread,
           scenario->after);
    for (enum what w = FOUND; w <= WRONG; w++)
        share_put(&shares[w]);
    return scenario->least > 0 && share_interval(&shares[FOUND]).high < scenario->least;
}

static int put(const struct scenario *scenario, const struct share shares[SHARES_MAX])
{
    int missed = put_of_few(scenario, shares);
    double best = optimum(scenario);

    if (isnan(best))
        printf(" - |");
    else
        printf(" %.1f |", 100 * best);
    return missed;
}

#define HEAD(changed, best)                                                                        \
    "| what changed" changed                                                                       \
    " | noise | spread | runs since | found, % | of these within 2 "                               \
    "runs, % | interval covers, % | another row wrongly named, % |" best "\n"

const struct study step_study = {
    .head =
        HEAD("", " at best found, % |") "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    .shape = &large,
    .scenarios = scenarios,
    .count = sizeof scenarios / sizeof scenarios[0],
    .histories = 3,
    .look = look,
    .put = put};
const struct study dozen_study = {
    .head =
        HEAD(" in a history of 12 runs", "") "| --- | --- | --- | --- | --- | --- | --- | --- |\n",
    .shape = &large,
    .scenarios = of_dozen,
    .count = sizeof of_dozen / sizeof of_dozen[0],
    .histories = 3,
    .runs = 12,
    .look = look,
    .put = put_of_few};
const struct study twenty_study = {
    .head =
        HEAD(" in a history of 20 runs", "") "| --- | --- | --- | --- | --- | --- | --- | --- |\n",
    .shape = &large,
    .scenarios = of_twenty,
    .count = sizeof of_twenty / sizeof of_twenty[0],
    .histories = 3,
    .runs = 20,
    .look = look,
    .put = put_of_few};
