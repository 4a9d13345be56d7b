/* SPDX-License-Identifier: Apache-2.0 */
/* Something became slower: is it found, and where? */
#include "changes_power.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const target_names[] = {
    [CELL] = "a cell", [WRITER] = "a writer", [EVERYTHING] = "everything"};

struct power {
    struct share found, placed, covered, other;
};

void step_head(void)
{
    printf(
        "| what changed | noise | spread | runs since | found, %% | at best, %% | of these "
        "within 2 runs, %% | interval covers, %% | another cell called slower, %% |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
}

static int is_hit(const struct step_scenario *scenario, const struct watch_row *row, size_t place)
{
    if (row->finding.change != (scenario->factor > 1 ? CHANGE_SLOWER : CHANGE_FASTER))
        return 0;
    if (scenario->target == EVERYTHING)
        return row->finding.kind == ROW_ALL;
    return row->finding.kind == (scenario->target == WRITER ? ROW_WRITER : ROW_CELL) &&
           row->finding.index == place;
}

static int is_changed(const struct step_scenario *scenario, size_t cell, size_t place)
{
    return cell < CELLS && (scenario->target == EVERYTHING ||
                            (scenario->target == WRITER ? cell % WRITERS : cell) == place);
}

static void count_hits(const struct step_scenario *scenario, const struct watch_result *watched,
                       size_t place, struct power *power)
{
    size_t truly = RUNS - scenario->after, found = 0, other = 0;

    for (size_t r = 0; r < watched->count; r++) {
        const struct watch_row *row = &watched->rows[r];
        size_t off = row->since > truly ? row->since - truly : truly - row->since;
        if (is_hit(scenario, row, place)) {
            found = 1;
            share_add(&power->placed, off <= 2, 1);
            share_add(&power->covered,
                      row->finding.ratio.low <= scenario->factor &&
                          scenario->factor <= row->finding.ratio.high,
                      1);
        }
        other |= row->finding.change == CHANGE_SLOWER && row->finding.kind == ROW_CELL &&
                 !is_changed(scenario, row->finding.index, place);
    }
    share_add(&power->found, found, 1);
    share_add(&power->other, other, 1);
}

static int try_one(const struct step_scenario *scenario, struct history *history, double *room,
                   uint64_t seed, struct random *random, struct power *power)
{
    struct watch_options options = watch_options_default();
    struct watch_result watched;
    size_t place = random_below(random, scenario->target == CELL ? CELLS : WRITERS);

    history_draw(history, scenario->noise, scenario->spread, random);
    for (size_t c = 0; c < CELLS; c++)
        for (size_t i = RUNS - scenario->after; i < RUNS && is_changed(scenario, c, place); i++)
            history->time_ns[c * RUNS + i] *= scenario->factor;
    struct watch_series series = history_until(history, RUNS, room);
    options.seed = seed;
    int error = watch_newest(&series, &options, &watched);
    if (error != 0)
        return error;
    count_hits(scenario, &watched, place, power);
    watch_result_free(&watched);
    return 0;
}

static void put_row(const struct step_scenario *scenario, const struct power *power)
{
    double best = optimum(scenario);

    printf("| %s %+.0f %% | %s | %.0f %% | %zu |", target_names[scenario->target],
           100 * (scenario->factor - 1), noise_names[scenario->noise], 100 * scenario->spread,
           scenario->after);
    share_put(&power->found);
    if (isnan(best))
        printf(" - |");
    else
        printf(" %.1f |", 100 * best);
    share_put(&power->placed);
    share_put(&power->covered);
    share_put(&power->other);
    putchar('\n');
    fflush(stdout);
}

int step_put(const struct step_scenario *scenario, size_t histories, uint64_t seed, int *missed)
{
    struct history history;
    struct random random;
    struct power power;
    double *room = calloc((size_t)ALL_CELLS * RUNS, sizeof *room);
    int error = history_make(&history, RUNS);

    if (room == NULL)
        error = -ENOMEM;
    memset(&power, 0, sizeof power);
    random_seed(&random, seed);
    for (size_t h = 0; error == 0 && h < histories; h++)
        error = try_one(scenario, &history, room, seed + h, &random, &power);
    if (error == 0) {
        put_row(scenario, &power);
        *missed += share_interval(&power.found).high < scenario->least;
    }
    history_drop(&history);
    free(room);
    return error;
}
