/* SPDX-License-Identifier: Apache-2.0 */
/* A check after every run: how many alarms open, and how late is a slow-down found? */
#include "changes_power.h"

#include <stdio.h>

enum { CHECKS = 200, BEFORE = 40, AFTER = 10, ALL_RUNS = BEFORE + CHECKS };
enum what { HISTORY, OPENED, FOUND };

/* At most so many of the histories have an alarm in all of their checks, or so many checks open
 * one. */
#define HISTORIES_MOST 0.05
#define OPENED_MOST 0.03
#define FOUND_LEAST 0.90

static const struct scenario scenarios[] = {
    {.noise = INDEPENDENT, .spread = 0.03},
    {.noise = HEAVY, .spread = 0.03},
    {.noise = CORRELATED, .spread = 0.03},
    {.noise = SLOW_MODE, .spread = 0.03},
    {.noise = BURSTS, .spread = 0.03},
    {.noise = COMMON_WALK, .spread = 0.03},
    {.noise = OWN_WALK, .spread = 0.03},
    {INDEPENDENT, 0.03, CELL, 1.10, AFTER, FOUND_LEAST},
    {CORRELATED, 0.03, CELL, 1.10, AFTER, 0},
    {INDEPENDENT, 0.03, WRITER, 1.05, AFTER, FOUND_LEAST},
    {CORRELATED, 0.03, WRITER, 1.05, AFTER, 0},
};

static int check(const struct trial *trial, size_t runs, struct watch_result *watched)
{
    struct watch_options options = watch_options_default();
    struct watch_series series = history_until(trial->history, runs);

    watch_options_share(&options, runs);
    options.without_limits = 1;
    options.seed = trial->seed + 1000 * trial->number + runs;
    return watch_newest(&series, &options, watched);
}

/* An alarm counts when it opens. */
static int count_alarms(const struct trial *trial)
{
    size_t opened = 0;
    int before = 0;

    for (size_t runs = BEFORE + 1; runs <= ALL_RUNS; runs++) {
        struct watch_result watched;
        int error = check(trial, runs, &watched);
        if (error != 0)
            return error;
        opened += watched.slower > 0 && !before;
        before = watched.slower > 0;
        watch_result_free(&watched);
    }
    share_add(&trial->shares[HISTORY], opened > 0, 1);
    share_add(&trial->shares[OPENED], opened, CHECKS);
    return 0;
}

static int find(const struct trial *trial)
{
    const struct scenario *scenario = trial->scenario;
    size_t place = random_below(trial->random, scenario->target == CELL ? trial->history->cells
                                                                        : trial->history->writers);
    int found = 0;

    history_slow(trial->history, scenario->target, place, RUNS, scenario->factor);
    for (size_t runs = RUNS + STEP_LEAST; !found && runs <= RUNS + scenario->after; runs++) {
        struct watch_result watched;
        int error = check(trial, runs, &watched);
        if (error != 0)
            return error;
        found = history_row(&watched, scenario->target, place)->finding.change == CHANGE_SLOWER;
        watch_result_free(&watched);
    }
    share_add(&trial->shares[FOUND], (size_t)found, 1);
    return 0;
}

static int look(const struct trial *trial)
{
    history_draw(trial->history, trial->scenario->noise, trial->scenario->spread, trial->random);
    return trial->scenario->target == NOTHING ? count_alarms(trial) : find(trial);
}

/* Noise that keeps its level may give an alarm in few histories; other noise is a change of a kind.
 */
static int put(const struct scenario *scenario, const struct share shares[SHARES_MAX])
{
    int is_level = scenario->noise < SLOW_MODE, is_null = scenario->target == NOTHING;

    printf("| %s%s | %s | %.0f %% |", is_null ? "nothing" : target_names[scenario->target],
           scenario->target == CELL     ? " +10 %"
           : scenario->target == WRITER ? " +5 %"
                                        : "",
           noise_names[scenario->noise], 100 * scenario->spread);
    for (int w = HISTORY; w <= FOUND; w++)
        share_put(&shares[w]);
    if (!is_null)
        return share_interval(&shares[FOUND]).high < scenario->least;
    return is_level ? share_interval(&shares[HISTORY]).low > HISTORIES_MOST
                    : share_interval(&shares[OPENED]).low > OPENED_MOST;
}

const struct study alarm_study = {
    .head =
        "| what became slower | noise | spread | histories with an alarm in 200 checks, % | "
        "checks that open one, % | found within 10 runs, % |\n"
        "| --- | --- | --- | --- | --- | --- |\n",
    .shape = &small,
    .scenarios = scenarios,
    .count = sizeof scenarios / sizeof scenarios[0],
    .histories = 1,
    .runs = ALL_RUNS,
    .is_long = 1,
    .look = look,
    .put = put};
