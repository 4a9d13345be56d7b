/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing changed: how often is something found? */
#include "changes_power.h"
#include "src/changepoint/level.h"

#include <stdio.h>

/* Looks at one history, so many runs apart: neighbouring ones tell nearly the same. */
enum { FIRST_LOOK = 12, APART = 8 };
#define TARGET 0.01

enum what { SERIES, SLOWER, ALARM, ANYTHING, WHATS };

static const struct scenario scenarios[] = {
    {.noise = INDEPENDENT, .spread = 0.03}, {.noise = INDEPENDENT, .spread = 0.10},
    {.noise = HEAVY, .spread = 0.03},       {.noise = HEAVY, .spread = 0.10},
    {.noise = CORRELATED, .spread = 0.03},  {.noise = CORRELATED, .spread = 0.10},
    {.noise = COMMON, .spread = 0.03},      {.noise = COMMON, .spread = 0.10},
    {.noise = MIXED, .spread = 0.03},
};

static int count_series(const struct history *history, uint64_t seed, struct share *share)
{
    double persistence[ALL_CELLS_MOST];
    size_t columns = history_columns(history);
    struct step_options options = step_options_default();
    size_t wrong = 0;

    int error = level_persistence(history->log_time, history->runs, columns, persistence);
    for (size_t c = 0; error == 0 && c < columns; c++) {
        struct steps found;
        options.persistence = persistence[c];
        options.seed = seed + c;
        error =
            steps_of_series(&history->log_time[c * history->runs], history->runs, &options, &found);
        if (error == 0) {
            wrong += found.count > 0;
            steps_free(&found);
        }
    }
    share_add(share, wrong, columns);
    return error;
}

static int count_looks(const struct trial *trial, uint64_t seed)
{
    struct watch_options options = watch_options_suspicious();
    size_t hits[WHATS] = {0}, looks = 0;

    for (size_t runs = FIRST_LOOK + trial->number % APART; runs <= RUNS; runs += APART) {
        struct watch_series series = history_until(trial->history, runs);
        struct watch_result watched;
        options.without_limits = 1;
        options.seed = seed + runs;
        int error = watch_newest(&series, &options, &watched);
        if (error != 0)
            return error;
        size_t is_alarm = watched.slower > 0 || watched.apart > 0 || watched.controls > 0;
        looks++;
        hits[SLOWER] += watched.slower > 0;
        hits[ALARM] += is_alarm;
        hits[ANYTHING] += is_alarm || watched.faster > 0;
        watch_result_free(&watched);
    }
    for (size_t w = SLOWER; w < WHATS; w++)
        share_add(&trial->shares[w], hits[w], looks);
    return 0;
}

static int look(const struct trial *trial)
{
    uint64_t seed = trial->seed + 1000 * trial->number;
    int error;

    history_draw(trial->history, trial->scenario->noise, trial->scenario->spread, trial->random);
    error = count_series(trial->history, seed, &trial->shares[SERIES]);
    return error != 0 ? error : count_looks(trial, seed);
}

static int put(const struct scenario *scenario, const struct share shares[SHARES_MAX])
{
    printf("| %s | %.0f %% |", noise_names[scenario->noise], 100 * scenario->spread);
    for (size_t w = 0; w < WHATS; w++)
        share_put(&shares[w]);
    return share_interval(&shares[SERIES]).low > TARGET ||
           share_interval(&shares[ALARM]).low > TARGET;
}

const struct study null_study = {
    .head =
        "| noise, nothing changed | spread | series with a false step, % | looks: slower, % | "
        "slower, apart or a control moved, % | anything, faster included, % |\n"
        "| --- | --- | --- | --- | --- | --- |\n",
    .shape = &large,
    .scenarios = scenarios,
    .count = sizeof scenarios / sizeof scenarios[0],
    .histories = 1,
    .look = look,
    .put = put};
