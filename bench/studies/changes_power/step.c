/* SPDX-License-Identifier: Apache-2.0 */
/* Something became slower: is it found, and where? */
#include "changes_power.h"

#include <math.h>
#include <stdio.h>

static const char *const target_names[] = {
    [CELL] = "a cell", [WRITER] = "a writer", [EVERYTHING] = "everything"};

enum what { FOUND, PLACED, COVERED, OTHER };

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
};

static int is_hit(const struct scenario *scenario, const struct watch_row *row, size_t place)
{
    if (row->finding.change != (scenario->factor > 1 ? CHANGE_SLOWER : CHANGE_FASTER))
        return 0;
    if (scenario->target == EVERYTHING)
        return row->finding.kind == ROW_ALL;
    return row->finding.kind == (scenario->target == WRITER ? ROW_WRITER : ROW_CELL) &&
           row->finding.index == place;
}

static int is_changed(const struct scenario *scenario, size_t cell, size_t place)
{
    return cell < CELLS && (scenario->target == EVERYTHING ||
                            (scenario->target == WRITER ? cell % WRITERS : cell) == place);
}

static void count_hits(const struct trial *trial, const struct watch_result *watched, size_t place)
{
    const struct scenario *scenario = trial->scenario;
    size_t truly = RUNS - scenario->after, found = 0, other = 0;

    for (size_t r = 0; r < watched->count; r++) {
        const struct watch_row *row = &watched->rows[r];
        size_t off = row->since > truly ? row->since - truly : truly - row->since;
        if (is_hit(scenario, row, place)) {
            found = 1;
            share_add(&trial->shares[PLACED], off <= 2, 1);
            share_add(&trial->shares[COVERED],
                      row->finding.ratio.low <= scenario->factor &&
                          scenario->factor <= row->finding.ratio.high,
                      1);
        }
        other |= row->finding.change == CHANGE_SLOWER && row->finding.kind == ROW_CELL &&
                 !is_changed(scenario, row->finding.index, place);
    }
    share_add(&trial->shares[FOUND], found, 1);
    share_add(&trial->shares[OTHER], other, 1);
}

static int look(const struct trial *trial)
{
    const struct scenario *scenario = trial->scenario;
    struct watch_options options = watch_options_default();
    struct watch_result watched;
    size_t place = random_below(trial->random, scenario->target == CELL ? CELLS : WRITERS);

    history_draw(trial->history, scenario->noise, scenario->spread, trial->random);
    for (size_t c = 0; c < CELLS; c++)
        for (size_t i = RUNS - scenario->after; i < RUNS && is_changed(scenario, c, place); i++)
            trial->history->time_ns[c * RUNS + i] *= scenario->factor;
    struct watch_series series = history_until(trial->history, RUNS);
    options.seed = trial->seed + trial->number;
    int error = watch_newest(&series, &options, &watched);
    if (error != 0)
        return error;
    count_hits(trial, &watched, place);
    watch_result_free(&watched);
    return 0;
}

static int put(const struct scenario *scenario, const struct share shares[SHARES_MAX])
{
    double best = optimum(scenario);

    printf("| %s %+.0f %% | %s | %.0f %% | %zu |", target_names[scenario->target],
           100 * (scenario->factor - 1), noise_names[scenario->noise], 100 * scenario->spread,
           scenario->after);
    share_put(&shares[FOUND]);
    if (isnan(best))
        printf(" - |");
    else
        printf(" %.1f |", 100 * best);
    share_put(&shares[PLACED]);
    share_put(&shares[COVERED]);
    share_put(&shares[OTHER]);
    return share_interval(&shares[FOUND]).high < scenario->least;
}

const struct study step_study = {
    .head =
        "| what changed | noise | spread | runs since | found, % | at best, % | of these "
        "within 2 runs, % | interval covers, % | another cell called slower, % |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    .scenarios = scenarios,
    .count = sizeof scenarios / sizeof scenarios[0],
    .histories = 3,
    .look = look,
    .put = put};
