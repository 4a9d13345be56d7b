/* SPDX-License-Identifier: Apache-2.0 */
/* A check after every run: how many alarms open, what is left of them where an A/B comparison has
 * the last word, and how late is a slow-down found? */
#include "changes_power.h"

#include "src/comparison/comparison.h"

#include <stdio.h>

enum { CHECKS = 200, BEFORE = 40, AFTER = 10, ALL_RUNS = BEFORE + CHECKS, ROUNDS = 20 };
/* Enough for an alpha of 0.9 %, and a fifth of the time. */
enum { SUSPICIOUS_DRAWS = 3999 };
enum what { HISTORY, OPENED, ASKED, CONFIRMED_HISTORY, CONFIRMED, FOUND, FOUND_CONFIRMED, WHATS };
enum way { ALONE, ASKING, WAYS };

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
static const struct scenario recorded[] = {
    {.noise = RECORDED},
    {RECORDED, 0, CELL, 1.10, AFTER, 0},
    {RECORDED, 0, WRITER, 1.05, AFTER, 0},
};

/* What an A/B comparison of the builds before and after says, which is asked at once: pairs of
 * processes, neighbours in time, of which chance says who is the new build. The machine goes on as
 * it did; of recorded runs any stretch of them is taken. One value a process. */
static int confirm(const struct trial *trial, size_t place, int *slower)
{
    enum { PROCESSES = 2 * ROUNDS };
    static const double *value[PROCESSES * ALL_CELLS_MOST];
    static size_t count[PROCESSES * ALL_CELLS_MOST];
    const struct history *history = trial->history;
    struct comparison_options options = comparison_options_default();
    struct comparison_table table;
    struct samples samples = {.processes = PROCESSES,
                              .cells = history->cells,
                              .groups = history->writers,
                              .group = history->group,
                              .value = value,
                              .count = count,
                              .rounds = ROUNDS};
    struct history pairs;
    int error = history_continue(history, PROCESSES, trial, &pairs);

    for (size_t p = 0, exchanged = 0; error == 0 && p < PROCESSES; p++) {
        exchanged = p % 2 == 0 ? random_below(trial->random, 2) : exchanged;
        size_t slot = p ^ exchanged;
        for (size_t c = 0; c < history->cells; c++) {
            double *time = &pairs.time_ns[c * PROCESSES + p];
            if (slot % 2 == 1 && history_is_changed(history, trial->scenario->target, place, c))
                *time *= trial->scenario->factor;
            value[slot * history->cells + c] = time;
            count[slot * history->cells + c] = 1;
        }
    }
    options.seed = trial->seed + trial->number;
    options.draws = 1999;
    *slower = 0;
    error = error != 0 ? error : compare_samples(&samples, &options, &table);
    for (size_t r = 0; error == 0 && r < table.count; r++)
        *slower |= table.rows[r].finding.change == CHANGE_SLOWER;
    if (error == 0)
        comparison_table_free(&table);
    history_drop(&pairs);
    return error;
}

static int check(const struct trial *trial, size_t runs, enum way way, struct watch_result *watched)
{
    struct watch_options options =
        way == ASKING ? watch_options_suspicious() : watch_options_default();
    struct watch_series series = history_until(trial->history, runs);

    if (way == ALONE)
        watch_options_share(&options, runs);
    else
        options.draws = SUSPICIOUS_DRAWS;
    options.without_limits = 1;
    options.seed = trial->seed + 1000 * trial->number + runs;
    return watch_newest(&series, &options, watched);
}

