/* SPDX-License-Identifier: Apache-2.0 */
/* A slow-down as large as a check says it would see in four of five cases: is it seen so often? */
#include "changes_power.h"

#include <math.h>
#include <stdio.h>

enum what { NEVER, FOUND, ANYTHING, WHATS };

#define LEAST 0.75
#define MOST 0.85

/* Without a target where the persistence that is estimated differs from history to history: there
 * it is not reached. */
#define OF_ALL_TARGETS(noise, least)                                                               \
    {noise, 0.03, CELL, 1, STEP_SEEN, least}, {noise, 0.03, WRITER, 1, STEP_SEEN, least},          \
    {                                                                                              \
        noise, 0.03, EVERYTHING, 1, STEP_SEEN, least                                               \
    }

static const struct scenario scenarios[] = {
    OF_ALL_TARGETS(INDEPENDENT, LEAST), OF_ALL_TARGETS(HEAVY, LEAST), OF_ALL_TARGETS(CORRELATED, 0),
    OF_ALL_TARGETS(COMMON, 0)};

static int check(const struct trial *trial, int without_limits, struct watch_result *watched)
{
    struct watch_options options = watch_options_default();
    struct watch_series series = history_until(trial->history, RUNS);

    options.without_limits = without_limits;
    options.seed = trial->seed + trial->number;
    return watch_newest(&series, &options, watched);
}

static int look(const struct trial *trial)
{
    const struct scenario *scenario = trial->scenario;
    struct watch_result watched;
    size_t place = random_below(trial->random, scenario->target == CELL ? trial->history->cells
                                                                        : trial->history->writers);

    history_draw(trial->history, scenario->noise, scenario->spread, trial->random);
    int error = check(trial, 0, &watched);
    if (error != 0)
        return error;
    double visible = history_row(&watched, scenario->target, place)->finding.visible;
    watch_result_free(&watched);
    share_add(&trial->shares[NEVER], (size_t)!isfinite(visible), 1);
    if (!isfinite(visible))
        return 0;
    history_slow(trial->history, scenario->target, place, RUNS - scenario->after, 1 + visible);
    error = check(trial, 1, &watched);
    if (error != 0)
        return error;
    share_add(&trial->shares[FOUND],
              history_row(&watched, scenario->target, place)->finding.change == CHANGE_SLOWER, 1);
    share_add(&trial->shares[ANYTHING], watched.slower > 0, 1);
    trial->shares[WHATS].sum += visible;
    trial->shares[WHATS].histories++;
    watch_result_free(&watched);
    return 0;
}

static int put(const struct scenario *scenario, const struct share shares[SHARES_MAX])
{
    printf("| %s | %s | %.0f %% | %.1f |", target_names[scenario->target],
           noise_names[scenario->noise], 100 * scenario->spread,
           100 * shares[WHATS].sum / shares[WHATS].histories);
    for (size_t w = 0; w < WHATS; w++)
        share_put(&shares[w]);
    return share_interval(&shares[FOUND]).high < scenario->least ||
           (scenario->least > 0 && share_interval(&shares[FOUND]).low > MOST);
}

const struct study limit_study = {.head =
                                      "| what became slower by its limit | noise | spread | the "
                                      "limit, %, mean | none is told, % | it is "
                                      "found, % | anything is called slower, % |\n"
                                      "| --- | --- | --- | --- | --- | --- | --- |\n",
                                  .shape = &small,
                                  .scenarios = scenarios,
                                  .count = sizeof scenarios / sizeof scenarios[0],
                                  .histories = 4,
                                  .look = look,
                                  .put = put};