/* An alarm counts when it opens. Whatever is suspected is asked about after every run. */
static int count_alarms(const struct trial *trial, enum way way)
{
    size_t opened = 0, asked = 0, first = trial->scenario->noise == RECORDED ? LEAST : BEFORE + 1;
    size_t checks = trial->history->runs - first + 1;
    int before = 0;

    for (size_t runs = first; runs <= trial->history->runs; runs++) {
        struct watch_result watched;
        int error = check(trial, runs, way, &watched), is_alarm = error == 0 && watched.slower > 0;
        if (error == 0)
            watch_result_free(&watched);
        asked += (size_t)is_alarm;
        if (is_alarm && way == ASKING)
            error = confirm(trial, 0, &is_alarm);
        if (error != 0)
            return error;
        opened += is_alarm && !before;
        before = is_alarm;
    }
    share_add(&trial->shares[way == ALONE ? HISTORY : CONFIRMED_HISTORY], opened > 0, 1);
    share_add(&trial->shares[way == ALONE ? OPENED : CONFIRMED], opened, checks);
    if (way == ASKING)
        share_add(&trial->shares[ASKED], asked, checks);
    return 0;
}

/* After which of the AFTER runs since the step is it found? */
static int find(const struct trial *trial, enum way way, size_t place, size_t from)
{
    const struct scenario *scenario = trial->scenario;
    int found = 0;

    for (size_t runs = from + STEP_LEAST; !found && runs <= from + scenario->after; runs++) {
        struct watch_result watched;
        int error = check(trial, runs, way, &watched);
        if (error != 0)
            return error;
        found = history_row(&watched, scenario->target, place)->finding.change == CHANGE_SLOWER;
        watch_result_free(&watched);
        if (found && way == ASKING)
            error = confirm(trial, place, &found);
        if (error != 0)
            return error;
    }
    share_add(&trial->shares[way == ALONE ? FOUND : FOUND_CONFIRMED], (size_t)found, 1);
    return 0;
}

static int look(const struct trial *trial)
{
    struct history *history = trial->history;
    enum target target = trial->scenario->target;
    int is_recorded = trial->scenario->noise == RECORDED, error = 0;
    size_t place = random_below(trial->random, target == CELL ? history->cells : history->writers);
    size_t half = history->runs / 2;
    size_t from = is_recorded ? half + random_below(trial->random, half - AFTER + 1) : RUNS;

    history_draw(history, trial->scenario->noise, trial->scenario->spread, trial->random);
    if (target != NOTHING)
        history_slow(history, target, place, from, trial->scenario->factor);
    for (enum way way = ALONE; error == 0 && way < WAYS; way++)
        error = target == NOTHING ? count_alarms(trial, way) : find(trial, way, place, from);
    return error;
}

/* Noise that keeps its level may give an alarm in few histories; other noise is a change of a kind.
 */
static int put(const struct scenario *scenario, const struct share shares[SHARES_MAX])
{
    int is_level = scenario->noise < SLOW_MODE, is_null = scenario->target == NOTHING;

    printf("| %s%s | %s |", is_null ? "nothing" : target_names[scenario->target],
           scenario->target == CELL     ? " +10 %"
           : scenario->target == WRITER ? " +5 %"
                                        : "",
           noise_names[scenario->noise]);
    for (int w = HISTORY; w < WHATS; w++)
        share_put(&shares[w]);
    if (!is_null)
        return share_interval(&shares[FOUND]).high < scenario->least;
    return is_level ? share_interval(&shares[HISTORY]).low > HISTORIES_MOST
                    : share_interval(&shares[OPENED]).low > OPENED_MOST;
}

#define HEAD                                                                                       \
    "| what became slower | noise | histories with an alarm, % | checks that open one, % | "       \
    "--confirm: checks that ask, % | histories with a confirmed one, % | checks that open it, % "  \
    "| found within 10 runs, % | and confirmed, % |\n"                                             \
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"

const struct study alarm_study = {.head = HEAD,
                                  .shape = &small,
                                  .scenarios = scenarios,
                                  .count = sizeof scenarios / sizeof scenarios[0],
                                  .histories = 1,
                                  .runs = ALL_RUNS,
                                  .is_long = 1,
                                  .look = look,
                                  .put = put};
const struct study recorded_study = {.head = HEAD,
                                     .scenarios = recorded,
                                     .count = sizeof recorded / sizeof recorded[0],
                                     .histories = 1,
                                     .look = look,
                                     .put = put};
